import { type Kysely, type Migration, sql } from 'kysely'

/** A caller rings once, even if several vendors report the call to several processes at once. */
export const oneRing: Migration = {
  async up (db: Kysely<unknown>) {
    await db.schema.alterTable('calls').addColumn('ring_number', 'text').execute()
    await sql`update calls set ring_number = customer_number where direction = 'inbound' and stage = 1 and substr(call_serial_no, 1, 3) = 'in-'`
      .execute(db)
    await sql`create unique index calls_ring_number on calls (ring_number) where stage = 1`
      .execute(db)
  }
}
