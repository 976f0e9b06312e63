import { parseUrl } from 'fastify-contact-center/kit'
import { readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import type { Fault } from '../shared/faults.ts'
import { omitEmpty, type ValuesOf } from '../shared/settings.ts'
import {
  getRequest,
  jsonPost,
  parseObject,
  type WireAnswer,
  type WireRequest
} from '../shared/wire.ts'
import { explainHash, type Hashing, readHashing } from './hash.ts'
import type { oracleCscSettings } from './settings.ts'

/** A service under test that makes click-to-call URLs, and the lab's settings for it. */
export interface OracleCscBench extends Hashing {
  /** Returns a click-to-call URL. {username}, {callerId} and {callId} are placeholders. */
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** The Cookie header of a signed-in agent. */
  readonly cookie?: string
}

export type CscFault = Fault<OracleCscBench>
export interface CallParameters {
  username: string
  callerId: string
  callId: string
}

export function oracleCscBench (values: ValuesOf<typeof oracleCscSettings>): OracleCscBench {
  const { targetUrl: url, method, cookie } = values
  return { url, method: method as 'GET' | 'POST', ...omitEmpty({ cookie }), ...readHashing(values) }
}

const defaultCall: CallParameters = { username: 'kim', callerId: '+15551234567', callId: 'call-1' }

export interface UrlRequest {
  readonly more?: Partial<CallParameters>
  readonly asGuest?: boolean
  /** Added to the query. */
  readonly query?: string
}

export function requestUrl (
  { url, method, cookie }: OracleCscBench,
  { more = {}, asGuest = false, query = '' }: UrlRequest = {}
): WireRequest {
  const call = { ...defaultCall, ...more }
  const target = url.replaceAll(
    /\{(username|callerId|callId)\}/g,
    (_all, name: keyof CallParameters) => encodeURIComponent(call[name])
  ) + query
  const headers = cookie === undefined || asGuest ? [] : [['Cookie', cookie] as const]
  return method === 'GET'
    ? getRequest(target, headers)
    : jsonPost(target, '{}', [['Origin', new URL(target).origin], ...headers])
}

/** The reason why the lab cannot test this field. */
export function requireField (
  field: keyof CallParameters
): (bench: OracleCscBench) => string | undefined {
  return ({ url }) => url.includes(`{${field}}`) ? undefined : `the target has no {${field}}`
}

/** The URL in a response: a redirect, `{"url":"…"}`, or plain text. */
export function extractUrl ({ status, headers, text }: WireAnswer): string | undefined {
  if (status === null || status >= 400) return undefined
  const url = headers.location ?? parseObject(text)?.['url'] ?? text.trim()
  return typeof url === 'string' && parseUrl(url) !== null ? url : undefined
}

export function checkUrl (answer: WireAnswer, bench: OracleCscBench): string | undefined {
  const url = extractUrl(answer)
  if (url === undefined) return 'The answer must be a redirect, {"url":"…"}, or the URL as text.'
  if (!/[?&]clickToCallInit=true(&|#|$)/.test(url)) return 'clickToCallInit=true is missing.'
  return explainHash(url, bench)
}

/**
 * The mistake in a URL that must contain this value, or undefined if the service refused to make
 * one.
 */
export function createUrlCheck (field: keyof CallParameters, value: string) {
  return (answer: WireAnswer, bench: OracleCscBench): string | undefined => {
    if (answer.status === null || answer.status >= 400) return undefined
    return checkUrl(answer, bench) ??
      (readClickToCallUrl(extractUrl(answer) ?? '', { names: bench.names })[field] === value
        ? undefined
        : `The URL has another ${field}.`)
  }
}
