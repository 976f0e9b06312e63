import { createConnection } from 'node:net'
import { paragraph, type Options, type Part, type Section } from '../report.ts'
import { databases } from '../service/databases.ts'
import { postCallbacks, type Measured } from '../service/load.ts'
import { type Service, startService } from '../service/process.ts'
import { median, range } from '../statistics.ts'

export const processes: Part = { name: 'processes', run }

const connections = 50
/** Two processes, with the connections of one each, or shared between them. */
type Two = 'two' | 'shared'
const loads = ['one', 'two', 'shared'] as const
type Load = 'one' | Two | 'apart' | 'bareOne' | 'bareTwo' | 'bareShared'
type Round = Record<Load, Measured>
const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'

async function run ({ quick }: Options): Promise<Section> {
  const text = [
    paragraph(
      'One and two processes of the service take turns, with one PostgreSQL and one Redis.',
      'The load generator, PostgreSQL, Redis and both processes may share two cores.',
      'Then throughput cannot double, but the CPU for a callback can be measured.',
      'If it stays the same, two processes with a core each do twice the work.',
      'The store is the limit.',
      '"Capacity" is twice the CPU of one process for a callback, divided by that of two.'
    ),
    paragraph(
      `A process at its capacity has as many callbacks in hand as a single one: ${connections} connections.`,
      'In the last column, two processes share the connections of one.',
      'Fewer callbacks then share a commit and its statements, so each costs more.'
    ),
    paragraph(
      'Two processes that share nothing have a database each, and so wait for no lock of the other.',
      'What they lack is what this machine takes: caches, cores and the load generator are the same.'
    )
  ]
  const postgresDatabases = (await databases()).filter(({ kind }) => kind === 'postgres')
  const [database] = postgresDatabases
  if (database === undefined || !await isReachable(redisUrl)) {
    return {
      title: 'Two processes',
      text: [...text, 'PostgreSQL or Redis did not answer: not measured.'],
      tables: []
    }
  }
  const env = { REDIS_URL: redisUrl }
  const services = await startPair(async () => await startService(database.url, { env }))
  const apartUrls = [await database.another(), await database.another()]
  const apart = await startPair(async index => await startService(apartUrls[index] ?? '', { env }))
  const floorUrl = await database.another()
  const floors = await startPair(async () => await startService(floorUrl, { flavour: 'floor' }))
  try {
    const [requests, rounds] = quick ? [500, 2] : [2000, 9]
    const measured: Round[] = []
    for (const processPair of [services, apart, floors]) {
      await postCallbacks(processPair, 2 * requests, 2 * connections)
    }
    for (let round = 0; round < rounds; round++) {
      measured.push({
        one: await postCallbacks(services.slice(0, 1), requests, connections),
        two: await postCallbacks(services, requests, 2 * connections),
        shared: await postCallbacks(services, requests, connections),
        apart: await postCallbacks(apart, requests, 2 * connections),
        bareOne: await postCallbacks(floors.slice(0, 1), requests, connections),
        bareTwo: await postCallbacks(floors, requests, 2 * connections),
        bareShared: await postCallbacks(floors, requests, connections)
      })
    }
    const [throughput, capacity] = [
      ratiosToOne(measured, 'rate'),
      ratiosToOne(measured, 'capacity')
    ]
    const bareCapacity = ratiosToOne(measured, 'capacity', true)
    const apartCapacity = measured.map(({ one, apart }) =>
      2 * one.serviceCpuSeconds / apart.serviceCpuSeconds
    )
    const cores = (load: Two): number[] =>
      measured.map(({ [load]: { rate, serviceCpuSeconds } }) => serviceCpuSeconds * rate / requests)
    const shares = { two: cores('two'), shared: cores('shared') }
    return {
      title: 'Two processes',
      text,
      tables: [{
        head: [
          '',
          `one process, ${connections} connections`,
          `two, ${connections} connections each`,
          `two, ${connections} connections in all`
        ],
        rows: [
          [
            'callbacks a second',
            ...loads.map(load => range(measured.map(({ [load]: { rate } }) => rate)))
          ],
          [
            'CPU of the service for a callback, µs',
            ...loads.map(load => range(measured.map(round => micro(round[load], requests))))
          ],
          ['cores that the processes got', '', ...bothRanges(shares)],
          ['throughput on this machine, to one', '1', ...bothRanges(throughput)],
          ['capacity with a core each, to one', '1', ...bothRanges(capacity)],
          ['capacity of two that share nothing, to one', '1', range(apartCapacity, 2), ''],
          ['capacity of the bare route, to one', '1', ...bothRanges(bareCapacity)]
        ]
      }],
      goals: [
        {
          work: 'two processes to one, throughput on this machine',
          goal: '≥ 1.7 ×',
          measured: `${median(throughput.two).toFixed(2)} ×`,
          met: median(throughput.two) >= 1.7,
          bound:
            `Two cores carry the load generator, PostgreSQL and Redis as well: the two processes together got ${
              median(shares.two).toFixed(2)
            } of them.`
        },
        {
          work: 'two processes to one, capacity by the CPU that a callback costs',
          goal: '≥ 1.7 ×',
          measured: `${median(capacity.two).toFixed(2)} ×`,
          met: median(capacity.two) >= 1.7,
          bound:
            `Processes that share the caches of two cores with PostgreSQL and the load generator pay more for the same work: two with a database each reach ${
              median(apartCapacity).toFixed(2)
            } ×, and the bare route over one store ${median(bareCapacity.two).toFixed(2)} ×.`
        }
      ]
    }
  } finally {
    for (const service of [...services, ...apart, ...floors]) await service.stop()
    await database.drop()
  }
}

async function startPair (start: (index: number) => Promise<Service>): Promise<Service[]> {
  return [await start(0), await start(1)]
}

/** Microseconds of CPU for a callback. */
function micro ({ serviceCpuSeconds }: Measured, requests: number): number {
  return 1e6 * serviceCpuSeconds / requests
}

/** Two processes to one, for each round. */
function ratiosToOne (
  measured: readonly Round[],
  figure: 'rate' | 'capacity',
  bare = false
): Record<Two, number[]> {
  const ratios = (baseLoad: Load, otherLoad: Load): number[] =>
    measured.map(({ [baseLoad]: single, [otherLoad]: double }) =>
      figure === 'rate'
        ? double.rate / single.rate
        : 2 * single.serviceCpuSeconds / double.serviceCpuSeconds
    )
  return bare
    ? { two: ratios('bareOne', 'bareTwo'), shared: ratios('bareOne', 'bareShared') }
    : { two: ratios('one', 'two'), shared: ratios('one', 'shared') }
}

function bothRanges ({ two, shared }: Record<Two, number[]>): string[] {
  return [range(two, 2), range(shared, 2)]
}

async function isReachable (url: string): Promise<boolean> {
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
