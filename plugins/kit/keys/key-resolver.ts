import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { KeysUnavailable } from '../errors.ts'
import { keyRing, type Key, type KeyPolicy, type KeyRing } from './key-ring.ts'
import { withTimeout } from '../wire/timeout.ts'

/** The request's own claim about its key, before anything is verified. */
export interface ClaimedKey {
  /** The id that the request names, for vendors whose requests name one. */
  readonly keyId?: string
}

/**
 * Looks up the keys of the account to which a request belongs. Returns an empty list for an unknown
 * account, and throws when the look-up fails.
 */
export type KeyResolver = (
  request: FastifyRequest,
  claimed: ClaimedKey
) => readonly Key[] | Promise<readonly Key[]>

/** Names the account of a request. */
export type TenantOf = (request: FastifyRequest, claimed: ClaimedKey) => string

/** The cache of keys that are looked up, and the time limit of a look-up. */
export interface KeyCacheOptions {
  /** The most accounts in the cache. Default 1000. */
  max?: number
  /** Milliseconds for which found keys are cached. Default 60000. */
  ttlMs?: number
  /**
   * Milliseconds for which an unknown account is cached: shorter, so that a new account works soon.
   * Default 5000.
   */
  missTtlMs?: number
  /** Milliseconds a look-up may take. Default 2000. */
  timeoutMs?: number
}

/** The parts of {@link resolvingKeyRing}. */
export interface ResolverOptions {
  readonly resolve: KeyResolver
  /** The checks that every key must pass. */
  readonly policy: KeyPolicy
  /**
   * Names the account of a request. Without it nothing is cached, because accounts have no names.
   */
  readonly tenant?: TenantOf
  readonly cache?: KeyCacheOptions
  /** The clock of the cache, in epoch milliseconds. */
  readonly now: () => number
}

interface LookUp {
  readonly request: FastifyRequest
  readonly claimed: ClaimedKey
}

/**
 * A ring that looks keys up, with one look-up at a time per account. A failure, a time-out or an
 * unusable key is {@link KeysUnavailable}, never a verdict about the signature. An unknown account
 * gets a key that nobody has, so that it takes as long as a wrong key.
 */
export function resolvingKeyRing (
  { resolve, policy, tenant, cache = {}, now }: ResolverOptions
): KeyRing {
  const { max = 1000, ttlMs = 60_000, missTtlMs = 5000, timeoutMs = 2000 } = cache
  const unknownAccountKey: Key = {
    id: 'unknown',
    secret: policy.unknownSecret?.() ??
      randomBytes(Math.max(32, policy.minimumLength)).toString('base64')
  }
  const rings = new LRUCache<string, KeyRing, LookUp>({
    max,
    ttl: ttlMs,
    perf: { now },
    ttlResolution: 0,
    // A look-up finishes although its account was evicted: strangers can fill the cache with names.
    ignoreFetchAbort: true,
    async fetchMethod (_name, _stale, { context, options }) {
      const keys = await lookUp(context)
      if (keys.length === 0) options.ttl = missTtlMs
      return ringOf(keys)
    }
  })

  async function lookUp ({ request, claimed }: LookUp): Promise<readonly Key[]> {
    const keys = await withTimeout(
      async () => await resolve(request, claimed),
      timeoutMs,
      'the key look-up did not finish'
    )
    if (!Array.isArray(keys)) throw new TypeError('the resolver must return a list of keys')
    return keys
  }

  /**
   * The key of unknown accounts is checked and sorted like any other: otherwise timing would reveal
   * which accounts exist.
   */
  function ringOf (keys: readonly Key[]): KeyRing {
    return keyRing(keys.length === 0 ? [unknownAccountKey] : keys, policy)
  }

  return {
    async at (now, request, keyId) {
      if (request === undefined) {
        throw new TypeError('keys are looked up per request: pass the request')
      }
      try {
        const claimed = keyId === undefined ? {} : { keyId }
        const account: unknown = tenant?.(request, claimed)
        // A promise, as of an asynchronous function, would give all accounts one cache entry.
        if (tenant !== undefined && typeof account !== 'string') {
          throw new TypeError('the option "tenant" must return text, at once')
        }
        const context = { request, claimed }
        const ring = typeof account !== 'string'
          ? ringOf(await lookUp(context))
          : await rings.forceFetch(JSON.stringify([account, keyId]), { context })
        const { keys } = await ring.at(now)
        return typeof account === 'string' ? { keys, tenant: account } : { keys }
      } catch (error) {
        throw new KeysUnavailable({ cause: error })
      }
    }
  }
}
