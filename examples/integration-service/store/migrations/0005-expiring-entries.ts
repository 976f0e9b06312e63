import type { Kysely, Migration } from 'kysely'

/** One table for short-lived entries: replay claims and issued tokens. No data is migrated. */
export const expiringEntries: Migration = {
  async up (db: Kysely<unknown>) {
    const { schema } = db
    await schema.createTable('expiring_entries')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('value', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('expiring_entries_by_expiry').on('expiring_entries')
      .column('expires_at').execute()
    await schema.dropTable('replay_claims').execute()
    await schema.dropTable('issued_tokens').execute()
  }
}
