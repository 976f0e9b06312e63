import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Replayed, ReplayStoreUnavailable } from '../errors.ts'
import type { ReplayStore } from '../replay/store.ts'

/** How a plugin guards against replays. */
export interface ReplayGuard {
  readonly store: ReplayStore
  /** Milliseconds that a claim must live: as long as the request could verify. */
  readonly ttlMs: number
  /** `mark` lets a repeated request through, for handlers that answer it again. */
  readonly duplicates: 'refuse' | 'mark'
}

const kClaim = Symbol('fastify-contact-center.claim')

interface Claimed {
  [kClaim]?: { store: ReplayStore, key: string }
}

/**
 * Claims the request. True when it is the first of its kind, false for a repeated one
 * that may pass marked.
 * @throws {Replayed} for a repeated one that may not
 * @throws {ReplayStoreUnavailable} when the store is full or does not answer: nothing is let
 * through unasked
 */
export async function claimOnce (
  request: FastifyRequest,
  { store, ttlMs, duplicates }: ReplayGuard,
  parts: readonly string[]
): Promise<boolean> {
  const key = JSON.stringify(parts)
  let first: boolean
  try {
    first = await store.claim(key, ttlMs)
  } catch (cause) {
    throw new ReplayStoreUnavailable({ cause })
  }
  if (first) (request as Claimed)[kClaim] = { store, key }
  else if (duplicates === 'refuse') throw new Replayed()
  return first
}

/** The scopes whose replies are looked at. */
const watched = new WeakSet<FastifyInstance>()

/**
 * Gives claims back for all routes of the scope, because a hook that is hidden, or that the whole
 * scope has, claims as well. Once, however many accounts a scope has.
 */
export function watchReplies (app: FastifyInstance): void {
  if (watched.has(app)) return
  watched.add(app)
  app.addHook('onSend', releaseOnFailure)
}

/**
 * An `onSend` hook: a request that was answered with an error was not accepted, so the
 * vendor's retry must not be taken for a replay. Before the reply leaves, because the
 * retry may follow at once.
 */
async function releaseOnFailure (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown
): Promise<unknown> {
  const holder = request as Claimed
  const claim = holder[kClaim]
  if (claim !== undefined && reply.statusCode >= 400) {
    try {
      await claim.store.release(claim.key)
      // Once, where a scope inside another has accounts of its own.
      delete holder[kClaim]
    } catch (err) {
      request.log.error(
        { err },
        'a replay claim could not be released; a retry will be refused until it ends'
      )
    }
  }
  return payload
}
