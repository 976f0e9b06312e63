import { type Kysely, type Migration, sql } from 'kysely'

/** Calls with a vendor's id from the start. */
export const voice: Migration = {
  async up (db: Kysely<unknown>) {
    // Calls with our id ring once per caller, because the vendor gives no id. A call with a
    // vendor's id rings by itself: two people may call from one number.
    await db.schema.dropIndex('calls_one_ring').execute()
    await sql`create unique index calls_one_ring on calls (customer_number) where direction = 'inbound' and stage = 1 and substr(call_serial_no, 1, 3) = 'in-'`
      .execute(db)
    await db.schema.createIndex('call_aliases_by_call').on('call_aliases').column('call_serial_no')
      .execute()
  }
}
