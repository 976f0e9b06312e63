import { sql } from 'kysely'
import type { CustomerEntryRow, Db } from './tables.ts'

/** The end of a page of the timeline. */
export interface EntryPosition {
  readonly at: number
  readonly id: string
}

/** Stores an entry. The newest version of an entry wins, in any order of arrival. */
export async function saveEntry (db: Db, entry: CustomerEntryRow): Promise<void> {
  const { customer_number: customerNumber, at, data } = entry
  await db.insertInto('customer_entries').values(entry)
    .onConflict(conflict =>
      conflict.column('id').doUpdateSet({ customer_number: customerNumber, at, data })
        .where('customer_entries.at', '<=', at)
    ).execute()
}

/** A customer's timeline without calls, newest first. */
export async function latestEntries (
  db: Db,
  { customerNumber, before, limit }: {
    customerNumber: string,
    before?: EntryPosition | undefined,
    limit: number
  }
): Promise<CustomerEntryRow[]> {
  let query = db.selectFrom('customer_entries').selectAll()
    .where('customer_number', '=', customerNumber)
    .orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
  if (before !== undefined) {
    query = query.where(sql<boolean>`(at, id) < (${before.at}, ${before.id})`)
  }
  return await query.execute()
}

export async function hasEntry (db: Db, id: string): Promise<boolean> {
  const row = await db.selectFrom('customer_entries').select('id').where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}
