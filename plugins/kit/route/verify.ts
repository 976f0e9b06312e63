import type { FastifyRequest } from 'fastify'
import {
  stacklessError,
  OptionInvalid,
  refuseInputErrors,
  SignatureInvalid,
  TimestampOutOfWindow
} from '../errors.ts'
import type { Key } from '../keys/key-ring.ts'
import type { Settings } from './options.ts'
import { reporting } from './outcomes.ts'
import { claimOnce } from './claims.ts'
import type { Scheme } from '../scheme.ts'
import { isWithin } from '../wire/time.ts'

/** What a vendor reads off a request: every required part present once and well-shaped. */
export interface Received<Input> {
  readonly input: Input
  /** The signature as received. */
  readonly signature: string
  /** Epoch milliseconds as text, where the signature covers a time. */
  readonly timestamp?: string
  /** The one-time value, where the signature covers one. */
  readonly nonce?: string
  /**
   * What tells this request from any other: the nonce, or the signature in its one canonical
   * spelling.
   */
  readonly once: string
  /** The names of the parts that the signature covers in this request. */
  readonly covered: readonly string[]
}

/** What a handler may rely on after a successful verification. */
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

export interface VerifierOptions<Input> {
  /** The vendor plugin's settings, as `readCommonOptions` gives them. */
  readonly settings: Settings
  readonly scheme: Scheme<Input>
  /** Reads the parts off a request; throws the kit's errors. */
  readonly read: (request: FastifyRequest) => Received<Input>
  /** For the option `explain`; undefined where it is off. */
  readonly explainLater?: ExplainLater | undefined
  /** Runs last, once the request is known to be authentic and new. */
  readonly accepted?: (request: FastifyRequest, received: Received<Input>) => void | Promise<void>
}

/** Looks into a refused request once its reply is on the way. */
export type ExplainLater = (request: FastifyRequest, error: unknown) => void

/** A verify hook: also a plain async function, so that `@fastify/auth` can combine it. */
export type VerifyHook = (request: FastifyRequest) => Promise<void>

/**
 * Makes the verify hook. The order of checks is part of its security: parts present
 * once and well-shaped, then the MAC, then the time window, then the replay claim. Who
 * holds no key learns nothing about time or nonces, and cannot use one up.
 */
export function createVerify<Input> (
  { settings, scheme, read, accepted, explainLater }: VerifierOptions<Input>
): VerifyHook {
  const { keys, now, window, replay } = settings
  if (settings.explain && explainLater === undefined) {
    throw new OptionInvalid(settings.vendor, 'option "explain" needs a vendor with a diagnosis')
  }

  async function check (request: FastifyRequest): Promise<Verification> {
    const received = refuseInputErrors(() => read(request))
    const at = now()
    const found = keys.at(at, request)
    const valid = found instanceof Promise ? await found : found
    const key = refuseInputErrors(() =>
      matchingKey(scheme, received.input, received.signature, valid.keys)
    )
    if (key === undefined) throw new SignatureInvalid()
    if (
      window !== undefined && received.timestamp !== undefined &&
      !isWithin(received.timestamp, at, window)
    ) {
      throw new TimestampOutOfWindow({
        cause: stacklessError(`signed at ${received.timestamp}, received at ${at}`)
      })
    }
    const duplicate = replay !== undefined &&
      !await claimOnce(request, replay, [
        settings.vendor,
        settings.as,
        valid.tenant ?? '',
        key.id,
        received.once
      ])
    const after = accepted?.(request, received)
    if (after !== undefined) await after
    return result(scheme.name, key, valid.tenant, received, duplicate)
  }

  return async function verify (request) {
    request.verification = null
    try {
      request.verification = await reporting(settings, () => check(request))
    } catch (error) {
      explainLater?.(request, error)
      throw error
    }
  }
}

/**
 * The first key that verifies. The number of keys tried tells nothing about a signature that none
 * of them made.
 */
export function matchingKey<Input> (
  scheme: Scheme<Input>,
  input: Input,
  signature: string,
  keys: readonly Key[]
): Key | undefined {
  return keys.find(key => scheme.verify(input, signature, key.secret))
}

function result<Input> (
  scheme: string,
  key: Key,
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
  if (timestamp !== undefined) verification.signedAt = Number(timestamp)
  if (nonce !== undefined) verification.nonce = nonce
  return verification
}
