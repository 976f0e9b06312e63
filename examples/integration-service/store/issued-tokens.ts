import type { IssuedTokens } from 'fastify-contact-center/online-contact'
import type { Store } from './index.ts'

/** What Online Contact's plugin remembers of its links, kept where every process finds it. */
export function storedTokens (store: Store, now: () => number): IssuedTokens {
  return {
    async remember (tokenDigest, usercode, ttlMs) {
      const row = { token_digest: tokenDigest, usercode, expires_at: now() + ttlMs }
      await store.commit(async ({ db }) => {
        await db.deleteFrom('issued_tokens').where('expires_at', '<=', now()).execute()
        await db.insertInto('issued_tokens').values(row).onConflict(conflict =>
          conflict.column('token_digest').doUpdateSet(row)
        ).execute()
      })
    },
    async find (tokenDigest) {
      const row = await store.read(db =>
        db.selectFrom('issued_tokens').select('usercode')
          .where('token_digest', '=', tokenDigest).where('expires_at', '>', now())
          .executeTakeFirst()
      )
      return row?.usercode ?? null
    }
  }
}
