import { sql } from 'kysely'
import { createManyRows } from './many-rows.ts'
import type { Db, EventRow } from './tables.ts'

export interface NewEvent {
  readonly kind: string
  /** JSON. */
  readonly data: string
}

/**
 * Appends events and returns the id of the last, or null when there are none. Ids come from a row
 * that stays locked until commit, not from a sequence: they become visible in order and without
 * gaps, so a reader that asks for "after 7" never misses one.
 */
export async function appendEvents (
  db: Db,
  events: readonly NewEvent[],
  now: number
): Promise<number | null> {
  if (events.length === 0) return null
  const [row] = await reserveIds(db, [{ count: events.length }])
  if (row === undefined) throw new Error('the sequence of events has no row')
  const last = Number(row.last)
  const first = last - events.length + 1
  await addEvents(
    db,
    events.map(({ kind, data }, index) => ({ id: first + index, kind, data, created_at: now }))
  )
  return last
}

const reserveIds = createManyRows(
  { count: true },
  (db, rows: Array<{ count: number }>) =>
    db.updateTable('event_sequence')
      .set(row => ({ last: row('last', '+', rows[0]?.count ?? null) }))
      .where('only', '=', sql.lit(1))
      .returning('last')
)

const addEvents = createManyRows(
  { id: true, kind: true, data: true, created_at: true },
  (db, rows: EventRow[]) => db.insertInto('events').values(rows)
)

/** The events after `id`, oldest first. */
export async function eventsAfter (db: Db, id: number, limit: number): Promise<EventRow[]> {
  return await db.selectFrom('events').selectAll().where('id', '>', id).orderBy('id').limit(limit)
    .execute()
}

/** The id of the newest event; 0 if there is none. */
export async function lastEventId (db: Db): Promise<number> {
  const { last } = await db.selectFrom('event_sequence').select('last').executeTakeFirstOrThrow()
  return Number(last)
}
