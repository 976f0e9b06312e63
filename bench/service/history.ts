import { sql } from 'kysely'
import {
  callById,
  type CallQuery,
  latestCalls
} from '../../examples/integration-service/store/calls.ts'
import { type Db, openStore, type Store } from '../../examples/integration-service/store/index.ts'
import type { BenchDatabase } from './databases.ts'
import { series } from './series.ts'
import type { Line, Table } from '../report.ts'
import { median, range } from '../statistics.ts'

const repeats = 200
const epoch = 1_700_000_000_000

/** What agents ask of the history, by the position of a call in it. */
const questions: Record<string, (db: Db, index: number) => Promise<unknown>> = {
  'a call by its number': async (db, index) => await callById(db, String(index)),
  'the first page': async (db) => await latestCalls(db, { limit: 26 }),
  'a page in the middle': async (db, index) =>
    await latestCalls(db, {
      limit: 26,
      before: { createdAt: epoch + index * 10, callSerialNo: String(index) }
    }),
  "a customer's calls": async (db, index) =>
    await latestCalls(db, { limit: 26, customerNumber: numberOf(index) }),
  'numbers by their last digits': async (db, index) =>
    await latestCalls(db, { limit: 26, numberEnd: numberOf(index).slice(-6) })
}

export interface History {
  readonly table: Table
  readonly lines: readonly Line[]
  /** How the database goes about each question, in its own words. */
  readonly plans: readonly string[]
}

/**
 * The latency of each question with few calls and with many, and how the database finds them among
 * the most.
 */
export async function measureHistory (
  { kind, another: createDatabase }: BenchDatabase,
  sizes: readonly number[]
): Promise<History> {
  const stores: Array<{ size: number, store: Store }> = []
  // One after the other: the databases are created on one connection.
  for (const size of sizes) stores.push({ size, store: await openStore(await createDatabase()) })
  for (const { size, store } of stores) await store.read(async db => await fill(db, kind, size))
  const rows: string[][] = []
  const lines: Line[] = []
  for (const [name, runQuestion] of Object.entries(questions)) {
    const times = []
    for (const { size, store } of stores) {
      times.push({
        size,
        ms: await timeQuestion(size, async index => {
          await store.read(async db => await runQuestion(db, index))
        })
      })
    }
    rows.push([name, ...times.map(({ ms }) => range(ms, 2))])
    lines.push({
      name: `${name}, calls in the history (${kind})`,
      unit: 'ms',
      shape: 'flat',
      why: reasons[name] ?? 'found by an index',
      tableOnly: name !== 'a page in the middle',
      points: times.map(({ size, ms }) => [size, median(ms)])
    })
  }
  const largest = stores.at(-1)?.store
  const plans = largest === undefined ? [] : await largest.read(async db => await explain(db, kind))
  await Promise.all(stores.map(async ({ store }) => await store.close()))
  return {
    table: {
      head: [`question, ms (${repeats} each)`, ...sizes.map(size => `${size} calls`)],
      rows
    },
    lines,
    plans
  }
}

const reasons: Readonly<Record<string, string>> = {
  "a customer's calls": 'found by an index; a customer has 1 call of 1000, and 20 of a million',
  'numbers by their last digits': 'found by an index; a longer history has more matches'
}

async function timeQuestion (
  size: number,
  runQuestion: (index: number) => Promise<void>
): Promise<number[]> {
  const times: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const index = Math.floor(((repeat * 7919) % repeats) / repeats * size) + 1
    const before = performance.now()
    await runQuestion(index)
    times.push(performance.now() - before)
  }
  return times
}

/** A statement has five seconds; a slow disk must do in them. */
const rowsOfStatement = 5000

/** A call every ten milliseconds, of 50 000 customers in turn. */
async function fill (db: Db, kind: BenchDatabase['kind'], size: number): Promise<void> {
  for (let from = 1; from <= size; from += rowsOfStatement) {
    const to = Math.min(size, from + rowsOfStatement - 1)
    await sql`
      insert into calls (call_serial_no, caller, called, customer_number, stage, release_reason, talk_seconds, created_at, released_at)
      select cast(n as text), '+82215881001', number, number, 3, '0', '60', ${
      sql.lit(epoch)
    } + n * 10, ${sql.lit(epoch)} + n * 10 + 60000
      from (select n, '+8210' || cast(10000000 + (n % 50000) * 1771 as text) as number from (${
      series(kind, from, to)
    }) as numbers) as rows`
      .execute(db)
  }
  await sql`analyze`.execute(db)
}

function numberOf (index: number): string {
  return `+8210${10_000_000 + (index % 50_000) * 1771}`
}

async function explain (db: Db, kind: BenchDatabase['kind']): Promise<string[]> {
  const plans: string[] = []
  const queries: Record<string, CallQuery> = {
    'the first page': { limit: 26 },
    'a page in the middle': {
      limit: 26,
      before: { createdAt: epoch + 5_000_000, callSerialNo: '500000' }
    },
    "a customer's calls": { limit: 26, customerNumber: numberOf(77) },
    'numbers by their last digits': { limit: 26, numberEnd: numberOf(77).slice(-6) }
  }
  for (const [name, query] of Object.entries(queries)) {
    const plan = await latestCalls(explainQueries(db, kind), query) as unknown as Array<
      Record<string, string>
    >
    const lines = plan.map(row => (row['detail'] ?? row['QUERY PLAN'] ?? '').trim()).filter(line =>
      /scan|search|sort|b-tree/i.test(line)
    )
    plans.push([`${name}:`, ...lines.map(line => `  - \`${line}\``)].join('\n'))
  }
  return plans
}

/** The same query builder, whose queries are explained and not run. */
function explainQueries (db: Db, kind: BenchDatabase['kind']): Db {
  const options = kind === 'sqlite' ? { options: sql`query plan`.toOperationNode() } : {}
  return db.withPlugin({
    transformQuery: ({ node }) =>
      node.kind === 'SelectQueryNode'
        ? { ...node, explain: { kind: 'ExplainNode', ...options } }
        : node,
    transformResult: async ({ result }) => result
  })
}
