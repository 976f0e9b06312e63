import { sql } from 'kysely'
import { callById, type CallQuery, latestCalls } from '../../examples/integration-service/store/calls.ts'
import { type Db, openStore } from '../../examples/integration-service/store/index.ts'
import type { BenchDatabase } from './databases.ts'
import { range } from './load.ts'

const sizes = [1000, 1_000_000]
const repeats = 200
const epoch = 1_700_000_000_000

/** What agents ask of the history, by the position of a call in it. */
const questions: Record<string, (db: Db, index: number) => Promise<unknown>> = {
  'a call by its number': async (db, index) => await callById(db, String(index)),
  'the first page': async (db) => await latestCalls(db, { limit: 26 }),
  'a page in the middle': async (db, index) => await latestCalls(db, { limit: 26, before: { createdAt: epoch + index * 10, callSerialNo: String(index) } }),
  'a customer\'s calls': async (db, index) => await latestCalls(db, { limit: 26, customerNumber: numberOf(index) }),
  'numbers that end so': async (db, index) => await latestCalls(db, { limit: 26, numberEnd: numberOf(index).slice(-6) })
}

/** The latency of each question with few calls and with many, and that the many are found through an index. */
export async function history ({ kind, another }: BenchDatabase): Promise<void> {
  const measured: Record<string, number[][]> = Object.fromEntries(Object.keys(questions).map(name => [name, []]))
  const stores = await Promise.all(sizes.map(async size => ({ size, store: await openStore(await another()) })))
  for (const { size, store } of stores) await store.read(async db => await fill(db, kind, size))
  for (const [name, ask] of Object.entries(questions)) {
    for (const { size, store } of stores) {
      const times: number[] = []
      for (let repeat = 0; repeat < repeats; repeat++) {
        const index = Math.floor(((repeat * 7919) % repeats) / repeats * size) + 1
        const before = performance.now()
        await store.read(async db => await ask(db, index))
        times.push(performance.now() - before)
      }
      measured[name]?.push(times)
    }
  }
  console.log(`history with ${sizes.join(' and with ')} calls, ${repeats} questions each, ms: median (lowest to highest)`)
  for (const [name, times] of Object.entries(measured)) console.log(`${name.padEnd(22)} ${times.map(one => range(one, 2)).join('   ')}`)
  const large = stores.at(-1)?.store
  if (large !== undefined) await large.read(async db => await explain(db, kind))
  await Promise.all(stores.map(async ({ store }) => await store.close()))
}

/** A call every ten milliseconds, of 50 000 customers in turn. */
async function fill (db: Db, kind: BenchDatabase['kind'], size: number): Promise<void> {
  for (let from = 1; from <= size; from += 50_000) {
    const to = Math.min(size, from + 49_999)
    const numbers = kind === 'postgres'
      ? sql`select n::bigint as n from generate_series(${sql.lit(from)}, ${sql.lit(to)}) as n`
      : sql`with recursive series(n) as (select ${sql.lit(from)} union all select n + 1 from series where n < ${sql.lit(to)}) select n from series`
    await sql`
      insert into calls (call_serial_no, caller, called, customer_number, stage, release_reason, talk_seconds, created_at, released_at)
      select cast(n as text), '+82215881001', number, number, 3, '0', '60', ${sql.lit(epoch)} + n * 10, ${sql.lit(epoch)} + n * 10 + 60000
      from (select n, '+8210' || cast(10000000 + (n % 50000) * 1771 as text) as number from (${numbers}) as numbers) as rows`.execute(db)
  }
  await sql`analyze`.execute(db)
}

function numberOf (index: number): string {
  return `+8210${10_000_000 + (index % 50_000) * 1771}`
}

async function explain (db: Db, kind: BenchDatabase['kind']): Promise<void> {
  const queries: Record<string, CallQuery> = {
    'the first page': { limit: 26 },
    'a page in the middle': { limit: 26, before: { createdAt: epoch + 5_000_000, callSerialNo: '500000' } },
    'a customer\'s calls': { limit: 26, customerNumber: numberOf(77) },
    'numbers that end so': { limit: 26, numberEnd: numberOf(77).slice(-6) }
  }
  for (const [name, query] of Object.entries(queries)) {
    const plan = await latestCalls(explaining(db, kind), query) as unknown as Array<Record<string, string>>
    const lines = plan.map(row => (row['detail'] ?? row['QUERY PLAN'] ?? '').trim()).filter(line => /scan|search|sort|b-tree/i.test(line))
    console.log(`plan of ${name}: ${lines.join('; ')}`)
  }
}

/** The same query builder, whose queries are explained and not run. */
function explaining (db: Db, kind: BenchDatabase['kind']): Db {
  const options = kind === 'sqlite' ? { options: sql`query plan`.toOperationNode() } : {}
  return db.withPlugin({
    transformQuery: ({ node }) => node.kind === 'SelectQueryNode' ? { ...node, explain: { kind: 'ExplainNode', ...options } } : node,
    transformResult: async ({ result }) => result
  })
}
