import type { Kysely, Migration } from 'kysely'

/** Members' own entries, apart from the data that the company has confirmed. */
export const ownWords: Migration = {
  async up (db: Kysely<unknown>) {
    for (const name of ['own_name', 'own_email', 'own_phone']) {
      await db.schema.alterTable('members').addColumn(name, 'text').execute()
    }
  }
}
