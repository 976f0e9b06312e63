import { hash } from 'node:crypto'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InProgress, Replayed, ReplayStoreUnavailable } from '../errors.ts'
import type { ReadKey, ValidKeys } from '../keys/key-ring.ts'
import { type Claim, ClaimKeeper, type Ending, type KeeperOptions } from './claim-keeper.ts'
import { continueWith, type MaybePromise } from './maybe-promise.ts'

/** The options of {@link replayGuard}. */
export interface ReplayGuardOptions extends KeeperOptions {
  /** `mark` accepts a repeated request and marks it, for handlers that answer it again. */
  readonly duplicates: 'refuse' | 'mark'
  /** Whether a reply below status 400 reports a failure in the vendor's shape. */
  readonly saysFailure?: SaysFailure | undefined
}

/** Checks a reply below status 400, with its body as sent. */
export type SaysFailure = (payload: string, statusCode: number) => boolean

/** How a plugin guards against replays. */
export interface ReplayGuard extends ReplayGuardOptions {
  readonly keeper: ClaimKeeper
}

/** Makes the replay guard of a plugin. */
export function replayGuard (options: ReplayGuardOptions): ReplayGuard {
  return { ...options, keeper: new ClaimKeeper(options) }
}

const kClaims = Symbol('fastify-contact-center.claims')

class Claimed implements Claim {
  value = ''
  position = -1
  doneAt?: number
  /** True once a failure has been answered, whatever the status. */
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
 * The accounts under which a request is claimed: the tenant, where accounts are looked up; else one
 * for each valid secret, because a message may carry a signature of each, and lose one on the way.
 * They do not include the names of keys and decorators, which may change while a claim lives. The
 * order is fixed, so that one of two simultaneous copies gets all claims.
 */
export function listAccounts (vendor: string, { keys, tenant }: ValidKeys): readonly string[] {
  if (tenant !== undefined) return [`tenant:${digest(JSON.stringify([vendor, tenant]))}`]
  const [firstKey, ...otherKeys] = keys
  const firstAccount = fingerprint(vendor, firstKey)
  return otherKeys.length === 0
    ? [firstAccount]
    : [...new Set([firstAccount, ...otherKeys.map(key => fingerprint(vendor, key))])].sort()
}

const fingerprints = new WeakMap<ReadKey, string>()

function fingerprint (vendor: string, key: ReadKey): string {
  let cached = fingerprints.get(key)
  if (cached === undefined) {
    cached = digest(JSON.stringify([vendor, key.secret]))
    fingerprints.set(key, cached)
  }
  return cached
}

/** Twelve bytes: enough to avoid collisions of accounts, and few enough for a short key. */
function digest (text: string): string {
  return hash('sha256', text, 'buffer').subarray(0, 12).toString('base64url')
}

/**
 * Claims the request under each account. True for a new request, false for a repeated one that is
 * accepted and marked.
 * @throws {InProgress} for a copy of a request in progress, even with `mark`: there is no answer to
 * repeat yet
 * @throws {Replayed} for a copy of a request that succeeded
 * @throws {ReplayStoreUnavailable} when the store is full or does not answer: nothing is accepted
 * unchecked
 */
export function claimOnce (
  request: FastifyRequest,
  guard: ReplayGuard,
  accounts: readonly string[],
  once: string,
  reply?: FastifyReply
): MaybePromise<boolean> {
  const heldClaims = (request as Holder)[kClaims] ??= []
  const keys = accounts.map(account => `claim:${account}:${once}`)
  // Two hooks, or one on both scope and route, may verify the same request.
  if (heldClaims.some(claim => claim.guard.store === guard.store && claim.keys[0] === keys[0])) {
    return true
  }
  const claim = new Claimed(guard, keys, request, reply)
  return continueWith(callStore(() => guard.keeper.take(claim)), state => {
    if (state === 'taken') throw new InProgress()
    if (state === 'done') {
      if (guard.duplicates === 'refuse') throw new Replayed()
      return false
    }
    heldClaims.push(claim)
    return true
  })
}

function callStore<T> (operation: () => MaybePromise<T>): MaybePromise<T> {
  const throwUnavailable = (cause: unknown): never => {
    throw new ReplayStoreUnavailable({ cause })
  }
  try {
    const result = operation()
    return result instanceof Promise ? result.catch(throwUnavailable) : result
  } catch (error) {
    return throwUnavailable(error)
  }
}

/** Without the reply, only a closed connection shows that a hijacked reply has ended. */
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
 * Ends the claims of a request: `done` keeps them for the rest of the window, `failed` releases
 * them, so that the vendor's retry is accepted as new. For replies that Fastify does not send
 * (`reply.hijack()`), and for handlers whose status does not tell success from failure. Without it,
 * a hijacked reply is settled by its status, within a third of the lease after it ended; if the
 * connection breaks, the lease expires.
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

/** Releases the claims of a request that failed, whatever status the vendor gets. */
export function failClaims (request: FastifyRequest): void {
  for (const claim of (request as Holder)[kClaims] ?? []) claim.failed = true
}

/** The scopes whose replies settle claims. */
const watchedScopes = new WeakSet<FastifyInstance>()

/**
 * Settles the claims of all routes of the scope, because hidden and scope-wide hooks claim too. One
 * hook serves all accounts of a scope.
 */
export function watchReplies (app: FastifyInstance): void {
  if (watchedScopes.has(app)) return
  watchedScopes.add(app)
  app.addHook('onSend', settleOnSend)
}

/** Before the reply is sent, because a retry or a copy may follow at once. */
function settleOnSend (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  next: (error: Error | null, payload?: unknown) => void
): void {
  const claims = (request as Holder)[kClaims]
  const settlement = claims === undefined || claims.length === 0
    ? undefined
    : settleAll(claims, reply.statusCode, payload, 0)
  if (settlement === undefined) next(null, payload)
  // Fastify catches what a synchronous hook's `next` throws for a reply that it cannot write, such
  // as one with an invalid header. Uncaught in a promise, it would end the process.
  else settlement.then(() => next(null, payload)).catch(next)
}

function settleAll (
  claims: readonly Claimed[],
  status: number,
  payload: unknown,
  index: number
): MaybePromise<void> {
  const claim = claims[index]
  if (claim === undefined) return
  const outcome = claim.failed || status >= 400 || reportsFailure(claim.guard, payload, status)
    ? 'failed'
    : 'done'
  return continueWith(
    claim.guard.keeper.settle(claim, outcome),
    () => settleAll(claims, status, payload, index + 1)
  )
}

/** A streamed payload cannot be checked without being read, and counts as success. */
function reportsFailure (
  { saysFailure }: ReplayGuard,
  payload: unknown,
  status: number
): boolean {
  if (saysFailure === undefined) return false
  if (typeof payload === 'string') return saysFailure(payload, status)
  return payload instanceof Uint8Array && saysFailure(Buffer.from(payload).toString(), status)
}
