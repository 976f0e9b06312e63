import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  stacklessError,
  OptionInvalid,
  refusalOf,
  SignatureInvalid,
  TimestampOutOfWindow
} from '../errors.ts'
import type { ReadKey, ValidKeys } from '../keys/key-ring.ts'
import type { Verifier } from '../scheme.ts'
import { isInt64 } from '../wire/text.ts'
import { isWithin, millisecondsSince } from '../wire/time.ts'
import { adoptRoute } from './adopt-route.ts'
import { claimOnce, listKeyPrefixes } from './claims.ts'
import { enterGuard } from './failure-owner.ts'
import { continueWith, isThenable, type MaybePromise } from './maybe-promise.ts'
import type { Settings } from './options.ts'
import { publishOutcome, Refused, verificationChannel } from './outcomes.ts'

/** The parts of a request, as a vendor reads them: each present once and well-formed. */
export interface Received<Input> {
  readonly input: Input
  /** The signature as received. */
  readonly signature: string
  /**
   * Epoch milliseconds as text, where the signature covers a time. Null if this request has none,
   * although the vendor has a window: nothing but `notAfter` then limits its age.
   */
  readonly timestamp?: string | null
  /** The one-time value, where the signature covers one. */
  readonly nonce?: string
  /**
   * Identifies this request: the nonce, or the signature in its one canonical spelling. Null if
   * nothing is unique, for vendors with `replay: 'never'`.
   */
  readonly once: string | null
  /** The names of the parts that the signature covers in this request. */
  readonly covered: readonly string[]
  /** The id of the key that the request names: no other key is tried. */
  readonly keyId?: string
  /** A signed expiry in epoch milliseconds (inclusive), checked with the window. */
  readonly notAfter?: number
}

/** The result of a successful verification, for handlers. */
export interface Verification {
  /** The vendor whose scheme verified the request. */
  readonly scheme: string
  /** The id of the key that matched. */
  readonly keyId: string
  /** The account, where keys are looked up per tenant. */
  readonly tenant?: string
  /** The signed time in epoch milliseconds, where there is one. */
  readonly signedAt?: number
  /** The signed one-time value, where there is one. */
  readonly nonce?: string
  /** True for a repeated request that was let through on purpose. */
  readonly duplicate: boolean
  /** The names of the parts that the signature covers. */
  readonly covered: readonly string[]
}

/** Examines a refused request after its reply. */
export type ExplainLater = (request: FastifyRequest, error: unknown) => void

/** The reply to a handshake, with which a vendor checks that we control the address. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  /** Default `application/json; charset=utf-8`. */
  readonly type?: string
  readonly body: unknown
}

/** Answers a vendor's handshake in place of the handler. */
export interface Handshake<Input> {
  /** Answers an unsigned handshake, before verification; undefined for any other request. */
  readonly unsigned?: (request: FastifyRequest) => Answer | undefined
  /** Answers a signed handshake, after verification, with the secret that matched. */
  readonly signed?: (received: Received<Input>, secret: string) => Answer | undefined
}

/** The parts of {@link createVerify}. */
export interface VerifyOptions<Input> {
  /** The vendor plugin's settings, as `readCommonOptions` gives them. */
  readonly settings: Settings
  readonly scheme: Verifier<Input>
  /** Reads the signed parts of a request; throws the kit's errors. */
  readonly read: (request: FastifyRequest) => Received<Input>
  /** For the option `explain`; undefined if it is off. */
  readonly explainLater?: ExplainLater | undefined
  /** Runs last, once the request has been verified and claimed. */
  readonly accepted?:
    | ((request: FastifyRequest, received: Received<Input>) => MaybePromise<void>)
    | undefined
  readonly handshake?: Handshake<Input> | undefined
}

/**
 * A verify hook. Called by Fastify with a callback, it creates no promise of its own. Called with
 * the request alone, or by `@fastify/auth`, it is an async function.
 */
export interface VerifyHook {
  (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void
  (request: FastifyRequest, reply?: FastifyReply): Promise<void>
}

interface Accepted {
  readonly verification: Verification
  readonly answer?: Answer | undefined
}

/**
 * Makes the verify hook. The order of checks is part of its security: parts present once and
 * well-formed, then the MAC, then the time window, then the replay claim. Without a key, a caller
 * learns nothing about time or nonces, and cannot use one up.
 */
export function createVerify<Input> (options: VerifyOptions<Input>): VerifyHook {
  const { settings, scheme, read, accepted, explainLater, handshake = {} } = options
  const { keys, now, window, replay } = settings
  if (settings.explain && explainLater === undefined) {
    throw new OptionInvalid(settings.vendor, 'option "explain" needs a vendor with a diagnosis')
  }

  /** No step creates a closure or a promise unless there is something to wait for. */
  function check (request: FastifyRequest, reply?: FastifyReply): MaybePromise<Accepted | Refused> {
    const received = readParts(request)
    if (received instanceof Refused) return received
    const receivedAt = now()
    const validKeys = keys.at(receivedAt, request, received.keyId)
    return validKeys instanceof Promise
      ? validKeys.then(validKeys => checkSignature(request, reply, received, receivedAt, validKeys))
      : checkSignature(request, reply, received, receivedAt, validKeys)
  }

  function readParts (request: FastifyRequest): Received<Input> | Refused {
    try {
      return read(request)
    } catch (error) {
      return new Refused(refusalOf(error))
    }
  }

  function checkSignature (
    request: FastifyRequest,
    reply: FastifyReply | undefined,
    received: Received<Input>,
    receivedAt: number,
    validKeys: ValidKeys
  ): MaybePromise<Accepted | Refused> {
    const key = findKey(received, validKeys)
    if (key instanceof Refused) return key
    const late = lateness(received, receivedAt)
    if (late !== undefined) {
      return new Refused(new TimestampOutOfWindow({ cause: stacklessError(late) }))
    }
    const isNew = replay === undefined || claimOnce(
      request,
      replay,
      listKeyPrefixes(settings.vendor, validKeys),
      onceOf(received),
      reply
    )
    return isNew instanceof Promise
      ? isNew.then(isNew => acceptRequest(request, received, key, validKeys, isNew))
      : acceptRequest(request, received, key, validKeys, isNew)
  }

  function findKey (received: Received<Input>, { keys }: ValidKeys): ReadKey | Refused {
    try {
      return matchingKey(scheme, received, keys) ?? new Refused(new SignatureInvalid())
    } catch (error) {
      return new Refused(refusalOf(error))
    }
  }

  function acceptRequest (
    request: FastifyRequest,
    received: Received<Input>,
    key: ReadKey,
    { tenant }: ValidKeys,
    isNew: boolean
  ): MaybePromise<Accepted> {
    const pending = accepted?.(request, received)
    return pending === undefined
      ? toAccepted(received, key, tenant, isNew)
      : continueWith(pending, () => toAccepted(received, key, tenant, isNew))
  }

  function toAccepted (
    received: Received<Input>,
    key: ReadKey,
    tenant: string | undefined,
    isNew: boolean
  ): Accepted {
    return {
      verification: createVerification(scheme.name, key, tenant, received, !isNew),
      answer: handshake.signed?.(received, key.secret)
    }
  }

  /** Why the signed time is out of the window; undefined if it is not. */
  function lateness (
    { timestamp, notAfter }: Received<Input>,
    receivedAt: number
  ): string | undefined {
    if (window !== undefined && timestamp !== null) {
      if (timestamp === undefined) {
        throw new TypeError(
          `${settings.vendor}: "read" must return the signed time as "timestamp", or null`
        )
      }
      if (!isWithin(timestamp, receivedAt, window)) return describeAge(timestamp, receivedAt)
    }
    // Not a comparison with >, because nothing is later than NaN.
    if (notAfter !== undefined && !(receivedAt <= notAfter)) {
      return `valid until ${notAfter}, received at ${receivedAt}`
    }
    return undefined
  }

  /** Without it, every copy of the request would be accepted. */
  function onceOf ({ once }: Received<Input>): string {
    if (typeof once === 'string' && once !== '') return once
    throw new TypeError(
      `${settings.vendor}: with a replay store, "read" must return as "once" what identifies the ` +
        "request; if nothing does, define the vendor with replay: 'never'"
    )
  }

  /** Undefined once the reply has been sent in place of the handler. */
  function verify (request: FastifyRequest, reply?: FastifyReply): MaybePromise<HookResult> {
    request.verification = null
    const handshakeAnswer = handshake.unsigned?.(request)
    if (handshakeAnswer !== undefined) return sendAnswer(reply, handshakeAnswer)
    const outcome = verificationChannel.hasSubscribers
      ? publishOutcome(settings, () => check(request, reply))
      : check(request, reply)
    return outcome instanceof Promise
      ? outcome.then(accepted => finishRequest(request, reply, accepted))
      : finishRequest(request, reply, outcome)
  }

  function finishRequest (
    request: FastifyRequest,
    reply: FastifyReply | undefined,
    outcome: Accepted | Refused
  ): HookResult {
    if (outcome instanceof Refused) return outcome
    const { verification, answer } = outcome
    request.verification = verification
    return answer === undefined ? true : sendAnswer(reply, answer)
  }

  return createHook(settings, verify, explainLater)
}

type Done = (error?: Error) => void

/** True to go on; undefined if a handshake has been answered: Fastify has the reply. */
type HookResult = true | Refused | undefined

/** Makes a hook in both forms: with a callback, and as an async function. */
export function createHook (
  settings: Settings,
  run: (request: FastifyRequest, reply?: FastifyReply) => MaybePromise<HookResult>,
  onFailure: ExplainLater = () => {}
): VerifyHook {
  function hook (
    request: FastifyRequest,
    reply?: FastifyReply,
    done?: Done
  ): void | Promise<void> {
    if (request === undefined) throw new OptionInvalid(settings.vendor, calledAtBoot(settings.as))
    enterGuard(request, settings)
    adoptRoute(request)
    if (done === undefined) return runAsync(request, reply)
    let pending: MaybePromise<HookResult>
    try {
      pending = run(request, reply)
    } catch (error) {
      refuse(request, error, done)
      return
    }
    if (!(pending instanceof Promise)) {
      end(request, pending, done)
      return
    }
    pending.then(
      result => end(request, result, done),
      (error: unknown) => refuse(request, error, done)
    )
  }

  function end (request: FastifyRequest, result: HookResult, done: Done): void {
    if (result === true) done()
    else if (result !== undefined) refuse(request, result.error, done)
  }

  function refuse (request: FastifyRequest, thrown: unknown, done: Done): void {
    const error = toError(thrown)
    onFailure(request, error)
    done(error)
  }

  async function runAsync (request: FastifyRequest, reply?: FastifyReply): Promise<void> {
    try {
      const result = await run(request, reply)
      if (result instanceof Refused) throw result.error
    } catch (thrown) {
      const error = toError(thrown)
      onFailure(request, error)
      throw error
    }
  }

  return hook as VerifyHook
}

function calledAtBoot (as: string): string {
  return `a hook was called without a request: write "app.${as}.verify" without parentheses`
}

/** Fastify takes a falsy error for success, and would run the handler. */
export function toError (thrown: unknown): Error {
  return (thrown || new TypeError(`The verification threw ${String(thrown)}`)) as Error
}

function sendAnswer (reply: FastifyReply | undefined, answer: Answer): undefined {
  if (reply === undefined) {
    throw new TypeError('verify must answer a handshake: pass it the reply too')
  }
  if (isThenable(answer)) throw new TypeError('a handshake must return its answer at once')
  const { status = 200, type = 'application/json; charset=utf-8', body } = answer
  reply.code(status).type(type).send(body)
}

/** Quotes nothing received, which may be long. */
function describeAge (timestamp: string, now: number): string {
  if (!isInt64(timestamp)) return 'the signed time is not a decimal integer'
  const age = millisecondsSince(timestamp, now)
  return `signed ${age < 0 ? -age : age} ms ${age < 0 ? 'after' : 'before'} it was received`
}

/**
 * The first key that verifies; if the request names its key, only that one. The number of keys
 * tried reveals nothing about a signature that none of them made.
 */
export function matchingKey<Input> (
  scheme: Verifier<Input>,
  { input, signature, keyId }: Pick<Received<Input>, 'input' | 'signature' | 'keyId'>,
  keys: readonly ReadKey[]
): ReadKey | undefined {
  for (const key of keys) {
    if (keyId !== undefined && key.id !== keyId) continue
    const isValid: unknown = scheme.verify(input, signature, key.secret, key.parsed)
    if (isValid === true) return key
    // The promise of an asynchronous scheme would pass for true.
    if (isValid !== false) throw new TypeError(`${scheme.name}: verify must return true or false`)
  }
  // An unknown key id must take as long as a wrong signature.
  if (keyId !== undefined && keys.every(key => key.id !== keyId)) {
    for (const { secret, parsed } of keys.slice(0, 1)) {
      scheme.verify(input, signature, secret, parsed)
    }
  }
  return undefined
}

function createVerification<Input> (
  scheme: string,
  key: ReadKey,
  tenant: string | undefined,
  { timestamp, nonce, covered }: Received<Input>,
  duplicate: boolean
): Verification {
  const verification: { -readonly [Name in keyof Verification]: Verification[Name] } = {
    scheme,
    keyId: key.id,
    duplicate,
    covered
  }
  if (tenant !== undefined) verification.tenant = tenant
  if (typeof timestamp === 'string') verification.signedAt = Number(timestamp)
  if (nonce !== undefined) verification.nonce = nonce
  return verification
}
