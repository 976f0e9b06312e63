import {
  createScheme,
  diagnosis,
  type OnlineContactInput
} from 'fastify-contact-center/online-contact'
import { faultOfSignature } from '../shared/explain-signed.ts'
import type { Fault } from '../shared/faults.ts'
import { filled, type ValuesOf } from '../shared/settings.ts'
import {
  exchange,
  get,
  objectIn,
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
    ...filled({ linkUrl, serverLoginUrl, signUrl, oldKey, cookie })
  }
}

export const thief = 'https://thief.example'

export const lacksCookie = ({ cookie }: OnlineContactBench): string | undefined =>
  cookie === undefined ? 'no cookie of a member is set' : undefined
export const lacksLink = (bench: OnlineContactBench): string | undefined =>
  lacksCookie(bench) ??
    (bench.linkUrl === undefined ? 'no address that gives GET links is set' : undefined)

export function cookies ({ cookie }: OnlineContactBench): WireRequest['headers'] {
  return cookie === undefined ? [] : [['Cookie', cookie]]
}

export function status (
  bench: OnlineContactBench,
  origins: readonly string[],
  asMember = false
): WireRequest {
  return get(bench.statusUrl, [
    ...origins.map(origin => ['Origin', origin] as const),
    ...asMember ? cookies(bench) : []
  ])
}

export function login (bench: OnlineContactBench, returnUrl: string): WireRequest {
  return get(withQuery(bench.loginUrl, { returnUrl }), cookies(bench))
}

export function verifyToken (
  { verifyTokenUrl }: OnlineContactBench,
  query: Record<string, string> | string
): WireRequest {
  return get(withQuery(verifyTokenUrl, query))
}

export function helpCentre ({ origin, service }: OnlineContactBench): string {
  return `${origin}/${encodeURIComponent(service)}/hc/`
}

/** The site's link for the member. @throws {Error} if there is none */
export async function link (
  bench: OnlineContactBench
): Promise<{ usercode: string, token: string }> {
  const { status, headers } = await exchange(get(bench.linkUrl ?? '', cookies(bench)))
  const { usercode, token } = Object.fromEntries(
    new URL(headers.location ?? 'about:blank').searchParams
  )
  if (usercode === undefined || token === undefined) {
    throw new Error(
      `${bench.linkUrl} answered ${status} without a link that holds usercode and token`
    )
  }
  return { usercode, token }
}

export function mustSay (member: 'nobody' | 'somebody') {
  return ({ text }: WireAnswer): string | undefined => {
    const { login: says, usercode } = objectIn(text) ?? {}
    const isRight = member === 'nobody'
      ? says === 'false' && (usercode === null || usercode === undefined)
      : says === 'true' && typeof usercode === 'string' && usercode !== ''
    return isRight
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
export function wrongToken (
  fields: Record<string, string>,
  { key, oldKey, now }: OnlineContactBench
): string | undefined {
  return faultOfSignature(
    { scheme, diagnosis, key, now: now(), ...oldKey !== undefined && { oldKey } },
    () => {
      const { service = '', usercode = '', time = '', token = '' } = fields
      const input: OnlineContactInput = { service, usercode, time }
      for (const name of signedNames) if (fields[name] !== undefined) input[name] = fields[name]
      return { input, signature: token }
    }
  )
}
