import { channel } from 'node:diagnostics_channel'
import type { MaybePromise } from './maybe-promise.ts'
import type { Settings } from './options.ts'
import type { Verification } from './verify.ts'

/** What became of one verification. Every label has few values, so that it can be a metric's. */
export interface Outcome {
  /** The vendor whose scheme it was. */
  readonly vendor: string
  /** The name of the decorator: the account. */
  readonly decorator: string
  /** `OK`, or the code of the refusal (`FST_CC_…`), or `ERROR` for a fault of our own. */
  readonly code: string
  /**
   * The id of the key that matched; none where another gate than a signature let a request through.
   */
  readonly keyId?: string
  /**
   * The account, where keys are looked up and the signature was good; never a name that only a
   * caller claims.
   */
  readonly tenant?: string
  /** True where a repeated request was let through marked. */
  readonly duplicate: boolean
  /** Milliseconds, with fractions. */
  readonly durationMs: number
}

/**
 * `diagnostics_channel` of every verification, accepted or refused; messages are {@link Outcome}.
 */
export const verificationChannel = channel('fastify-contact-center:verification')

/**
 * Does the work and publishes what became of it; without a subscriber, it only does the work, and
 * makes no promise.
 */
export function publishOutcome<Result> (
  settings: Pick<Settings, 'vendor' | 'as'>,
  work: () => MaybePromise<Result>
): MaybePromise<Result> {
  return verificationChannel.hasSubscribers ? workAndPublish(settings, work) : work()
}

async function workAndPublish<Result> (
  { vendor, as }: Pick<Settings, 'vendor' | 'as'>,
  work: () => MaybePromise<Result>
): Promise<Result> {
  const began = performance.now()
  const publish = (rest: Pick<Outcome, 'code' | 'duplicate'> & Partial<Outcome>): void => {
    const durationMs = performance.now() - began
    verificationChannel.publish({ vendor, decorator: as, durationMs, ...rest })
  }
  try {
    const result = await work()
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
