import { type Kysely, type Migration, sql } from 'kysely'

/** A caller rings once, even if several vendors report the call to several processes at once. */
export const oneRing: Migration = {
  async up (db: Kysely<unknown>) {
    await db.schema.alterTable('calls').addColumn('ring_number', 'text').execute()
    await sql`update calls set ring_number = customer_number where direction = 'inbound' and stage = 1 and substr(call_serial_no, 1, 3) = 'in-'`
      .execute(db)
    await sql`create unique index calls_ring_number on calls (ring_number) where stage = 1`
      .execute(db)

    // A call gets one id from a vendor, whichever process receives it.
    await sql`delete from call_aliases where exists (select 1 from call_aliases as other where other.call_serial_no = call_aliases.call_serial_no and other.vendor_serial_no < call_aliases.vendor_serial_no)`
      .execute(db)
    await db.schema.dropIndex('call_aliases_by_call').execute()
    await db.schema.createIndex('call_aliases_one_id').on('call_aliases').column('call_serial_no')
      .unique().execute()
  }
}
