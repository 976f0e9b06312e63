import {
  createScheme,
  diagnosis,
  type OnlineContactInput
} from 'fastify-contact-center/online-contact'
import { explainSignature } from '../shared/explain-signed.ts'
import type { Fault } from '../shared/faults.ts'
import { omitEmpty, type ValuesOf } from '../shared/settings.ts'
import {
  exchange,
  getRequest,
  parseObject,
  type WireAnswer,
  type WireRequest,
  withQuery
} from '../shared/wire.ts'
import type { onlineContactSettings } from './settings.ts'

/** A member site under test, and the lab's settings for it. */
export interface OnlineContactBench {
  readonly loginUrl: string
  readonly statusUrl: string
  readonly verifyTokenUrl: string
  /** Redirects a member to the help centre with a GET link. */
  readonly linkUrl?: string
  /** Redirects a member to the help centre after a server-side login. */
  readonly serverLoginUrl?: string
  /** Signs the member fields in the request. */
  readonly signUrl?: string
  readonly key: string
  readonly oldKey?: string
  readonly service: string
  /** The site's setting for the help centre's origin. */
  readonly origin: string
  /** The Cookie header of a signed-in member. */
  readonly cookie?: string
  readonly now: () => number
}

export type OcFault = Fault<OnlineContactBench>

export function onlineContactBench (
  values: ValuesOf<typeof onlineContactSettings>,
  now: () => number
): OnlineContactBench {
  const {
    loginUrl,
    statusUrl,
    verifyTokenUrl,
    linkUrl,
    serverLoginUrl,
    signUrl,
    key,
    oldKey,
    service,
    origin,
    cookie
  } = values
  return {
    loginUrl,
    statusUrl,
    verifyTokenUrl,
    key,
    service,
    origin: origin || 'http://127.0.0.1:3102',
    now,
    ...omitEmpty({ linkUrl, serverLoginUrl, signUrl, oldKey, cookie })
  }
}

export const attackerOrigin = 'https://thief.example'

export const requireCookie = ({ cookie }: OnlineContactBench): string | undefined =>
  cookie === undefined ? 'no member cookie is set' : undefined
export const requireLink = (bench: OnlineContactBench): string | undefined =>
  requireCookie(bench) ??
    (bench.linkUrl === undefined ? 'no URL for GET links is set' : undefined)

export function cookieHeaders ({ cookie }: OnlineContactBench): WireRequest['headers'] {
  return cookie === undefined ? [] : [['Cookie', cookie]]
}

export function requestStatus (
  bench: OnlineContactBench,
  origins: readonly string[],
  asMember = false
): WireRequest {
  return getRequest(bench.statusUrl, [
    ...origins.map(origin => ['Origin', origin] as const),
    ...asMember ? cookieHeaders(bench) : []
  ])
}

export function requestLogin (bench: OnlineContactBench, returnUrl: string): WireRequest {
  return getRequest(withQuery(bench.loginUrl, { returnUrl }), cookieHeaders(bench))
}

export function requestTokenCheck (
  { verifyTokenUrl }: OnlineContactBench,
  query: Record<string, string> | string
): WireRequest {
  return getRequest(withQuery(verifyTokenUrl, query))
}

export function helpCentreUrl ({ origin, service }: OnlineContactBench): string {
  return `${origin}/${encodeURIComponent(service)}/hc/`
}

/** The site's link for the member. @throws {Error} if there is none */
export async function fetchLink (
  bench: OnlineContactBench
): Promise<{ usercode: string, token: string }> {
  const { status, headers } = await exchange(getRequest(bench.linkUrl ?? '', cookieHeaders(bench)))
  const { usercode, token } = Object.fromEntries(
    new URL(headers.location ?? 'about:blank').searchParams
  )
  if (usercode === undefined || token === undefined) {
    throw new Error(
      `${bench.linkUrl} answered ${status} without a link that has usercode and token`
    )
  }
  return { usercode, token }
}

export function createLoginCheck (member: 'nobody' | 'somebody') {
  return ({ text }: WireAnswer): string | undefined => {
    const { login: loginText, usercode } = parseObject(text) ?? {}
    const isCorrect = member === 'nobody'
      ? loginText === 'false' && (usercode === null || usercode === undefined)
      : loginText === 'true' && typeof usercode === 'string' && usercode !== ''
    return isCorrect
      ? undefined
      : `The answer must be ${
        member === 'nobody'
          ? '{"login":"false","usercode":null}'
          : '{"login":"true","usercode":"…"}'
      }, with strings.`
  }
}

const signedNames = ['username', 'email', 'phone', 'memberno', 'returnUrl'] as const
const scheme = createScheme({ strict: false })

/** The mistake in the token of these fields, or undefined. */
export function checkToken (
  fields: Record<string, string>,
  { key, oldKey, now }: OnlineContactBench
): string | undefined {
  return explainSignature(
    { scheme, diagnosis, key, now: now(), ...oldKey !== undefined && { oldKey } },
    () => {
      const { service = '', usercode = '', time = '', token = '' } = fields
      const input: OnlineContactInput = { service, usercode, time }
      for (const name of signedNames) if (fields[name] !== undefined) input[name] = fields[name]
      return { input, signature: token }
    }
  )
}
