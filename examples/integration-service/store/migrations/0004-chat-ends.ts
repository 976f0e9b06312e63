import type { Kysely, Migration } from 'kysely'

/** A chat ends with the member's session. */
export const chatEnds: Migration = {
  async up (db: Kysely<unknown>) {
    await db.schema.alterTable('chats').addColumn('ends_at', 'bigint').execute()
  }
}
