// Desks in a thread of their own, so that the heap of the service's is the service's alone.
import { parentPort, workerData } from 'node:worker_threads'
import { followEvents } from './desk-streams.ts'

const { url, cookie, desks } = workerData as { url: string, cookie: string, desks: number }
let eventCount = 0
const stop = await followEvents(url, cookie, desks, () => {
  eventCount++
})
parentPort?.on('message', (message: 'count' | 'stop') => {
  if (message === 'count') parentPort?.postMessage(eventCount)
  else {
    stop()
    parentPort?.close()
  }
})
parentPort?.postMessage('following')
