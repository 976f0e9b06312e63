import { hash } from 'node:crypto'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InProgress, Replayed, ReplayStoreUnavailable } from '../errors.ts'
import type { ReadKey, ValidKeys } from '../keys/key-ring.ts'
import {
  type Claim,
  ClaimKeeper,
  type Ending,
  type KeeperOptions,
  type TakenState
} from './claim-keeper.ts'
import type { MaybePromise } from './maybe-promise.ts'

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

/** Each field is written once: to define private or initialized fields takes longer. */
class Claimed implements Claim {
  declare value: string
  declare position: number
  declare doneAt?: number
  /** True once a failure has been answered, whatever the status. */
  declare failed: boolean
  declare readonly guard: ReplayGuard
  declare readonly keys: readonly string[]
  declare readonly request: FastifyRequest
  declare readonly reply: FastifyReply | undefined

  constructor (
    guard: ReplayGuard,
    keys: readonly string[],
    request: FastifyRequest,
    reply: FastifyReply | undefined
  ) {
    this.value = ''
    this.position = -1
    this.failed = false
    this.guard = guard
    this.keys = keys
    this.request = request
    this.reply = reply
  }

  ending (): Ending {
    return endingOf(this.request, this.reply)
  }

  warn (err: unknown, text: string): void {
    this.request.log.error({ ...err !== undefined && { err } }, text)
  }
}

interface Holder {
  [kClaims]?: Claimed[]
}

/**
 * The start of each key under which a request is claimed, one for each account. The account is the
 * tenant, where accounts are looked up; else each valid secret is one, because a message may carry
 * a signature of each, and lose one on the way. The names of keys and decorators are not in it, for
 * they may change while a claim lives. The order is fixed, so that one of two simultaneous copies
 * gets all claims.
 */
export function listKeyPrefixes (vendor: string, { keys, tenant }: ValidKeys): readonly string[] {
  if (tenant !== undefined) return [`claim:tenant:${digest(JSON.stringify([vendor, tenant]))}:`]
  return keys.length === 1
    ? [prefixOf(vendor, keys[0])]
    : [...new Set(keys.map(key => prefixOf(vendor, key)))].sort()
}

const prefixes = new WeakMap<ReadKey, string>()

function prefixOf (vendor: string, key: ReadKey): string {
  let cached = prefixes.get(key)
  if (cached === undefined) {
    cached = `claim:${digest(JSON.stringify([vendor, key.secret]))}:`
    prefixes.set(key, cached)
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
  keyPrefixes: readonly string[],
  once: string,
  reply?: FastifyReply
): MaybePromise<boolean> {
  const keys = keyPrefixes.map(prefix => prefix + once)
  // Two hooks, or one on both scope and route, may verify the same request.
  if (holdsClaim(request, guard, keys)) return true
  const claim = new Claimed(guard, keys, request, reply)
  let state: MaybePromise<TakenState>
  try {
    state = guard.keeper.take(claim)
  } catch (error) {
    return throwUnavailable(error)
  }
  return state instanceof Promise
    ? state.catch(throwUnavailable).then(state => holdClaim(claim, state))
    : holdClaim(claim, state)
}

function holdsClaim (
  request: FastifyRequest,
  { store }: ReplayGuard,
  [firstKey]: readonly string[]
): boolean {
  const heldClaims = (request as Holder)[kClaims]
  return heldClaims !== undefined &&
    heldClaims.some(claim => claim.guard.store === store && claim.keys[0] === firstKey)
}

function holdClaim (claim: Claimed, state: TakenState): boolean {
  if (state === 'taken') throw new InProgress()
  if (state === 'done') {
    if (claim.guard.duplicates === 'refuse') throw new Replayed()
    return false
  }
  const holder = claim.request as Holder
  const heldClaims = holder[kClaims]
  if (heldClaims === undefined) holder[kClaims] = [claim]
  else heldClaims.push(claim)
  return true
}

function throwUnavailable (cause: unknown): never {
  throw new ReplayStoreUnavailable({ cause })
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
  start: number
): MaybePromise<void> {
  for (let index = start; index < claims.length; index++) {
    const claim = claims[index] as Claimed
    const outcome = claim.failed || status >= 400 || reportsFailure(claim.guard, payload, status)
      ? 'failed'
      : 'done'
    const settlement = claim.guard.keeper.settle(claim, outcome)
    if (settlement instanceof Promise) {
      return settlement.then(() => settleAll(claims, status, payload, index + 1))
    }
  }
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
