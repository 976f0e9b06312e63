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

async function runAndPublish<Result> (
  { vendor, as }: Pick<Settings, 'vendor' | 'as'>,
  work: () => MaybePromise<Result>
): Promise<Result> {
  const startedAt = performance.now()
  const publish = (outcome: Pick<Outcome, 'code' | 'duplicate'> & Partial<Outcome>): void => {
    const durationMs = performance.now() - startedAt
    verificationChannel.publish({ vendor, decorator: as, durationMs, ...outcome })
  }
  try {
    const result = await work()
    if (result instanceof Refused) {
      publish({ code: codeOf(result.error), duplicate: false })
      return result
    }
    const { verification } = (result ?? {}) as { verification?: Verification }
    const { keyId, tenant, duplicate = false } = verification ?? {}
    publish({
      code: 'OK',
      duplicate,
      ...keyId !== undefined && { keyId },
      ...tenant !== undefined && { tenant }
    })
    return result
  } catch (error) {
    publish({ code: codeOf(error), duplicate: false })
    throw error
  }
}

function codeOf (error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && code.startsWith('FST_CC_') ? code : 'ERROR'
}
