import { type Kysely, type Migration, sql } from 'kysely'

/** Calls that have a name of their vendor's from the start. */
export const voice: Migration = {
  async up (db: Kysely<unknown>) {
    // Ours are one ring a caller, because the vendor names no call. One that is named is itself:
    // two people may call from one number.
    await db.schema.dropIndex('calls_one_ring').execute()
    await sql`create unique index calls_one_ring on calls (customer_number) where direction = 'inbound' and stage = 1 and substr(call_serial_no, 1, 3) = 'in-'`
      .execute(db)
    await db.schema.createIndex('call_aliases_by_call').on('call_aliases').column('call_serial_no')
      .execute()
  }
}
