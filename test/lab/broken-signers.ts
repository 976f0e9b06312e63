// Services that sign for the other three vendors, with classic mistakes.
import { createHash, createHmac } from 'node:crypto'
import type { Test } from 'tap'
import { key, oldKey, type Reply, serve } from './broken.ts'

/** Each mistake, and a case that must find it. */
export const itxMistakes: Record<string, string> = {
  'sorts by locale': 'reordered-fields',
  'secret at the end': 'secret-between',
  'trims values': 'spaces',
  'leaves null out': 'null',
  'names of root values': 'root-values',
  'bytes as Latin-1': 'non-ascii',
  'escapes for HTML': 'markup',
  'the old key': 'genuine',
  'upper-case hex': 'genuine',
  'secret in the answer': 'secret-stays',
  'no hash': 'genuine'
}

/** Signs the sessions it is sent. */
export async function brokenItxSigner (t: Test, mistake: string): Promise<string> {
  return await serve(t, (_request, body) => {
    const session = JSON.parse(body.toString()) as { verifiedData?: Record<string, unknown> } & Record<string, unknown>
    const { verifiedData = {}, ...roots } = session
    const text = (value: unknown): string => {
      const plain = typeof value === 'string' ? value : JSON.stringify(value)
      return mistake === 'trims values' ? plain.trim() : mistake === 'escapes for HTML' ? plain.replaceAll('<', '&lt;') : plain
    }
    const secret = mistake === 'the old key' ? oldKey : key
    const entries = [
      ...Object.entries(verifiedData).filter(([, value]) => mistake !== 'leaves null out' || value !== null).map(([name, value]) => `${name}:${text(value)}`),
      ...Object.entries(roots).map(([name, value]) => mistake === 'names of root values' ? `${name}:${String(value)}` : String(value))
    ]
    const all = mistake === 'sorts by locale'
      ? [...entries, secret].sort((a, b) => a.localeCompare(b))
      : mistake === 'secret at the end' ? [...entries.sort(), secret] : [...entries, secret].sort()
    const hash = createHash('sha1').update(all.join('-'), mistake === 'bytes as Latin-1' ? 'latin1' : 'utf8').digest('hex')
    const extSystemHash = mistake === 'upper-case hex' ? hash.toUpperCase() : hash
    return { status: 200, body: { ...session, ...mistake !== 'no hash' && { extSystemHash }, ...mistake === 'secret in the answer' && { secret } } }
  })
}

export const cscMistakes: Record<string, string> = {
  'plus not encoded': 'plus',
  'number first': 'genuine',
  'key missing': 'genuine',
  'the old key': 'genuine',
  base64: 'genuine',
  'number as a double': 'long-number',
  'drops every zero of a byte': 'short-hash',
  'anybody may ask': 'guest',
  'kept by caches': 'not-kept',
  'values not encoded': 'call-id',
  'clickToCallInit missing': 'genuine'
}

/** Redirects an agent to CSC. */
export async function brokenCscSigner (t: Test, mistake: string): Promise<string> {
  return await serve(t, (request): Reply => {
    if (request.headers.cookie === undefined && mistake !== 'anybody may ask') return { status: 401, body: {} }
    const query = new URL(request.url ?? '/', 'http://x').searchParams
    const asked = query.get('callerId') ?? ''
    const number = mistake === 'number as a double' && /^[0-9]+$/.test(asked) ? String(Number(asked)) : asked
    const username = 'agent1'
    const secret = mistake === 'the old key' ? oldKey : mistake === 'key missing' ? '' : key
    const digest = createHash('sha1').update(mistake === 'number first' ? number + username + secret : username + number + secret).digest()
    const hash = mistake === 'base64' ? digest.toString('base64') : mistake === 'drops every zero of a byte' ? Array.from(digest, byte => byte.toString(16)).join('') : digest.toString('hex')
    const encode = (value: string): string => mistake === 'values not encoded' ? value : mistake === 'plus not encoded' ? encodeURI(value) : encodeURIComponent(value)
    const init = mistake === 'clickToCallInit missing' ? '' : 'clickToCallInit=true&'
    const url = `http://csc.example/agent/main?${init}username=${username}&hash=${encodeURIComponent(hash)}&UserTelephoneNumber=${encode(number)}&callid=${encode(query.get('callId') ?? '')}`
    return { status: 200, body: { url }, headers: mistake === 'kept by caches' ? {} : { 'cache-control': 'no-store' } }
  })
}

export const siteMistakes: Record<string, string> = {
  Booleans: 'guest',
  'any origin': 'other-origin',
  'origin null': 'null-origin',
  'origins by their beginning': 'look-alike-origin',
  'no Vary': 'own-origin',
  'no credentials': 'own-origin',
  'any return address': 'return-elsewhere',
  'return addresses by their beginning': 'return-look-alike',
  'any token': 'unknown-token',
  'fails without a token': 'no-token',
  'blank fields signed': 'member-form',
  'return address not signed': 'member-form',
  'time in seconds': 'member-form',
  'old form from a cache': 'member-form',
  'token for anybody': 'token-of-another',
  'blanks are no plus signs': 'blank-for-plus'
}

export const site = { origin: 'http://oc.example', service: 'demo', cookie: 'member=1' }

/** A member site. */
export async function brokenSite (t: Test, mistake: string): Promise<string> {
  const issued = new Map<string, string>()
  const status = (usercode: string | null): object => mistake === 'Booleans' ? { login: usercode !== null, usercode } : { login: String(usercode !== null), usercode }
  return await serve(t, (request): Reply => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    const isMember = request.headers.cookie === site.cookie
    if (pathname === '/status') return { status: 200, body: status(isMember ? 'u1' : null), headers: cors(request.headers.origin ?? '') }
    if (pathname === '/verify') {
      const token = searchParams.get('token')
      if (mistake === 'fails without a token' && token === null) throw new Error('no token')
      const known = issued.get(mistake === 'blanks are no plus signs' ? String(token) : String(token).replaceAll(' ', '+'))
      const usercode = searchParams.get('usercode')
      return { status: 200, body: status(mistake === 'any token' || (known !== undefined && (known === usercode || mistake === 'token for anybody')) ? usercode : null) }
    }
    if (pathname === '/link') {
      // With plus signs in it, as every other token has.
      for (let time = Date.now(); ; time--) {
        const token = sign(['demo', 'u1', 'u1@example.com', String(time)])
        if (!token.includes('+')) continue
        issued.set(token, 'u1')
        return { status: 302, body: '', headers: { location: `${site.origin}/demo/hc/?${new URLSearchParams({ usercode: 'u1', email: 'u1@example.com', time: String(time), token })}` } }
      }
    }
    const returnUrl = searchParams.get('returnUrl') ?? ''
    if (!isAllowed(returnUrl)) return { status: 400, body: {} }
    return { status: 200, body: isMember ? form(returnUrl) : 'sign in' }
  })

  function cors (origin: string): Record<string, string> {
    const isAllowed = origin === site.origin || mistake === 'any origin' || (mistake === 'origin null' && origin === 'null') || (mistake === 'origins by their beginning' && origin.startsWith(site.origin))
    return {
      ...isAllowed && { 'access-control-allow-origin': origin },
      ...mistake !== 'no credentials' && { 'access-control-allow-credentials': 'true' },
      ...mistake !== 'no Vary' && { vary: 'Origin' }
    }
  }

  function isAllowed (returnUrl: string): boolean {
    if (mistake === 'any return address') return true
    const host = URL.canParse(returnUrl) ? new URL(returnUrl).host : ''
    return mistake === 'return addresses by their beginning' ? host.startsWith('oc.example') : host === 'oc.example'
  }

  function form (returnUrl: string): string {
    const now = mistake === 'old form from a cache' ? Date.now() - 240_000 : Date.now()
    const fields = { service: site.service, usercode: 'u1', email: '', returnUrl, time: String(mistake === 'time in seconds' ? Math.floor(now / 1000) : now) }
    const { email, ...filled } = fields
    const { returnUrl: left, ...unsigned } = filled
    const token = sign(Object.values(mistake === 'blank fields signed' ? fields : mistake === 'return address not signed' ? unsigned : filled))
    return `<form action="${site.origin}/v2/enduser/remote.json">${Object.entries({ ...fields, token }).map(([name, value]) => `<input name="${name}" value="${value}">`).join('')}</form>`
  }

  function sign (values: string[]): string {
    return createHmac('sha256', key).update(values.join('&')).digest('base64')
  }
}
