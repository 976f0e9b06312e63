import { channel } from 'node:diagnostics_channel'
import type { MaybePromise } from './maybe-promise.ts'
import type { Settings } from './options.ts'
import type { Verification } from './verify.ts'

/** The outcome of one verification. Each label has few values, so that metrics can use it. */
export interface Outcome {
  /** The vendor's name. */
  readonly vendor: string
  /** The decorator's name, which identifies the account. */
  readonly decorator: string
  /** `OK`, the code of the refusal (`FST_CC_…`), or `ERROR` for any other error. */
  readonly code: string
  /**
   * The id of the key that matched; none if a guard other than the signature's accepted the
   * request.
   */
  readonly keyId?: string
  /**
   * The account, where keys are looked up and the signature is valid; never a name that a caller
   * only claims.
   */
  readonly tenant?: string
  /** True if a repeated request was accepted and marked. */
  readonly duplicate: boolean
  /** Milliseconds, with fractions. */
  readonly durationMs: number
}

/**
 * `diagnostics_channel` of every verification, accepted or refused; messages are {@link Outcome}.
 */
export const verificationChannel = channel('fastify-contact-center:verification')

/**
 * A refusal that is returned. To throw one costs almost as much as a signature, because the engine
 * looks up where that was.
 */
export class Refused {
  readonly error: unknown
  constructor (error: unknown) {
    this.error = error
  }
}

/**
 * Runs the work and publishes its outcome. Without a subscriber, it only runs the work, without a
 * promise of its own.
 */
export function publishOutcome<Result> (
  settings: Pick<Settings, 'vendor' | 'as'>,
  work: () => MaybePromise<Result>
): MaybePromise<Result> {
  return verificationChannel.hasSubscribers ? runAndPublish(settings, work) : work()
}

function runAndPublish<Result> (
  settings: Pick<Settings, 'vendor' | 'as'>,
  work: () => MaybePromise<Result>
): MaybePromise<Result> {
  const startedAt = performance.now()
  let result: MaybePromise<Result>
  try {
    result = work()
  } catch (error) {
    publishError(settings, startedAt, error)
    throw error
  }
  if (!(result instanceof Promise)) return publishResult(settings, startedAt, result)
  return result.then(result => publishResult(settings, startedAt, result), (error: unknown) => {
    publishError(settings, startedAt, error)
    throw error
  })
}

function publishResult<Result> (
  { vendor, as }: Pick<Settings, 'vendor' | 'as'>,
  startedAt: number,
  result: Result
): Result {
  if (result instanceof Refused) {
    publishError({ vendor, as }, startedAt, result.error)
    return result
  }
  const { verification } = (result ?? {}) as { verification?: Verification }
  const { keyId, tenant, duplicate = false } = verification ?? {}
  const outcome: { -readonly [Name in keyof Outcome]: Outcome[Name] } = {
    vendor,
    decorator: as,
    durationMs: performance.now() - startedAt,
    code: 'OK',
    duplicate
  }
  if (keyId !== undefined) outcome.keyId = keyId
  if (tenant !== undefined) outcome.tenant = tenant
  verificationChannel.publish(outcome)
  return result
}

function publishError (
  { vendor, as }: Pick<Settings, 'vendor' | 'as'>,
  startedAt: number,
  error: unknown
): void {
  verificationChannel.publish({
    vendor,
    decorator: as,
    durationMs: performance.now() - startedAt,
    code: codeOf(error),
    duplicate: false
  })
}

function codeOf (error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && code.startsWith('FST_CC_') ? code : 'ERROR'
}
