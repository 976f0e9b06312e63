import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db, Tables } from './tables.ts'
import type { Store } from './index.ts'

/** Rows per transaction: few enough that callbacks hardly wait. */
const batchSize = 500

/** Tables whose rows expire by their own age, with their key and time columns. */
const agedTables = [
  ['wrap_ups', 'call_serial_no', 'written_at'],
  ['customer_entries', 'id', 'at'],
  ['chats', 'id', 'updated_at'],
  ['messages', 'id', 'at'],
  ['message_statuses', 'vendor_id', 'at'],
  ['conversations', 'id', 'last_at'],
  ['events', 'id', 'created_at']
] as const

/**
 * Removes calls that ended or were abandoned before `before`, with all their rows, and notes,
 * chats, messages and events of that age: call events contain names and numbers too. Customers,
 * agents and members stay.
 * @param before epoch milliseconds
 * @param isStopped stops between two batches
 * @returns how many rows were removed, without the rows of calls
 */
export async function removeOlderThan (
  store: Store,
  before: number,
  isStopped: () => boolean = () => false
): Promise<number> {
  const steps = [
    async (db: Db) => await removeCalls(db, before),
    ...agedTables.map(([table, key, time]) => async (db: Db) =>
      await removeRows(db, table, key, time, before)
    )
  ]
  let removed = 0
  for (const step of steps) {
    for (let last = batchSize; last === batchSize && !isStopped();) {
      last = await store.commit(async ({ db }) => await step(db))
      removed += last
      // Waiting writers go first.
      await setImmediate()
    }
  }
  return removed
}

async function removeCalls (db: Db, before: number): Promise<number> {
  const rows = await db.selectFrom('calls').select('call_serial_no')
    .where('created_at', '<', before)
    .where(where => where.or([where('released_at', 'is', null), where('released_at', '<', before)]))
    .orderBy('created_at').limit(batchSize).execute()
  const serials = rows.map(({ call_serial_no: serial }) => serial)
  if (serials.length === 0) return 0
  // Callbacks of a call with our id are stored under the vendor's id.
  await db.deleteFrom('call_callbacks').where(where =>
    where.or([
      where('call_serial_no', 'in', serials),
      where(
        'call_serial_no',
        'in',
        where.selectFrom('call_aliases').select('vendor_serial_no')
          .where('call_aliases.call_serial_no', 'in', serials)
      )
    ])
  ).execute()
  await db.deleteFrom('call_aliases').where('call_serial_no', 'in', serials).execute()
  await db.deleteFrom('wrap_ups').where('call_serial_no', 'in', serials).execute()
  await db.deleteFrom('calls').where('call_serial_no', 'in', serials).execute()
  return serials.length
}

async function removeRows (
  db: Db,
  table: keyof Tables,
  key: string,
  time: string,
  before: number
): Promise<number> {
  const [from, id] = [sql.table(table), sql.ref(key)]
  const { numAffectedRows } = await sql`delete from ${from} where ${id} in
    (select ${id} from ${from} where ${sql.ref(time)} < ${before} limit ${batchSize})`.execute(db)
  return Number(numAffectedRows ?? 0)
}
