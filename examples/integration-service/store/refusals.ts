import { sql } from 'kysely'
import type { Db, RefusalRow } from './tables.ts'

/** Adds to the counts. Each minute, vendor and code must occur once. */
export async function addRefusals (db: Db, rows: readonly RefusalRow[]): Promise<void> {
  for (const row of rows) {
    await db.insertInto('refusals').values(row)
      .onConflict(conflict =>
        conflict.columns(['minute', 'vendor', 'code'])
          .doUpdateSet({ count: sql`refusals.count + excluded.count` })
      )
      .execute()
  }
}

/** Counts since that minute, by vendor and code. */
export async function refusalsSince (
  db: Db,
  minute: number
): Promise<Array<{ vendor: string, code: string, count: number, last: number }>> {
  const rows = await db.selectFrom('refusals')
    .select(({ fn }) => [
      'vendor',
      'code',
      fn.sum<number | string>('count').as('count'),
      fn.max('minute').as('last')
    ])
    .where('minute', '>=', minute).groupBy(['vendor', 'code'])
    .orderBy('count', 'desc').execute()
  return rows.map(({ count, last, ...row }) => ({
    ...row,
    count: Number(count),
    last: Number(last)
  }))
}
