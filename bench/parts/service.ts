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
import { median, valuesOf, range } from '../statistics.ts'

export const service: Part = { name: 'service', run }

const connections = 50

/**
 * Callbacks before the first that counts. V8 compiles what a callback runs through over the first
 * thousands, which cost three times as much, and the service has more code than a bare route.
 */
const warmUp = 5000

interface Round {
  readonly lone: Measured
  readonly load: Measured
  readonly store: Measured
  /** The same writes behind routes that do less. */
  readonly steps: Readonly<Record<Step, Measured>>
}

async function run ({ quick }: Options): Promise<Section> {
  const rounds = Number(process.env['BENCH_ROUNDS'] ?? (quick ? 3 : 5))
  const requests = Number(process.env['BENCH_REQUESTS'] ?? (quick ? 1000 : 2000))
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
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      const loadStep = async (step: Step): Promise<Measured> =>
        await postCallbacks([valuesOf(floors, step)], requests, connections)
      measured.push({
        lone: await postCallbacks([serviceProcess], 100, 1),
        load: await postCallbacks([serviceProcess], requests, connections),
        store: await storeCallbacksAlone(storeUrl, requests, connections),
        steps: {
          bare: await loadStep('bare'),
          signed: await loadStep('signed'),
          validated: await loadStep('validated')
        }
      })
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
    [`p50, ${connections} connections, ms`, formatRange(({ load }) => load.p50, 1)],
    [`p99, ${connections} connections, ms`, formatRange(({ load }) => load.p99, 1)],
    ['p50, one connection, ms', formatRange(({ lone }) => lone.p50, 1)]
  ]
}

const toBare = ({ load, steps: { bare } }: Round): number => load.rate / bare.rate

/** What each step adds to the CPU that a callback costs. */
function stepTable (
  { name }: BenchDatabase,
  measured: readonly Round[],
  requests: number
): Table {
  const cpu = (load: Measured): number => 1e6 * load.serviceCpuSeconds / requests
  const rows: Array<[what: string, cost: (round: Round) => number]> = [
    ['bare route and store', ({ steps }) => cpu(steps.bare)],
    ['and signature, time window and claim', ({ steps }) => cpu(steps.signed)],
    ['and the schemas of body and reply', ({ steps }) => cpu(steps.validated)],
    ['the service: and numbers, metrics, log, headers and limits', ({ load }) => cpu(load)]
  ]
  return {
    head: [
      `${name}: CPU of the process for a callback`,
      'µs',
      'to the bare route',
      'this step adds, µs'
    ],
    rows: rows.map(([what, cost], index) => {
      const before = rows[index - 1]?.[1] ?? (() => 0)
      const bare = rows[0]?.[1] ?? cost
      return [
        what,
        range(measured.map(cost)),
        (median(measured.map(cost)) / median(measured.map(bare))).toFixed(2),
        (median(measured.map(cost)) - median(measured.map(before))).toFixed(0)
      ]
    })
  }
}

function goalsOf ({ name }: BenchDatabase, measured: readonly Round[]): Goal[] {
  const ratio = median(measured.map(toBare))
  const p99 = median(measured.map(({ load }) => load.p99))
  const bound =
    'The table of steps says which CPU goes where. The signature by hand costs most of what its step adds, and a bare route checks none.'
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
