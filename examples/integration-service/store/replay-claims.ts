import { createHash } from 'node:crypto'
import type { ReplayStore } from 'fastify-contact-center/kit'
import type { Store } from './index.ts'

/**
 * Claims in the store, where every process finds them and a restart does not forget them. Each
 * costs a commit.
 */
export function storedClaims (store: Store, now: () => number): ReplayStore {
  return {
    async claim (key, ttlMs) {
      const at = now()
      return await store.commit(async ({ db }) => {
        await db.deleteFrom('replay_claims').where('expires_at', '<=', at).execute()
        const added = await db.insertInto('replay_claims').values({
          id: idOf(key),
          expires_at: at + ttlMs
        })
          .onConflict(conflict => conflict.column('id').doNothing())
          .returning('id')
          .execute()
        return added.length === 1
      })
    },
    async release (key) {
      await store.commit(({ db }) =>
        db.deleteFrom('replay_claims').where('id', '=', idOf(key)).execute()
      )
    }
  }
}

/** One length for every key, and nothing of a caller's is kept. */
function idOf (key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
