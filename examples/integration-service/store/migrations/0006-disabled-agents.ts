import type { Kysely, Migration } from 'kysely'

export const disabledAgents: Migration = {
  async up (db: Kysely<unknown>) {
    await db.schema.alterTable('agents').addColumn('disabled_at', 'bigint').execute()
  }
}
