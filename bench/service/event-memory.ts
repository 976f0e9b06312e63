import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { integrationService } from '../../examples/integration-service/app.ts'
import { loadConfig } from '../../examples/integration-service/config.ts'
import { seedDemo } from '../../examples/integration-service/store/seed.ts'
import { signIn } from './desk-streams.ts'
import { secrets } from './process.ts'

/** Events in one commit. */
const commitSize = 50

/**
 * Megabytes of heap that are left after a collection, each time so many events have reached every
 * desk. The service runs in this process, the desks in a thread of their own.
 */
export async function measureHeaps (
  databaseUrl: string,
  moments: readonly number[],
  desks: number
): Promise<number[]> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('start Node.js with --expose-gc')
  const app = await integrationService(loadConfig({
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: 'silent',
    CONTIPLE_KEY: secrets['CONTIPLE_KEY']
  }))
  await seedDemo(app.store)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const worker = new Worker(new URL('desk-worker.js', import.meta.url), {
    workerData: { url, cookie: await signIn(url), desks }
  })
  try {
    await once(worker, 'message')
    const heaps: number[] = []
    let published = 0
    for (const moment of moments) {
      while (published < moment) {
        await app.store.commit(async ({ publish }) => {
          for (let index = 0; index < commitSize; index++) {
            publish('call.ringing', event(published++))
          }
        })
        // The desks must not fall behind: what they have not read would count.
        if (published % 2000 === 0) await waitForDesks(published)
      }
      await waitForDesks(published)
      gc()
      await sleep(50)
      gc()
      heaps.push(process.memoryUsage().heapUsed / 1e6)
    }
    return heaps
  } finally {
    worker.postMessage('stop')
    await app.close()
  }

  async function waitForDesks (events: number): Promise<void> {
    for (let waited = 0;; waited += 10) {
      worker.postMessage('count')
      const [eventCount] = await once(worker, 'message') as [number]
      if (eventCount >= events * desks) return
      if (waited > 60_000) throw new Error(`${eventCount} of ${events * desks} events were told`)
      await sleep(10)
    }
  }
}

function event (index: number) {
  return {
    callSerialNo: `in-${index}`,
    agentId: null,
    direction: 'inbound',
    state: 'ringing',
    releaseReason: null,
    closed: null,
    customerNumber: `+8210${30_000_000 + index % 50_000}`,
    createdAt: Date.now(),
    connectedAt: null
  }
}
