import { once } from 'node:events'
import { createError } from '@fastify/error'
import { InputError, parseUrl, parseWireJson, WireNumber } from '../kit/index.ts'
import { longestDelay } from '../kit/wire/timeout.ts'
import { isSecure } from '../kit/wire/url.ts'
import { OptionInvalid } from '../kit/errors.ts'
import type { WireObject, WireValue } from '../kit/wire/json.ts'
import { CreateCallRequest, type CreateCallResult } from './schemas.ts'

/** The options of {@link createCall}. */
export interface CreateCallOptions {
  /**
   * The vendor's address, `https://host`; the interface's path is added. Plain http on loopback
   * only.
   */
  url: string
  /**
   * Allow an `http:` {@link CreateCallOptions.url} that is not loopback. Default false: the token
   * is sent there.
   */
  allowHttp?: boolean
  /** The OAuth token, or a function that returns a fresh one for each call. */
  accessToken: string | (() => string | Promise<string>)
  /** Sent as `X-APP-Key`. */
  appKey?: string
  /** Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch
  /**
   * Time-out in milliseconds, which includes getting the token. Default 10000. The call may have
   * been made all the same.
   */
  timeoutMs?: number
}

/**
 * Asks the vendor to connect an agent and a customer, and returns the call's serial number.
 * @throws {InputError} when the request breaks a documented limit; nothing is sent then
 * @throws {CallRefused} when the vendor answered with a retCode other than 0
 * @throws {CallFailed} when there is no token, the vendor is unreachable, or its answer is
 * unreadable
 * @throws {CallTimedOut} when the vendor does not answer in time
 */
export type CreateCall = (request: CreateCallRequest) => Promise<CreateCallResult>

/**
 * No token, no answer, an HTTP error, or an answer of an unexpected shape; `cause` says which.
 */
export const CallFailed = createError<[options: { cause: unknown }]>(
  'FST_CC_CALL_FAILED',
  'The vendor could not be reached',
  502
)
/** No answer in time. The call may have been made. */
export const CallTimedOut = createError<[options: { cause: unknown }]>(
  'FST_CC_CALL_TIMED_OUT',
  'The vendor did not answer in time',
  504
)

/** The vendor refused the call. */
export class CallRefused
  extends createError('FST_CC_CALL_REFUSED', 'The vendor refused the call', 502) {
  /** The vendor's own code. */
  readonly retCode: string
  /** The vendor's own text. Do not show it to callers. */
  readonly retMsg: string

  constructor (retCode: string, retMsg: string) {
    super()
    this.retCode = retCode
    this.retMsg = retMsg
  }
}

const path = '/apiaccess/CC-Management/v1/mobileAgent/createCall'

/**
 * Makes a client of createCall V1.0.0, the version in which `callBackUrl` makes the vendor sign the
 * release callback. It never logs, and none of its errors contains the token.
 * @throws {OptionInvalid} naming the option
 * @see https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_1303.html
 */
export function createCall (
  { url, allowHttp = false, accessToken, appKey, fetch = globalThis.fetch, timeoutMs = 10_000 }:
    CreateCallOptions
): CreateCall {
  if (typeof allowHttp !== 'boolean') throw optionError('allowHttp', 'must be true or false')
  const endpoint = callAddress(url, allowHttp)
  if (typeof accessToken !== 'function') assertHeaderText('accessToken', accessToken)
  if (appKey !== undefined) assertHeaderText('appKey', appKey)
  if (typeof fetch !== 'function') throw optionError('fetch', 'must be a function')
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0 || timeoutMs > longestDelay) {
    throw optionError('timeoutMs', `must be a positive integer up to ${longestDelay}`)
  }

  return async function createCall (request) {
    const body = JSON.stringify(toBody(request))
    const signal = AbortSignal.timeout(timeoutMs)
    const token = typeof accessToken === 'function'
      ? await wrapErrors(async () => await waitForToken(accessToken, signal))
      : accessToken
    // Otherwise fetch would quote an invalid header in its error.
    assertHeaderText('accessToken', token)
    return await wrapErrors(async () => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          ...appKey !== undefined && { 'x-app-key': appKey }
        },
        body,
        // A redirect must not receive the token.
        redirect: 'error',
        signal
      })
      if (!response.ok) throw new Error(`the vendor answered with HTTP status ${response.status}`)
      return toResult(await response.text())
    })
  }
}

async function wrapErrors<T> (step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    if (cause instanceof CallRefused) throw cause
    throw isTimeout(cause) ? new CallTimedOut({ cause }) : new CallFailed({ cause })
  }
}

/** The user's function does not get the signal, and may never settle. */
async function waitForToken<T> (getToken: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
  const token = (async () => await getToken())()
  await Promise.race([token, once(signal, 'abort')])
  signal.throwIfAborted()
  return await token
}

function toBody (request: CreateCallRequest): Record<string, string> {
  const required: readonly string[] = CreateCallRequest.required
  const body: Record<string, string> = {}
  for (
    const [name, { minLength = 0, maxLength = Infinity, pattern = '' }] of Object.entries(
      CreateCallRequest.properties
    )
  ) {
    const value = request[name as keyof CreateCallRequest]
    if (value === undefined && !required.includes(name)) continue
    if (typeof value !== 'string') throw new InputError(`${name} must be a string`)
    if (value.length < minLength || value.length > maxLength) {
      throw new InputError(`${name} must have ${minLength} to ${maxLength} characters`)
    }
    if (!new RegExp(pattern, 'u').test(value)) {
      throw new InputError(`${name} contains characters that the vendor does not accept`)
    }
    body[name] = name === 'callBackUrl' ? Buffer.from(value).toString('base64') : value
  }
  return body
}

/**
 * The serial number is documented here as a number of 19 digits, elsewhere as text: it must never
 * become a double.
 */
function toResult (text: string): CreateCallResult {
  const response = asObject(parseWireJson(text, 'the answer'))
  const retCode = textOf(response.get('retCode'))
  if (retCode === '') throw new Error('the answer has no retCode')
  if (retCode !== '0') throw new CallRefused(retCode, textOf(response.get('retMsg')))
  const callSerialNo = textOf(asObject(response.get('result')).get('callSerialNo'))
  if (!/^[0-9A-Za-z_-]{1,50}$/.test(callSerialNo)) {
    throw new Error('the answer has no callSerialNo')
  }
  return { callSerialNo }
}

function asObject (value: WireValue | undefined): WireObject {
  if (!(value instanceof Map)) throw new Error('the answer has an unexpected shape')
  return value
}

function textOf (value: WireValue | undefined): string {
  if (value instanceof WireNumber) return value.text
  return typeof value === 'string' ? value : ''
}

function isTimeout (error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}

function callAddress (url: string, allowHttp: boolean): string {
  const parsedUrl = typeof url === 'string' ? parseUrl(url) : null
  if (parsedUrl === null || !/^https?:\/\/[^?#@]+$/.test(url)) {
    throw optionError('url', 'must be an http or https address without user, query or fragment')
  }
  if (!allowHttp && !isSecure(parsedUrl)) {
    throw optionError(
      'url',
      'must be https, because the access token is sent there; "allowHttp" allows http'
    )
  }
  return url.replace(/(?<!\/)\/+$/, '') + path
}

function assertHeaderText (name: string, value: string): void {
  if (typeof value !== 'string' || !/^[!-~]+$/.test(value)) {
    throw optionError(name, 'must be printable ASCII without spaces')
  }
}

function optionError (name: string, problem: string): Error {
  return new OptionInvalid('huawei-aicc', `option "${name}" ${problem}`)
}
