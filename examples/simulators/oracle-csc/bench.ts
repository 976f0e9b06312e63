import { parseUrl } from 'fastify-contact-center/kit'
import { readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import type { Fault } from '../shared/faults.ts'
import { filled, type ValuesOf } from '../shared/settings.ts'
import { get, jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'
import { faultOfHash, type Hashing, hashingOf } from './hash.ts'
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
export interface Asked {
  username: string
  callerId: string
  callId: string
}

export function oracleCscBench (values: ValuesOf<typeof oracleCscSettings>): OracleCscBench {
  const { targetUrl: url, method, cookie } = values
  return { url, method: method as 'GET' | 'POST', ...filled({ cookie }), ...hashingOf(values) }
}

const usual: Asked = { username: 'kim', callerId: '+15551234567', callId: 'call-1' }

export interface Asking {
  readonly more?: Partial<Asked>
  readonly asGuest?: boolean
  /** Added to the query. */
  readonly query?: string
}

export function ask (
  { url, method, cookie }: OracleCscBench,
  { more = {}, asGuest = false, query = '' }: Asking = {}
): WireRequest {
  const asked = { ...usual, ...more }
  const target = url.replaceAll(
    /\{(username|callerId|callId)\}/g,
    (_all, name: keyof Asked) => encodeURIComponent(asked[name])
  ) + query
  const headers = cookie === undefined || asGuest ? [] : [['Cookie', cookie] as const]
  return method === 'GET'
    ? get(target, headers)
    : jsonPost(target, '{}', [['Origin', new URL(target).origin], ...headers])
}

/** The reason why the lab cannot test this field. */
export function lacksField (field: keyof Asked): (bench: OracleCscBench) => string | undefined {
  return ({ url }) => url.includes(`{${field}}`) ? undefined : `the target has no {${field}}`
}

/** The URL in a response: a redirect, `{"url":"…"}`, or plain text. */
export function urlIn ({ status, headers, text }: WireAnswer): string | undefined {
  if (status === null || status >= 400) return undefined
  const url = headers.location ?? objectIn(text)?.['url'] ?? text.trim()
  return typeof url === 'string' && parseUrl(url) !== null ? url : undefined
}

export function wrongUrl (answer: WireAnswer, bench: OracleCscBench): string | undefined {
  const url = urlIn(answer)
  if (url === undefined) return 'The answer must be a redirect, {"url":"…"}, or the URL as text.'
  if (!/[?&]clickToCallInit=true(&|#|$)/.test(url)) return 'clickToCallInit=true is missing.'
  return faultOfHash(url, bench)
}

/**
 * The mistake in a URL that must contain this value, or undefined if the service refused to make
 * one.
 */
export function wrongUrlFor (field: keyof Asked, value: string) {
  return (answer: WireAnswer, bench: OracleCscBench): string | undefined => {
    if (answer.status === null || answer.status >= 400) return undefined
    return wrongUrl(answer, bench) ??
      (readClickToCallUrl(urlIn(answer) ?? '', { names: bench.names })[field] === value
        ? undefined
        : `The URL carries another ${field}.`)
  }
}
