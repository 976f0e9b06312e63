import { createConnection } from 'node:net'
import type { Options, Part, Section } from '../report.ts'
import { databases } from '../service/databases.ts'
import { callbacks, type Measured } from '../service/load.ts'
import { startService } from '../service/process.ts'
import { median, range } from '../statistics.ts'

export const processes: Part = { name: 'processes', run }

const connections = 50
const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'

async function run ({ quick }: Options): Promise<Section> {
  const text = [
    'The same load on one and on two processes of the service, with one PostgreSQL and one Redis, in turns. If the load generator, PostgreSQL, Redis and both processes share two cores, throughput cannot double. But the CPU for a callback can be measured. If it is the same with two processes, then two processes with a core each do twice the work, until the store is the limit. "Capacity" is twice the CPU of one process for a callback, divided by that of two.'
  ]
  const found = (await databases()).filter(({ kind }) => kind === 'postgres')
  const [database] = found
  if (database === undefined || !await answers(redisUrl)) {
    return {
      title: 'Two processes',
      text: [...text, 'PostgreSQL or Redis did not answer: not measured.'],
      tables: []
    }
  }
  const env = { REDIS_URL: redisUrl }
  const services = [
    await startService(database.url, { env }),
    await startService(database.url, { env })
  ]
  try {
    const [requests, rounds] = quick ? [500, 2] : [2000, 5]
    const one = services.slice(0, 1)
    await callbacks(services, 2 * requests, connections)
    const measured: Array<{ one: Measured, two: Measured }> = []
    for (let round = 0; round < rounds; round++) {
      measured.push({
        one: await callbacks(one, requests, connections),
        two: await callbacks(services, requests, connections)
      })
    }
    const micro = (which: 'one' | 'two'): number[] =>
      measured.map(round => 1e6 * round[which].serviceCpuSeconds / requests)
    const rates = (which: 'one' | 'two'): number[] => measured.map(round => round[which].rate)
    const throughput = measured.map(({ one, two }) => two.rate / one.rate)
    const capacity = measured.map(({ one, two }) =>
      2 * one.serviceCpuSeconds / two.serviceCpuSeconds
    )
    const busy = measured.map(({ two }) => two.serviceCpuSeconds / (requests / two.rate))
    return {
      title: 'Two processes',
      text,
      tables: [{
        head: ['', 'one process', 'two processes', 'two to one'],
        rows: [
          ['callbacks a second', range(rates('one')), range(rates('two')), range(throughput, 2)],
          ['CPU of the service for a callback, µs', range(micro('one')), range(micro('two')), ''],
          ['capacity with a core a process', '1', range(capacity, 2), range(capacity, 2)],
          ['cores that the processes got', '', range(busy, 2), '']
        ]
      }],
      goals: [
        {
          work: 'two processes to one, throughput on this machine',
          goal: '≥ 1.7 ×',
          measured: `${median(throughput).toFixed(2)} ×`,
          met: median(throughput) >= 1.7,
          bound:
            `Two cores carry the load generator, PostgreSQL and Redis as well: the two processes together got ${
              median(busy).toFixed(2)
            } of them.`
        },
        {
          work: 'two processes to one, capacity by the CPU that a callback costs',
          goal: '≥ 1.7 ×',
          measured: `${median(capacity).toFixed(2)} ×`,
          met: median(capacity) >= 1.7,
          bound:
            'With two, fewer callbacks arrive together in one process, and so fewer share a commit and its statements.'
        }
      ]
    }
  } finally {
    for (const service of services) await service.stop()
    await database.drop()
  }
}

async function answers (url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return await new Promise(resolve => {
    const socket = createConnection({ host: hostname, port: Number(port), timeout: 1000 })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => resolve(false)).once('timeout', () => {
      socket.destroy()
      resolve(false)
    })
  })
}
