import { createHash } from 'node:crypto'
import { createError } from '@fastify/error'
import type { ExpiringStore } from '../kit/replay/store.ts'
import { readToken } from './read.ts'

export const TokenStoreUnavailable = createError(
  'FST_CC_TOKEN_STORE_UNAVAILABLE',
  'The token store is unavailable',
  503
)

/**
 * Remembers that a GET link was issued: Online Contact asks about a token with the member's id
 * only, from which no MAC can be made again.
 * @throws {TokenStoreUnavailable} when the store fails
 */
export async function rememberToken (
  tokens: ExpiringStore,
  token: string,
  usercode: string,
  ttlMs: number
): Promise<void> {
  const key = keyOf(token)
  await available(async () => {
    const live = await tokens.putIfAbsent(key, usercode, ttlMs)
    // The same link once more lives from now on.
    if (live !== null) await tokens.replace(key, live, usercode, ttlMs)
  })
}

/**
 * Whether a token was issued for that member and is still alive. On a route without a schema
 * either may be absent, or a list where it was repeated: that is a no like any other.
 * @throws {TokenStoreUnavailable} when the store fails
 */
export async function wasIssued (
  tokens: ExpiringStore,
  token: unknown,
  usercode: unknown
): Promise<boolean> {
  const canonical = typeof token === 'string' ? readToken(token, true) : null
  return canonical !== null &&
    await available(async () => await tokens.get(keyOf(canonical))) === usercode
}

/**
 * Whoever reads the store cannot log in with what is in it. Claims, which may be in the same store,
 * begin otherwise.
 */
function keyOf (token: string): string {
  return `token:${createHash('sha256').update(token).digest('hex')}`
}

async function available<T> (step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new TokenStoreUnavailable({ cause: error })
  }
}
