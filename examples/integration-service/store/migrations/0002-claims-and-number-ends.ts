import { type Kysely, type Migration, sql } from 'kysely'

export const claimsAndNumberEnds: Migration = {
  async up (db: Kysely<unknown>) {
    const { schema } = db
    await schema.createTable('replay_claims')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('replay_claims_by_expiry').on('replay_claims').column('expires_at')
      .execute()
    // The last four digits, then time: searches by the end of a number are paged in order without a
    // sort.
    await sql`create index calls_by_number_end on calls (substr(customer_number, length(customer_number) - 3), created_at, call_serial_no)`
      .execute(db)
  }
}
