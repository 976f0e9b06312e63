import { createHash } from 'node:crypto'
import type { ExpiringStore } from 'fastify-contact-center'
import type { Store } from './index.ts'
import type { Db } from './tables.ts'

/**
 * Replay claims and issued tokens in the database, shared by all processes and kept across
 * restarts. Each change costs a commit.
 */
export function createExpiringStore (store: Store, now: () => number): ExpiringStore {
  async function liveValue (db: Db, id: string, at: number): Promise<string | null> {
    const row = await db.selectFrom('expiring_entries').select('value')
      .where('id', '=', id).where('expires_at', '>', at).executeTakeFirst()
    return row?.value ?? null
  }

  return {
    async putIfAbsent (key, value, ttlMs) {
      const id = hashKey(key)
      const at = now()
      return await store.commit(async ({ db }) => {
        await db.deleteFrom('expiring_entries').where('expires_at', '<=', at).execute()
        const added = await db.insertInto('expiring_entries')
          .values({ id, value, expires_at: at + ttlMs })
          .onConflict(conflict => conflict.column('id').doNothing())
          .returning('id')
          .execute()
        return added.length === 1 ? null : await liveValue(db, id, at)
      })
    },
    async get (key) {
      return await store.read(db => liveValue(db, hashKey(key), now()))
    },
    async replace (key, expected, value, ttlMs) {
      const at = now()
      return await store.commit(async ({ db }) => {
        const changed = await db.updateTable('expiring_entries')
          .set({ value, expires_at: at + ttlMs })
          .where('id', '=', hashKey(key)).where('value', '=', expected).where('expires_at', '>', at)
          .returning('id')
          .execute()
        return changed.length === 1
      })
    },
    async delete (key, expected) {
      await store.commit(async ({ db }) => {
        const entry = db.deleteFrom('expiring_entries').where('id', '=', hashKey(key))
        await (expected === undefined ? entry : entry.where('value', '=', expected)).execute()
      })
    }
  }
}

/** Hashed: every key has one length, and no caller's data is stored. */
function hashKey (key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
