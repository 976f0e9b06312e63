import { createHash } from 'node:crypto'
import { createError } from '@fastify/error'
import { OptionInvalid } from '../kit/index.ts'
import { assertPositiveInteger as positiveInteger } from '../kit/route/options.ts'
import { readToken } from './read.ts'

/**
 * Remembers which GET links were issued: Online Contact asks about a token with the
 * member's id only, from which no MAC can be made again. Supply {@link redisIssuedTokens}, or
 * one of your own (SQL), where several processes answer. Any failure of it becomes a 503.
 */
export interface IssuedTokens {
  /**
   * Keeps the member's id under the digest (SHA-256 of the token, hex) for `ttlMs` milliseconds.
   * Throws when it cannot.
   */
  remember(tokenDigest: string, usercode: string, ttlMs: number): void | Promise<void>
  /** The member's id, or null when there is none or its time is over. */
  find(tokenDigest: string): string | null | Promise<string | null>
  /**
   * True when other processes do not see what is remembered; warned about at boot where several are
   * likely.
   */
  readonly perProcess?: boolean
}

export const TokenStoreUnavailable = createError(
  'FST_CC_TOKEN_STORE_UNAVAILABLE',
  'The token store is unavailable',
  503
)

export interface MemoryIssuedTokensOptions {
  /** The most tokens alive at a time. Default 100000. */
  capacity?: number
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  now?: () => number
}

/**
 * For one process. A token that is alive is never dropped to make room: when full of
 * those, `remember` throws {@link TokenStoreUnavailable}.
 */
export function memoryIssuedTokens (
  { capacity = 100_000, now = Date.now }: MemoryIssuedTokensOptions = {}
): IssuedTokens {
  positiveInteger('online-contact', 'capacity', capacity)
  const issued = new Map<string, { usercode: string, expiresAt: number }>()
  // Until then a search for room would be in vain, and cost a look at every entry.
  let nextExpiry = Infinity

  /** Tokens end in the order in which they were issued, as long as all live equally long. */
  function dropOldest (at: number): void {
    for (const [digest, { expiresAt }] of issued) {
      if (expiresAt > at) return
      issued.delete(digest)
    }
  }

  /** Of tokens that do not, one that has ended may stand behind one that lives. */
  function dropAll (at: number): void {
    if (at < nextExpiry) return
    nextExpiry = Infinity
    for (const [digest, { expiresAt }] of issued) {
      if (expiresAt <= at) issued.delete(digest)
      else nextExpiry = Math.min(nextExpiry, expiresAt)
    }
  }

  return {
    perProcess: true,
    remember (tokenDigest, usercode, ttlMs) {
      const at = now()
      dropOldest(at)
      if (issued.size >= capacity) dropAll(at)
      if (issued.size >= capacity && !issued.has(tokenDigest)) {
        throw new TokenStoreUnavailable({ cause: new Error(`${capacity} tokens are alive`) })
      }
      const expiresAt = at + ttlMs
      // Or it would keep its place, and those behind it would wait for its new end.
      issued.delete(tokenDigest)
      issued.set(tokenDigest, { usercode, expiresAt })
      nextExpiry = Math.min(nextExpiry, expiresAt)
    },
    find (tokenDigest) {
      const found = issued.get(tokenDigest)
      return found !== undefined && now() < found.expiresAt ? found.usercode : null
    }
  }
}

/** The option, checked. @throws {OptionInvalid} unless it can remember and find */
export function tokenStore (tokens: IssuedTokens): IssuedTokens {
  if (typeof tokens?.remember !== 'function' || typeof tokens.find !== 'function') {
    throw new OptionInvalid(
      'online-contact',
      'option "tokens" must be an object with the functions remember and find'
    )
  }
  return tokens
}

/** @throws {TokenStoreUnavailable} when the store fails */
export async function rememberToken (
  tokens: IssuedTokens,
  token: string,
  usercode: string,
  ttlMs: number
): Promise<void> {
  await available(async () => await tokens.remember(digestOf(token), usercode, ttlMs))
}

/**
 * Whether a token was issued for that member and is still alive. On a route without a schema
 * either may be absent, or a list where it was repeated: that is a no like any other.
 * @throws {TokenStoreUnavailable} when the store fails
 */
export async function wasIssued (
  tokens: IssuedTokens,
  token: unknown,
  usercode: unknown
): Promise<boolean> {
  const canonical = typeof token === 'string' ? readToken(token, true) : null
  return canonical !== null &&
    await available(async () => await tokens.find(digestOf(canonical))) === usercode
}

/** Whoever reads the store cannot log in with what is in it. */
function digestOf (token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

async function available<T> (step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new TokenStoreUnavailable({ cause: error })
  }
}
