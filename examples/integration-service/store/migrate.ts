import { Migrator } from 'kysely'
import type { Engine } from './engine.ts'
import { first } from './migrations/0001-first.ts'
import { claimsAndNumberEnds } from './migrations/0002-claims-and-number-ends.ts'
import { desk } from './migrations/0003-desk.ts'
import { chatEnds } from './migrations/0004-chat-ends.ts'
import { expiringEntries } from './migrations/0005-expiring-entries.ts'
import { disabledAgents } from './migrations/0006-disabled-agents.ts'
import { ownWords } from './migrations/0007-own-words.ts'
import { messages } from './migrations/0008-messages.ts'
import { voice } from './migrations/0009-voice.ts'
import { oneRing } from './migrations/0010-one-ring.ts'
import { inTransaction } from './transaction.ts'

const migrations = {
  '0001-first': first,
  '0002-claims-and-number-ends': claimsAndNumberEnds,
  '0003-desk': desk,
  '0004-chat-ends': chatEnds,
  '0005-expiring-entries': expiringEntries,
  '0006-disabled-agents': disabledAgents,
  '0007-own-words': ownWords,
  '0008-messages': messages,
  '0009-voice': voice,
  '0010-one-ring': oneRing
}

/** Migrates the schema. When several processes start at once, one migrates and the others wait. */
export async function migrate (engine: Engine): Promise<void> {
  await engine.withMigrationTimeout(async () =>
    await inTransaction(engine, async (db) => {
      await engine.lockSchema(db)
      const migrator = new Migrator({
        db,
        provider: { getMigrations: async () => migrations },
        disableTransactions: true
      })
      const { error } = await migrator.migrateToLatest()
      if (error !== undefined) throw error
    })
  )
}
