import { createError } from '@fastify/error'
import { Value } from '@sinclair/typebox/value'
import { longestDelay } from '../kit/wire/timeout.ts'
import type { SignedMember } from './member.ts'
import { RemoteLoginResult } from './schemas.ts'

/** How a server-side login is sent. */
export interface ServerLoginOptions {
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch
  /** Time-out in milliseconds. Default 5000. */
  timeoutMs?: number
}

/** Online Contact refused the login; its result code is in the cause. Status 502. */
export const RemoteLoginRefused = createError(
  'FST_CC_REMOTE_LOGIN_REFUSED',
  'Online Contact refused the login',
  502
)
/** Online Contact was unreachable, or its answer was unexpected. Status 502. */
export const RemoteLoginFailed = createError(
  'FST_CC_REMOTE_LOGIN_FAILED',
  'Online Contact did not answer as expected',
  502
)
/** Online Contact did not answer in time. Status 504. */
export const RemoteLoginTimedOut = createError(
  'FST_CC_REMOTE_LOGIN_TIMED_OUT',
  'Online Contact did not answer in time',
  504
)

/**
 * Logs the member in from our server, and returns the access token.
 * @throws {RemoteLoginRefused} when Online Contact refuses the login
 * @throws {RemoteLoginFailed} when it is unreachable, or its answer is unexpected
 * @throws {RemoteLoginTimedOut} when it does not answer in time
 * @throws {RangeError} on a time-out that is not a positive integer
 */
export async function remoteLogin (
  url: string,
  fields: SignedMember,
  { fetch = globalThis.fetch, timeoutMs = 5000 }: ServerLoginOptions
): Promise<string> {
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0 || timeoutMs > longestDelay) {
    throw new RangeError(`timeoutMs must be a positive integer up to ${longestDelay}`)
  }
  const { isOk, body } = await postLogin(url, fields, fetch, timeoutMs)
  if (!Value.Check(RemoteLoginResult, body)) {
    throw new RemoteLoginFailed({ cause: new Error('the answer has an unexpected shape') })
  }
  const { header, result } = body
  if (!isOk || !header.isSuccessful || result === null || result.content === '') {
    throw new RemoteLoginRefused({ cause: new Error(`result code ${header.resultCode}`) })
  }
  return result.content
}

async function postLogin (
  url: string,
  fields: SignedMember,
  fetch: typeof globalThis.fetch,
  timeoutMs: number
): Promise<{ isOk: boolean, body: unknown }> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    // A redirect must not receive the member's data.
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'error',
      signal
    })
    return { isOk: response.ok, body: await response.json() }
  } catch (error) {
    throw signal.aborted
      ? new RemoteLoginTimedOut({ cause: error })
      : new RemoteLoginFailed({ cause: error })
  }
}
