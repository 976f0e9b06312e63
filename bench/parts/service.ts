import {
  paragraph,
  type Goal,
  type Line,
  type Options,
  type Part,
  type Section,
  type Table
} from '../report.ts'
import { type BenchDatabase, databases } from '../service/databases.ts'
import { measureHistory } from '../service/history.ts'
import { postCallbacks, type Measured, storeCallbacksAlone } from '../service/load.ts'
import { type Service, startService } from '../service/process.ts'
import { type Step, steps } from '../service/rows.ts'
import { median, range, valuesOf } from '../statistics.ts'

export const service: Part = { name: 'service', run }

const connections = 50

/**
 * Callbacks before the first that counts. V8 compiles what a callback runs through over the first
 * thousands, which cost three times as much, and the service has more code than a bare route.
 */
const warmUp = 5000

/** One measurement of each; the steps are the same writes behind routes that do less. */
type Round = Readonly<Record<'lone' | 'load' | 'store' | Step, Measured>>

async function run ({ quick }: Options): Promise<Section> {
  const rounds = Number(process.env['BENCH_ROUNDS'] ?? (quick ? 3 : 15))
  const requests = Number(process.env['BENCH_REQUESTS'] ?? (quick ? 1000 : 700))
  const memoryRequests = Number(process.env['BENCH_MEMORY_REQUESTS'] ?? (quick ? 1200 : 9000))
  const sizes = quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]
  const tables: Table[] = []
  const goals: Goal[] = []
  const lines: Line[] = []
  const plans: string[] = []
  for (const database of await databases()) {
    try {
      const { measured, sizes: memory } = await throughput(database, {
        rounds,
        requests,
        memoryRequests
      })
      tables.push({
        head: [database.name, `median (lowest to highest) of ${rounds} rounds`],
        rows: [...rowsOf(measured), [
          `heap : resident memory after each ${Math.round(memoryRequests / 6)} more, MB`,
          memory.map(({ heap, rss }) => `${heap} : ${rss}`).join(', ')
        ]]
      })
      goals.push(...goalsOf(database, measured))
      tables.push(stepTable(database, measured, requests))
      const queryCosts = await measureHistory(database, sizes)
      tables.push({
        ...queryCosts.table,
        head: [
          `${database.name}: ${queryCosts.table.head[0] ?? ''}`,
          ...queryCosts.table.head.slice(1)
        ]
      })
      lines.push(...queryCosts.lines)
      plans.push(...queryCosts.plans.map(plan => `- ${database.name}, ${plan}`))
    } finally {
      await database.drop()
    }
  }
  return {
    title: 'The integration service',
    text: [
      paragraph(
        `The built service gets ${requests} signed release callbacks a round, over ${connections} connections.`,
        'It verifies, validates and claims each callback, stores it, merges it into its call, and adds an event.',
        'It commits before it answers.',
        `"Store alone" writes the same rows in this process, ${connections} at a time, through the same group commit.`,
        'It has no HTTP, JSON or signatures.',
        'The bare route keeps the same rows through the same group commit, and answers afterwards.',
        'It checks no signature, claims nothing, and validates nothing.',
        '"By hand" adds the least code that checks signature, time and nonce; it forgets the nonces when the process ends.',
        'The service also finds the agent whose line was called, and normalises the number.',
        'Each callback is a new call of a new customer, so no cache helps.',
        `Every process first gets ${warmUp} callbacks, because cold code costs about three times as much.`,
        "The load generator, the service and the database share the machine's cores.",
        '[Scaling](../service/scaling.md) draws the conclusions.'
      )
    ],
    tables,
    after: plans.length > 0
      ? ['How the databases answer the questions about the longest history:', plans.join('\n')]
      : [],
    goals,
    lines
  }
}

/**
 * Signed release callbacks over HTTP, in turns with the same writes without HTTP, signatures and
 * JSON; then what memory does.
 */
async function throughput (
  { url, another: createDatabase }: BenchDatabase,
  { rounds, requests, memoryRequests }: { rounds: number, requests: number, memoryRequests: number }
) {
  const storeUrl = await createDatabase()
  const serviceProcess = await startService(url)
  const floors = new Map<Step, Service>()
  try {
    for (const step of steps) {
      floors.set(
        step,
        await startService(await createDatabase(), { flavour: 'floor', env: { BENCH_STEP: step } })
      )
    }
    for (const target of [serviceProcess, ...floors.values()]) {
      await postCallbacks([target], warmUp, connections)
    }
    await storeCallbacksAlone(storeUrl, requests, connections)
    const loads: Array<{ name: keyof Round, run: () => Promise<Measured> }> = [
      { name: 'lone', run: async () => await postCallbacks([serviceProcess], 100, 1) },
      {
        name: 'load',
        run: async () => await postCallbacks([serviceProcess], requests, connections)
      },
      {
        name: 'store',
        run: async () => await storeCallbacksAlone(storeUrl, requests, connections)
      },
      ...steps.map(step => ({
        name: step,
        run: async () => await postCallbacks([valuesOf(floors, step)], requests, connections)
      }))
    ]
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      const results: Partial<Record<keyof Round, Measured>> = {}
      // Every other round runs backwards, to vary the order.
      for (const { name, run } of round % 2 === 0 ? loads : loads.toReversed()) {
        results[name] = await run()
      }
      measured.push(results as Round)
    }
    const sizes = [await serviceProcess.memory()]
    const step = Math.max(1, Math.round(memoryRequests / 6))
    for (let done = 0; done < memoryRequests; done += step) {
      await postCallbacks([serviceProcess], step, connections)
      sizes.push(await serviceProcess.memory())
    }
    return { measured, sizes }
  } finally {
    for (const floor of floors.values()) await floor.stop()
    await serviceProcess.stop()
  }
}

const toStore = (measured: readonly Round[]): number[] =>
  measured.map(({ load, store }) => load.rate / store.rate)

function rowsOf (measured: readonly Round[]): string[][] {
  const formatRange = (value: (round: Round) => number, digits = 0): string =>
    range(measured.map(value), digits)
  return [
    ['service, callbacks a second', formatRange(({ load }) => load.rate)],
    ['store alone, callbacks a second', formatRange(({ store }) => store.rate)],
    ['service : store alone', range(toStore(measured), 2)],
    ['service : bare route', range(measured.map(toBare), 2)],
    ['bare route with the signature by hand : bare route', range(measured.map(byHandToBare), 2)],
    [`p50, ${connections} connections, ms`, formatRange(({ load }) => load.p50, 1)],
    [`p99, ${connections} connections, ms`, formatRange(({ load }) => load.p99, 1)],
    ['p50, one connection, ms', formatRange(({ lone }) => lone.p50, 1)]
  ]
}

const toBare = ({ load, bare }: Round): number => load.rate / bare.rate

const byHandToBare = ({ bare, 'by hand': byHand }: Round): number => byHand.rate / bare.rate

/** What each step adds to the CPU that a callback costs. */
function stepTable (
  { name }: BenchDatabase,
  measured: readonly Round[],
  requests: number
): Table {
  const cpu = (load: Measured): number => 1e6 * load.serviceCpuSeconds / requests
  // The plugin's row replaces the one by hand.
  const rows: Array<[what: string, name: keyof Round, before?: keyof Round]> = [
    ['bare route and store', 'bare'],
    ['and signature, time window and nonce by hand', 'by hand', 'bare'],
    ['or signature, time window and claim by the plugin', 'signed', 'bare'],
    ['and the schemas of body and reply', 'validated', 'signed'],
    ['the service: and numbers, metrics, log, headers and limits', 'load', 'validated']
  ]
  const costsOf = (name: keyof Round): number[] => measured.map(({ [name]: load }) => cpu(load))
  return {
    head: [
      `${name}: CPU of the process for a callback`,
      'µs',
      'to the bare route',
      'this step adds, µs'
    ],
    rows: rows.map(([what, name, before]) => {
      const cost = median(costsOf(name))
      return [
        what,
        range(costsOf(name)),
        (cost / median(costsOf('bare'))).toFixed(2),
        (cost - (before === undefined ? 0 : median(costsOf(before)))).toFixed(0)
      ]
    })
  }
}

function goalsOf ({ name }: BenchDatabase, measured: readonly Round[]): Goal[] {
  const ratio = median(measured.map(toBare))
  const p99 = median(measured.map(({ load }) => load.p99))
  const byHand = median(measured.map(byHandToBare)).toFixed(2)
  const bound =
    `A bare route checks no signature. With the check by hand, in the least code and with no other step, it reaches ${byHand} of its own rate; the table of steps has the CPU of each.`
  return [
    {
      work: `service ÷ a bare route over the same store, ${name}`,
      goal: '≥ 0.90',
      measured: ratio.toFixed(2),
      met: ratio >= 0.9,
      bound
    },
    {
      work: `p99 of durable callbacks, ${connections} connections, ${name}`,
      goal: '< 50 ms',
      measured: `${p99.toFixed(0)} ms`,
      met: p99 < 50,
      bound
    }
  ]
}
