import { createHash } from 'node:crypto'
import { createError } from '@fastify/error'
import type { ExpiringStore } from '../kit/replay/store.ts'
import { readToken } from './read.ts'

/** The store of issued links is full or does not answer. Status 503. */
export const TokenStoreUnavailable = createError(
  'FST_CC_TOKEN_STORE_UNAVAILABLE',
  'The token store is unavailable',
  503
)

/**
 * Remembers an issued GET link. Online Contact later asks about its token with nothing but the
 * member's id, from which the MAC cannot be computed again.
 * @throws {TokenStoreUnavailable} when the store fails
 */
export async function rememberToken (
  tokens: ExpiringStore,
  token: string,
  usercode: string,
  ttlMs: number
): Promise<void> {
  const key = keyOf(token)
  await wrapStoreErrors(async () => {
    const liveUsercode = await tokens.putIfAbsent(key, usercode, ttlMs)
    // The same link again: its lifetime starts anew.
    if (liveUsercode !== null) await tokens.replace(key, liveUsercode, usercode, ttlMs)
  })
}

/**
 * Whether a token was issued for that member and has not expired. On a route without a schema,
 * either may be missing, or a list where it was repeated: the answer is then false too.
 * @throws {TokenStoreUnavailable} when the store fails
 */
export async function wasIssued (
  tokens: ExpiringStore,
  token: unknown,
  usercode: unknown
): Promise<boolean> {
  const canonical = typeof token === 'string' ? readToken(token, true) : null
  return canonical !== null &&
    await wrapStoreErrors(async () => await tokens.get(keyOf(canonical))) === usercode
}

/**
 * A hash, so that read access to the store is not enough to log in. The prefix keeps tokens apart
 * from claims, which may be in the same store.
 */
function keyOf (token: string): string {
  return `token:${createHash('sha256').update(token).digest('hex')}`
}

async function wrapStoreErrors<T> (step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new TokenStoreUnavailable({ cause: error })
  }
}
