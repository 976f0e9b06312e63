import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { integrationService } from '../../examples/integration-service/app.ts'
import { loadConfig } from '../../examples/integration-service/config.ts'
import type { Db } from '../../examples/integration-service/store/index.ts'
import { demoSignIns, seedDemo } from '../../examples/integration-service/store/seed.ts'
import type { Line, Table } from '../report.ts'
import { inTurns, least, median, valuesOf } from '../statistics.ts'
import type { BenchDatabase } from './databases.ts'
import { secrets } from './process.ts'
import { series } from './series.ts'

/** A hundredth of everything is this customer's. */
const [{ phone: busy }] = demoSignIns.members
const busyConversation = 'conversation-0'
/** Between two calls: an agent has 160 in half a day, however long the history is. */
const stepMs = 90_000

/** What a desk asks for when it opens, and what it asks of the busiest customer. */
const questions: Readonly<Record<string, readonly string[]>> = {
  "the desk's first page": [
    '/api/work',
    '/api/calls?limit=15&outcome=ended',
    '/api/conversations',
    '/api/chats'
  ],
  "the busiest customer's timeline": [`/api/customers/${encodeURIComponent(busy)}/timeline`],
  "the busiest customer's conversation": [`/api/conversations/${busyConversation}`]
}

export interface FirstPage {
  readonly table: Table
  readonly lines: readonly Line[]
  /** The first page with the most, beside that with the least. */
  readonly ratio: number
}

/** The latency of a desk's first page with few and with many calls and messages, in turns. */
export async function measureFirstPage (
  { kind, name, another: createDatabase }: BenchDatabase,
  sizes: readonly number[],
  rounds: number
): Promise<FirstPage> {
  const desks: Array<{ name: string, size: number, app: FastifyInstance, cookie: string }> = []
  try {
    for (const size of sizes) {
      desks.push({ name: String(size), size, ...await open(await createDatabase(), kind, size) })
    }
    const rows: string[][] = []
    const lines: Line[] = []
    let ratio = NaN
    for (const [question, urls] of Object.entries(questions)) {
      const costs = new Map(desks.map(({ name }) => [name, 0]))
      const medians = new Map(costs)
      for (const url of urls) {
        const timeDesk = async (desk: typeof desks[number]): Promise<number> =>
          await timeOf(desk, url)
        await inTurns(10, desks, timeDesk)
        for (const [size, times] of await inTurns(rounds, desks, timeDesk)) {
          // The lowest of many turns, because other load only adds time.
          costs.set(size, valuesOf(costs, size) + least(times))
          medians.set(size, valuesOf(medians, size) + median(times))
        }
      }
      const [fewest, most] = [String(sizes[0]), String(sizes.at(-1))]
      const growth = valuesOf(costs, most) / valuesOf(costs, fewest)
      if (urls.length > 1) ratio = growth
      rows.push([
        question,
        ...sizes.map(String).map(size =>
          `${valuesOf(costs, size).toFixed(1)}, ${valuesOf(medians, size).toFixed(1)}`
        ),
        growth.toFixed(2)
      ])
      lines.push({
        name: `${question}, calls and messages (${kind})`,
        unit: 'ms',
        shape: 'flat',
        why: 'found by indexes, whatever else there is',
        tableOnly: true,
        points: sizes.map(size => [size, valuesOf(costs, String(size))])
      })
    }
    const head = [
      `${name}, ms`,
      ...sizes.map(size => `${size} calls, ${size} messages`),
      'the longest past ÷ the shortest'
    ]
    return { table: { head, rows }, lines, ratio }
  } finally {
    for (const { app } of desks) await app.close()
  }
}

async function timeOf (
  { app, cookie }: { app: FastifyInstance, cookie: string },
  url: string
): Promise<number> {
  const before = performance.now()
  const { statusCode, body } = await app.inject({ url, headers: { cookie } })
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${body}`)
  return performance.now() - before
}

async function open (
  url: string,
  kind: BenchDatabase['kind'],
  size: number
): Promise<{ app: FastifyInstance, cookie: string }> {
  const app = await integrationService(loadConfig(settings(url)))
  const now = Date.now()
  await seedDemo(app.store, { now })
  await app.store.read(async db => await fill(db, kind, size, now))
  const [{ login, password }] = demoSignIns.agents
  const { cookies: [cookie] } = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  return { app, cookie: `${cookie?.name}=${cookie?.value}` }
}

function settings (url: string): Record<string, string> {
  const closedPort = 'http://127.0.0.1:9'
  return {
    ...secrets,
    DATABASE_URL: url,
    LOG_LEVEL: 'silent',
    ORACLE_CSC_URL: closedPort,
    ONLINE_CONTACT_URL: closedPort,
    ONLINE_CONTACT_SERVICE: 'bench',
    ITX_PLUGIN_URL: closedPort,
    AICC_URL: closedPort,
    WHATSAPP_URL: closedPort,
    WHATSAPP_APP_SECRET: 'bench-whatsapp-app-secret-0000001',
    WHATSAPP_VERIFY_TOKEN: 'bench-whatsapp-verify-0000001',
    WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
    WHATSAPP_ACCESS_TOKEN: 'bench-whatsapp-access-0000001'
  }
}

/** Rows in one statement: the store's deadline holds for these, too. */
const step = 5000

/** Calls that are wrapped up, and messages, at an even pace up to now. */
async function fill (
  db: Db,
  kind: BenchDatabase['kind'],
  size: number,
  now: number
): Promise<void> {
  const agents = await db.selectFrom('agents').select('id').execute()
  const [first = '', second = '', third = ''] = agents.map(({ id }) => id)
  const agent = sql`case n % 3 when 0 then ${sql.lit(first)} when 1 then ${sql.lit(second)} else ${
    sql.lit(third)
  } end`
  const phone = sql`case when n % 100 = 0 then ${
    sql.lit(busy)
  } else '+8210' || cast(20000000 + n % 50000 as text) end`
  const conversation = sql`'conversation-' || case when n % 100 = 0 then '0' else cast(1 + n % ${
    sql.lit(Math.max(1, size / 20))
  } as text) end`
  const createdAt = sql`${sql.lit(now)} - n * ${sql.lit(stepMs)}`
  for (let from = 1; from <= size; from += step) {
    const numbers = sql`(${series(kind, from, Math.min(size, from + step - 1))}) as numbers`
    const run = async (query: ReturnType<typeof sql>): Promise<void> => {
      await query.execute(db)
    }
    await run(sql`
      insert into calls (call_serial_no, agent_id, direction, caller, called, customer_number, stage,
        release_reason, talk_seconds, created_at, accepted_at, connected_at, released_at)
      select 'call-' || n, ${agent}, 'inbound', ${phone}, '+82215881001', ${phone}, 3, '0', '60',
        ${createdAt}, ${createdAt}, ${createdAt}, ${createdAt} + 60000 from ${numbers}`)
    await run(sql`
      insert into wrap_ups (call_serial_no, agent_id, disposition, note, written_at)
      select 'call-' || n, ${agent}, 'Resolved', 'as promised', ${createdAt} + 70000 from ${numbers}`)
    await run(sql`
      insert into customer_entries (id, customer_number, kind, at, data)
      select 'note-' || n, ${phone}, 'note', ${createdAt} + 70000, '{"note":"as promised"}' from ${numbers}`)
    await run(sql`
      insert into messages (id, conversation_id, channel, kind, text, status, at, arrived)
      select 'message-' || n, ${conversation}, 'whatsapp', 'text', 'Where is my order?', 3,
        ${createdAt}, (${createdAt}) * 1000 from ${numbers}`)
  }
  for (let from = 0; from <= size / 20; from += step) {
    const last = Math.min(size / 20, from + step - 1)
    await sql`
      insert into conversations (id, channel, contact_id, last_in_at, last_at, created_at)
      select 'conversation-' || n, 'whatsapp', 'contact-' || n, ${createdAt}, ${createdAt}, ${createdAt}
      from (${series(kind, from, last)}) as numbers`.execute(db)
  }
  // One at a time, within the same deadline.
  for (
    const table of ['calls', 'wrap_ups', 'customer_entries', 'messages', 'conversations']
  ) await sql`analyze ${sql.table(table)}`.execute(db)
}
