import { createScheme } from 'fastify-contact-center/online-contact'
import { formOf } from '../../demo/tour/browser.ts'
import { faultOfSignature, readBody } from '../shared/explain-signed.ts'
import { type Fault, readStatus, type Suite } from '../shared/faults.ts'
import { exchange, get, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'

/** A member site's interfaces, and what the lab may know about them. */
export interface OnlineContactBench {
  readonly loginUrl: string
  readonly statusUrl: string
  readonly verifyTokenUrl: string
  /** Redirects a member to the help centre by a GET link. */
  readonly linkUrl?: string
  readonly key: string
  readonly oldKey?: string
  readonly service: string
  /** What the site takes for the help centre's origin. */
  readonly origin: string
  /** The Cookie header of a member who is signed in. */
  readonly cookie?: string
  readonly now: () => number
}

type OcFault = Fault<OnlineContactBench>

const scheme = createScheme({ strict: false })
const thief = 'https://thief.example'
const otherToken = 'bm90IGEgdG9rZW4gdGhhdCB5b3UgZXZlciBpc3N1ZWQh'

const lacksCookie = ({ cookie }: OnlineContactBench): string | undefined => cookie === undefined ? 'no cookie of a member is set' : undefined
const lacksLink = (bench: OnlineContactBench): string | undefined => lacksCookie(bench) ?? (bench.linkUrl === undefined ? 'no address that gives GET links is set' : undefined)

function status (bench: OnlineContactBench, origin?: string, asMember = false): WireRequest {
  return get(bench.statusUrl, [...origin === undefined ? [] : [['Origin', origin] as const], ...asMember ? cookies(bench) : []])
}

function cookies ({ cookie }: OnlineContactBench): WireRequest['headers'] {
  return cookie === undefined ? [] : [['Cookie', cookie]]
}

function login (bench: OnlineContactBench, returnUrl: string): WireRequest {
  return get(withQuery(bench.loginUrl, { returnUrl }), cookies(bench))
}

function verifyToken ({ verifyTokenUrl }: OnlineContactBench, query: Record<string, string> | string): WireRequest {
  return get(withQuery(verifyTokenUrl, query))
}

function withQuery (url: string, query: Record<string, string> | string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${typeof query === 'string' ? query : new URLSearchParams(query).toString()}`
}

function helpCentre ({ origin, service }: OnlineContactBench): string {
  return `${origin}/${encodeURIComponent(service)}/hc/`
}

/** The link that the site gives to the member. @throws {Error} when it gives none */
async function link (bench: OnlineContactBench): Promise<{ usercode: string, token: string }> {
  const { status, headers } = await exchange(get(bench.linkUrl ?? '', cookies(bench)))
  const { usercode, token } = Object.fromEntries(new URL(headers.location ?? 'about:blank').searchParams)
  if (usercode === undefined || token === undefined) throw new Error(`${bench.linkUrl} answered ${status} without a link that holds usercode and token`)
  return { usercode, token }
}

function mustSay (member: 'nobody' | 'somebody') {
  return ({ text }: WireAnswer): string | undefined => {
    const { login: says, usercode } = objectIn(text) ?? {}
    const isRight = member === 'nobody' ? says === 'false' && (usercode === null || usercode === undefined) : says === 'true' && typeof usercode === 'string' && usercode !== ''
    return isRight ? undefined : `The answer must be ${member === 'nobody' ? '{"login":"false","usercode":null}' : '{"login":"true","usercode":"…"}'}, with strings.`
  }
}

function mustNotSayYes ({ text }: WireAnswer): string | undefined {
  return String(objectIn(text)?.['login']) === 'true' ? 'It says that somebody is logged in.' : undefined
}

function isClosedTo (origin: string) {
  return ({ headers }: WireAnswer): string | undefined => ['*', origin].includes(headers['access-control-allow-origin'] ?? '') ? 'That origin may read the answer.' : undefined
}

const statusFaults: OcFault[] = [
  { name: 'guest', title: 'the status of nobody', expected: 'accept', why: 'The vendor\'s table says Boolean, its pages read strings.', requests: bench => [status(bench, bench.origin)], complaint: mustSay('nobody') },
  { name: 'member', title: 'the status of a member', expected: 'accept', why: 'The help centre shows the member by it.', lacks: lacksCookie, requests: bench => [status(bench, bench.origin, true)], complaint: mustSay('somebody') },
  {
    name: 'own-origin',
    title: 'the status, asked by the help centre\'s page',
    expected: 'accept',
    why: 'Without these three headers the browser keeps the answer from the page, or a cache gives it to another.',
    requests: bench => [status(bench, bench.origin)],
    complaint ({ headers }, { origin }) {
      if (headers['access-control-allow-origin'] !== origin) return 'Access-Control-Allow-Origin must be the origin that asks.'
      if (headers['access-control-allow-credentials'] !== 'true') return 'Access-Control-Allow-Credentials must be true.'
      return /\borigin\b/i.test(headers.vary ?? '') ? undefined : 'Vary must name Origin.'
    }
  },
  { name: 'other-origin', title: 'the status, asked by another site\'s page', expected: 'either', why: 'Any site that a member visits could read who they are.', requests: bench => [status(bench, thief, true)], complaint: isClosedTo(thief) },
  { name: 'null-origin', title: 'the status, asked by origin null', expected: 'either', why: 'Every sandboxed frame has that origin.', requests: bench => [status(bench, 'null', true)], complaint: isClosedTo('null') },
  {
    name: 'look-alike-origin',
    title: 'the status, asked by an origin that begins as the right one',
    expected: 'either',
    why: 'An allow-list that compares beginnings is none.',
    requests: bench => [status(bench, `${bench.origin}.thief.example`, true)],
    complaint: (answer, { origin }) => isClosedTo(`${origin}.thief.example`)(answer)
  }
]

/** A return address that must lead nowhere, neither by redirect nor by a form. */
function openRedirect (name: string, title: string, returnUrl: (bench: OnlineContactBench) => string): OcFault {
  return {
    name,
    title,
    expected: 'either',
    why: 'A login page that sends its members anywhere lends its good name to whoever asks.',
    requests: bench => [login(bench, returnUrl(bench))],
    complaint: ({ status, headers, text }) => status !== null && status < 400 && /thief\.example|javascript:/.test(`${headers.location} ${text}`) ? 'The address is in the answer.' : undefined
  }
}

const loginFaults: OcFault[] = [
  {
    name: 'member-form',
    title: 'the form that logs a member in',
    expected: 'accept',
    why: 'Online Contact computes the token from the fields, and refuses what is older than three minutes.',
    lacks: lacksCookie,
    requests: bench => [login(bench, helpCentre(bench))],
    complaint ({ text }, { key, oldKey, now, loginUrl }) {
      let fields: Record<string, string>
      try {
        ({ fields } = formOf(text, loginUrl))
      } catch (error) {
        return `For a member who is signed in: ${(error as Error).message}.`
      }
      const body = new URLSearchParams(fields).toString()
      return faultOfSignature({ scheme, key, now: now(), ...oldKey !== undefined && { oldKey } }, () => readBody(scheme, body, 'application/x-www-form-urlencoded'))
    }
  },
  openRedirect('return-elsewhere', 'a return address of another site', () => `${thief}/`),
  openRedirect('return-relative', 'a return address that begins with two slashes', () => '//thief.example/'),
  openRedirect('return-backslash', 'a return address with a backslash', () => 'https:/\\thief.example/'),
  openRedirect('return-user-info', 'the right host as a user name', ({ origin }) => `https://${new URL(origin).host}@thief.example/`),
  openRedirect('return-look-alike', 'a host that begins as the right one', ({ origin }) => `https://${new URL(origin).hostname}.thief.example/`),
  openRedirect('return-script', 'a script for a return address', () => 'javascript:alert(1)')
]

const tokenFaults: OcFault[] = [
  { name: 'unknown-token', title: 'a token that was never issued', expected: 'accept', why: 'The answer is "nobody", in the shape of the login status.', requests: bench => [verifyToken(bench, { usercode: 'u1', token: otherToken })], complaint: mustSay('nobody') },
  { name: 'no-token', title: 'no token', expected: 'either', why: 'Nothing is not a token.', requests: bench => [verifyToken(bench, { usercode: 'u1' })], complaint: mustNotSayYes },
  { name: 'odd-token', title: 'a token with an accent and a line end in it', expected: 'either', why: 'It must not bring the service down.', requests: bench => [verifyToken(bench, { usercode: 'u1', token: 'é\n\u0000' })], complaint: mustNotSayYes },
  { name: 'two-tokens', title: 'two tokens', expected: 'either', why: 'It must not bring the service down.', requests: bench => [verifyToken(bench, `usercode=u1&token=a&token=${otherToken}`)], complaint: mustNotSayYes },
  { name: 'issued-token', title: 'the token of a link, just issued', expected: 'accept', why: 'Online Contact asks this for every link, and makes a guest of the member otherwise.', lacks: lacksLink, requests: async bench => [verifyToken(bench, await link(bench))], complaint: mustSay('somebody') },
  {
    name: 'blank-for-plus',
    title: 'the token with blanks where plus signs were',
    expected: 'accept',
    why: 'An app that forgot to encode the token sends this.',
    lacks: lacksLink,
    async requests (bench) {
      const { usercode, token } = await link(bench)
      return [verifyToken(bench, { usercode, token: token.replaceAll('+', ' ') })]
    },
    complaint: mustSay('somebody')
  },
  {
    name: 'token-of-another',
    title: 'the token of a link, for another member',
    expected: 'accept',
    why: 'A token is worth something for its member alone.',
    lacks: lacksLink,
    requests: async bench => [verifyToken(bench, { ...await link(bench), usercode: 'somebody-else' })],
    complaint: mustSay('nobody')
  }
]

export const onlineContactSuite: Suite<OnlineContactBench> = { vendor: 'online-contact', faults: [...statusFaults, ...loginFaults, ...tokenFaults], read: readStatus }
