import { hash } from 'node:crypto'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InProgress, Replayed, ReplayStoreUnavailable } from '../errors.ts'
import type { ReadKey, ValidKeys } from '../keys/key-ring.ts'
import { type Claim, ClaimKeeper, type Ending, type KeeperOptions } from './claim-keeper.ts'
import { after, type MaybePromise } from './maybe-promise.ts'

export interface ReplayGuardOptions extends KeeperOptions {
  /** `mark` lets a repeated request through, for handlers that answer it again. */
  readonly duplicates: 'refuse' | 'mark'
  /** Whether a reply below status 400 is the vendor's own way to say failure. */
  readonly saysFailure?: SaysFailure | undefined
}

/** Looks at a reply below status 400, as it goes on the wire. */
export type SaysFailure = (payload: string, statusCode: number) => boolean

/** How a plugin guards against replays. */
export interface ReplayGuard extends ReplayGuardOptions {
  readonly keeper: ClaimKeeper
}

export function replayGuard (options: ReplayGuardOptions): ReplayGuard {
  return { ...options, keeper: new ClaimKeeper(options) }
}

const kClaims = Symbol('fastify-contact-center.claims')

class Claimed implements Claim {
  value = ''
  doneAt?: number
  /** True once a failure reply was made, whatever its status. */
  failed = false
  readonly guard: ReplayGuard
  readonly keys: readonly string[]
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply | undefined

  constructor (
    guard: ReplayGuard,
    keys: readonly string[],
    request: FastifyRequest,
    reply: FastifyReply | undefined
  ) {
    this.guard = guard
    this.keys = keys
    this.#request = request
    this.#reply = reply
  }

  ending (): Ending {
    return endingOf(this.#request, this.#reply)
  }

  warn (err: unknown, text: string): void {
    this.#request.log.error({ ...err !== undefined && { err } }, text)
  }
}

interface Holder {
  [kClaims]?: Claimed[]
}

/**
 * Whose requests they are: the tenant's, where accounts are looked up; else one account for each
 * valid secret, because a message may carry a signature of each, and lose one on the way. Names of
 * keys and decorators are no part of it: they may change while a claim lives. In a fixed order, so
 * that of two copies one gets all.
 */
export function accountsOf (vendor: string, { keys, tenant }: ValidKeys): readonly string[] {
  if (tenant !== undefined) return [`tenant:${digest(JSON.stringify([vendor, tenant]))}`]
  const [only, ...others] = keys
  const first = fingerprint(vendor, only)
  return others.length === 0
    ? [first]
    : [...new Set([first, ...others.map(key => fingerprint(vendor, key))])].sort()
}

const fingerprints = new WeakMap<ReadKey, string>()

function fingerprint (vendor: string, key: ReadKey): string {
  let known = fingerprints.get(key)
  if (known === undefined) {
    known = digest(JSON.stringify([vendor, key.secret]))
    fingerprints.set(key, known)
  }
  return known
}

/** Twelve bytes: too many for two accounts to meet, few enough for a short key. */
function digest (text: string): string {
  return hash('sha256', text, 'buffer').subarray(0, 12).toString('base64url')
}

/**
 * Claims the request under each account. True when it is the first of its kind, false for a
 * repeated one that may pass marked.
 * @throws {InProgress} for a copy of one that is being worked on, marked or not: there is no answer
 * to repeat yet
 * @throws {Replayed} for a copy of one that succeeded
 * @throws {ReplayStoreUnavailable} when the store is full or does not answer: nothing is let
 * through unasked
 */
export function claimOnce (
  request: FastifyRequest,
  guard: ReplayGuard,
  accounts: readonly string[],
  once: string,
  reply?: FastifyReply
): MaybePromise<boolean> {
  const held = (request as Holder)[kClaims] ??= []
  const keys = accounts.map(account => `claim:${account}:${once}`)
  // Two hooks, or one that stands on scope and route, may verify one request.
  if (held.some(claim => claim.guard.store === guard.store && claim.keys[0] === keys[0])) {
    return true
  }
  const claim = new Claimed(guard, keys, request, reply)
  return after(answerOf(() => guard.keeper.take(claim)), live => {
    if (live === 'taken') throw new InProgress()
    if (live === 'done') {
      if (guard.duplicates === 'refuse') throw new Replayed()
      return false
    }
    held.push(claim)
    return true
  })
}

function answerOf<T> (ask: () => MaybePromise<T>): MaybePromise<T> {
  const unavailable = (cause: unknown): never => {
    throw new ReplayStoreUnavailable({ cause })
  }
  try {
    const answer = ask()
    return answer instanceof Promise ? answer.catch(unavailable) : answer
  } catch (error) {
    return unavailable(error)
  }
}

/** Without the reply, only a closed connection shows the end of a hijacked one. */
function endingOf (request: FastifyRequest, reply: FastifyReply | undefined): Ending {
  const raw: { socket: Socket, stream?: ServerHttp2Stream } = request.raw
  const response = reply?.raw
  const { stream } = raw
  if (stream === undefined ? response?.writableFinished : stream.destroyed && !stream.rstCode) {
    return (response?.statusCode ?? 500) < 400 ? 'answered' : 'refused'
  }
  return stream?.destroyed === true || raw.socket.destroyed || response?.destroyed === true
    ? 'lost'
    : 'open'
}

/**
 * Ends the claims of a request by hand: `done` keeps them for the rest of the window, `failed`
 * gives them back, so that the vendor's retry is taken as new. For replies that Fastify does not
 * send (`reply.hijack()`), and for handlers that know better than their status. Without it, a
 * hijacked reply counts by its status within a third of the lease after it ended, and where the
 * connection breaks off the lease ends.
 */
export async function settleClaim (
  request: FastifyRequest,
  outcome: 'done' | 'failed'
): Promise<void> {
  const holder = request as Holder
  const claims = holder[kClaims] ?? []
  delete holder[kClaims]
  for (const claim of claims) await claim.guard.keeper.settle(claim, outcome)
}

/** A failure reply was made: the claims are given back whatever status the vendor wants for it. */
export function failClaims (request: FastifyRequest): void {
  for (const claim of (request as Holder)[kClaims] ?? []) claim.failed = true
}

/** The scopes whose replies are looked at. */
const watched = new WeakSet<FastifyInstance>()

/**
 * Ends claims for all routes of the scope, because a hook that is hidden, or that the whole scope
 * has, claims as well. Once, however many accounts a scope has.
 */
export function watchReplies (app: FastifyInstance): void {
  if (watched.has(app)) return
  watched.add(app)
  app.addHook('onSend', settleOnSend)
}

/** Before the reply leaves, because a retry or a copy may follow at once. */
function settleOnSend (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  next: (error: Error | null, payload: unknown) => void
): void {
  const claims = (request as Holder)[kClaims]
  const settled = claims === undefined || claims.length === 0
    ? undefined
    : settleAll(claims, reply.statusCode, payload, 0)
  after(settled, () => next(null, payload))
}

function settleAll (
  claims: readonly Claimed[],
  status: number,
  payload: unknown,
  index: number
): MaybePromise<void> {
  const claim = claims[index]
  if (claim === undefined) return
  const outcome = claim.failed || status >= 400 || saysFailure(claim.guard, payload, status)
    ? 'failed'
    : 'done'
  return after(
    claim.guard.keeper.settle(claim, outcome),
    () => settleAll(claims, status, payload, index + 1)
  )
}

/** A stream cannot be looked into without being read. */
function saysFailure ({ saysFailure }: ReplayGuard, payload: unknown, status: number): boolean {
  if (saysFailure === undefined) return false
  if (typeof payload === 'string') return saysFailure(payload, status)
  return payload instanceof Uint8Array && saysFailure(Buffer.from(payload).toString(), status)
}
