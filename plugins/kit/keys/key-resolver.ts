import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { KeysUnavailable } from '../errors.ts'
import { keyRing, type Key, type KeyPolicy, type KeyRing } from './key-ring.ts'
import { withTimeout } from '../wire/timeout.ts'

/** What a request says of its key, before anything is verified. */
export interface ClaimedKey {
  /** The id that the request names, for vendors whose requests do. */
  readonly keyId?: string
}

/**
 * Looks up the keys of the account that a request belongs to. Answers with an empty
 * list for an account it does not know, and throws when it cannot tell.
 */
export type KeyResolver = (
  request: FastifyRequest,
  claimed: ClaimedKey
) => readonly Key[] | Promise<readonly Key[]>

/** Names the account of a request. */
export type TenantOf = (request: FastifyRequest, claimed: ClaimedKey) => string

export interface KeyCacheOptions {
  /** Accounts remembered at the most. Default 1000. */
  max?: number
  /** Milliseconds that found keys are used. Default 60000. */
  ttlMs?: number
  /**
   * Milliseconds that "unknown" is remembered: shorter, so that a new account works soon. Default
   * 5000.
   */
  missTtlMs?: number
  /** Milliseconds a look-up may take. Default 2000. */
  timeoutMs?: number
}

export interface ResolverOptions {
  readonly resolve: KeyResolver
  readonly policy: KeyPolicy
  /**
   * Names the account of a request. Without it nothing is cached, because nothing tells accounts
   * apart.
   */
  readonly tenant?: TenantOf
  readonly cache?: KeyCacheOptions
  readonly now: () => number
}

interface Asked {
  readonly request: FastifyRequest
  readonly claimed: ClaimedKey
}

/**
 * A ring that asks. One look-up is in flight per account; a failure, a time-out or an
 * unusable key is {@link KeysUnavailable}, never a verdict about the signature; and an
 * unknown account gets a key that nobody holds, so that it costs what a wrong key costs.
 */
export function resolvingKeyRing (
  { resolve, policy, tenant, cache = {}, now }: ResolverOptions
): KeyRing {
  const { max = 1000, ttlMs = 60_000, missTtlMs = 5000, timeoutMs = 2000 } = cache
  const nobody: Key = {
    id: 'unknown',
    secret: policy.unknownSecret?.() ??
      randomBytes(Math.max(32, policy.minimumLength)).toString('base64')
  }
  const rings = new LRUCache<string, KeyRing, Asked>({
    max,
    ttl: ttlMs,
    perf: { now },
    ttlResolution: 0,
    // An account that leaves the cache during its look-up is still answered: strangers choose the
    // names of others.
    ignoreFetchAbort: true,
    async fetchMethod (_name, _stale, { context, options }) {
      const keys = await lookUp(context)
      if (keys.length === 0) options.ttl = missTtlMs
      return ringOf(keys)
    }
  })

  async function lookUp ({ request, claimed }: Asked): Promise<readonly Key[]> {
    const keys = await withTimeout(
      async () => await resolve(request, claimed),
      timeoutMs,
      'the key look-up did not finish'
    )
    if (!Array.isArray(keys)) throw new TypeError('the resolver must return a list of keys')
    return keys
  }

  /**
   * Nobody's key is checked and put in order like any other: it would tell accounts apart if it
   * were not.
   */
  function ringOf (keys: readonly Key[]): KeyRing {
    return keyRing(keys.length === 0 ? [nobody] : keys, policy)
  }

  return {
    async at (now, request, keyId) {
      if (request === undefined) {
        throw new TypeError('keys are looked up per request: pass the request')
      }
      try {
        const claimed = keyId === undefined ? {} : { keyId }
        const name = tenant?.(request, claimed)
        const context = { request, claimed }
        const ring = name === undefined
          ? ringOf(await lookUp(context))
          : await rings.forceFetch(JSON.stringify([name, keyId]), { context })
        const { keys } = await ring.at(now)
        return name === undefined ? { keys } : { keys, tenant: name }
      } catch (error) {
        throw new KeysUnavailable({ cause: error })
      }
    }
  }
}
