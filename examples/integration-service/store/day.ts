import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Calls of one hour and one kind. */
export interface HourCount {
  /** Hours since the day began. */
  readonly hour: number
  readonly direction: 'inbound' | 'outbound'
  readonly outcome: 'answered' | 'missed' | 'unanswered' | 'open'
  readonly calls: number
  readonly talkSeconds: number
}

/** Counts the calls since `start` by hour. Reads only that range of the index. */
export async function countDay (db: Db, start: number): Promise<HourCount[]> {
  const direction = sql<HourCount['direction']>`coalesce(direction, 'outbound')`
  const outcome = sql<HourCount['outcome']>`case
    when closed = 'missed' then 'missed'
    when stage < 3 then 'open'
    when connected_at is not null then 'answered'
    else 'unanswered' end`
  const hour = sql<number>`cast((created_at - ${sql.lit(start)}) / 3600000 as integer)`
  // Without the vendor's talk time, use the times at which we heard of the call, as the desks do.
  const seconds = sql`case
    when length(talk_seconds) < 7 then cast(talk_seconds as integer)
    when released_at > connected_at then (released_at - connected_at) / 1000
    else 0 end`
  const rows = await db.selectFrom('calls')
    .select(({ fn }) => [
      hour.as('hour'),
      direction.as('direction'),
      outcome.as('outcome'),
      fn.countAll<number | string>().as('calls'),
      sql<number | string | null>`sum(${seconds})`.as('talk')
    ])
    .where('created_at', '>=', start)
    .groupBy([hour, direction, outcome]).execute()
  return rows.map(row => ({
    hour: Number(row.hour),
    direction: row.direction,
    outcome: row.outcome,
    calls: Number(row.calls),
    talkSeconds: Number(row.talk ?? 0)
  }))
}
