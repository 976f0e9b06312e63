// A member site, with classic mistakes.
import { createHmac } from 'node:crypto'
import type { Test } from 'tap'
import { key, later, type Reply, serve } from './broken.ts'
import { signFields, signingMistakes } from './broken-member-fields.ts'

/** Mistakes, each with a case that must find it. */
export const siteMistakes: Record<string, string> = {
  Booleans: 'guest',
  'any origin': 'other-origin',
  'origin null': 'null-origin',
  'origins by their beginning': 'look-alike-origin',
  'any of two origins': 'two-origins',
  'no Vary': 'own-origin',
  'no credentials': 'own-origin',
  'the newest visitor for all': 'at-once',
  'dies of a cut connection': 'after-cut-connection',
  'any return address': 'return-elsewhere',
  'return addresses by their beginning': 'return-look-alike',
  'any token': 'unknown-token',
  'fails without a token': 'no-token',
  'blank fields signed': 'member-form',
  'return address not signed': 'member-form',
  'time in seconds': 'member-form',
  'old form from a cache': 'member-form',
  'the form of the first visit': 'second-form',
  'link without the address signed': 'member-link',
  'token for anybody': 'token-of-another',
  'blanks are no plus signs': 'blank-for-plus',
  'fails when asked twice': 'asked-twice',
  'the newest token alone': 'out-of-order',
  'fails with Online Contact': 'server-login-failing',
  'fails with the connection': 'server-login-cut',
  'believes a status': 'server-login-garbled',
  'goes on without a token': 'server-login-clock-ahead',
  ...signingMistakes
}

export const site = { service: 'demo', cookie: 'member=1' }

/** Starts the site for members of the Online Contact at this origin. */
export async function brokenSite (t: Test, mistake: string, origin: string): Promise<string> {
  let dead = false
  let newestVisit = false
  let firstTime: number | undefined
  const issued = new Map<string, string>()
  const asked = new Set<string>()
  const status = (usercode: string | null): object =>
    mistake === 'Booleans'
      ? { login: usercode !== null, usercode }
      : { login: String(usercode !== null), usercode }
  return await serve(t, async (request, body, firstPiece): Promise<Reply> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    const isMember = request.headers.cookie === site.cookie
    newestVisit = isMember
    if (mistake === 'the newest visitor for all') await later()
    if (mistake === 'dies of a cut connection') await later(500)
    if (dead) throw new Error('dead since a connection was cut')
    if (pathname === '/status') {
      return {
        status: 200,
        body: status(
          (mistake === 'the newest visitor for all' ? newestVisit : isMember) ? 'u1' : null
        ),
        headers: cors(request.headersDistinct['origin'] ?? [])
      }
    }
    if (pathname === '/verify') return verify(searchParams)
    if (pathname === '/link') return link()
    if (pathname === '/server') return await serverLogin()
    if (pathname === '/sign') {
      return {
        status: 200,
        body: signFields(
          JSON.parse(
            (mistake === 'first piece of the fields' ? firstPiece : body).toString()
          ) as Record<string, string | null>,
          mistake
        )
      }
    }
    const returnUrl = searchParams.get('returnUrl') ?? ''
    if (!isAllowed(returnUrl)) return { status: 400, body: {} }
    return { status: 200, body: isMember ? form(returnUrl) : 'sign in' }
  }, () => {
    dead = mistake === 'dies of a cut connection'
  })

  function verify (query: URLSearchParams): Reply {
    const token = query.get('token')
    if (mistake === 'fails without a token' && token === null) throw new Error('no token')
    const text = mistake === 'blanks are no plus signs'
      ? String(token)
      : String(token).replaceAll(' ', '+')
    if (mistake === 'fails when asked twice' && asked.has(text)) throw new Error('asked before')
    asked.add(text)
    const known = issued.get(text)
    const usercode = query.get('usercode')
    return {
      status: 200,
      body: status(
        mistake === 'any token' ||
          (known !== undefined && (known === usercode || mistake === 'token for anybody'))
          ? usercode
          : null
      )
    }
  }

  function link (): Reply {
    // A token with a plus sign, like every second one.
    for (let time = Date.now() - asked.size;; time--) {
      const token = sign([
        'demo',
        'u1',
        ...mistake === 'link without the address signed' ? [] : ['u1@example.com'],
        String(time)
      ])
      if (!token.includes('+') || issued.has(token)) continue
      if (mistake === 'the newest token alone') issued.clear()
      issued.set(token, 'u1')
      return {
        status: 302,
        body: '',
        headers: {
          location: `${origin}/demo/hc/?${new URLSearchParams({
            usercode: 'u1',
            email: 'u1@example.com',
            time: String(time),
            token
          })}`
        }
      }
    }
  }

  async function serverLogin (): Promise<Reply> {
    const time = String(Date.now())
    const fields = {
      service: site.service,
      usercode: 'u1',
      time,
      token: sign([site.service, 'u1', time])
    }
    let answer: Response
    try {
      answer = await fetch(`${origin}/api/v2/enduser/remote.json`, {
        method: 'POST',
        body: new URLSearchParams(fields)
      })
    } catch (error) {
      if (mistake === 'fails with the connection') throw error
      return { status: 502, body: {} }
    }
    if (mistake === 'fails with Online Contact' && answer.status === 500) {
      throw new Error('Online Contact failed')
    }
    const { result } = await answer.json().catch(() => ({ result: null })) as {
      result: { content: string } | null
    }
    const isTaken = mistake === 'believes a status'
      ? answer.ok
      : mistake === 'goes on without a token' || result !== null
    return isTaken
      ? {
        status: 303,
        body: '',
        headers: { location: `${origin}/demo/hc/?accessToken=${result?.content}` }
      }
      : { status: 502, body: {} }
  }

  function cors (origins: string[]): Record<string, string> {
    const [first = ''] = origins
    const isOpen = (allowed: string): boolean =>
      allowed === origin || mistake === 'any origin' ||
      (mistake === 'origin null' && allowed === 'null') ||
      (mistake === 'origins by their beginning' && allowed.startsWith(origin))
    return {
      ...(mistake === 'any of two origins'
        ? origins.some(isOpen)
        : origins.length === 1 && isOpen(first)) && { 'access-control-allow-origin': first },
      ...mistake !== 'no credentials' && { 'access-control-allow-credentials': 'true' },
      ...mistake !== 'no Vary' && { vary: 'Origin' }
    }
  }

  function isAllowed (returnUrl: string): boolean {
    if (mistake === 'any return address') return true
    const { hostname, host } = URL.canParse(returnUrl)
      ? new URL(returnUrl)
      : { hostname: '', host: '' }
    return mistake === 'return addresses by their beginning'
      ? hostname.startsWith(new URL(origin).hostname)
      : host === new URL(origin).host
  }

  function form (returnUrl: string): string {
    const at = mistake === 'old form from a cache' ? Date.now() - 240_000 : Date.now()
    firstTime ??= at
    const now = mistake === 'the form of the first visit' ? firstTime : at
    const fields = {
      service: site.service,
      usercode: 'u1',
      email: '',
      returnUrl,
      time: String(mistake === 'time in seconds' ? Math.floor(now / 1000) : now)
    }
    const { email, ...filled } = fields
    const { returnUrl: left, ...unsigned } = filled
    const token = sign(
      Object.values(
        mistake === 'blank fields signed'
          ? fields
          : mistake === 'return address not signed'
          ? unsigned
          : filled
      )
    )
    return `<form action="${origin}/v2/enduser/remote.json">${
      Object.entries({ ...fields, token }).map(([name, value]) =>
        `<input name="${name}" value="${value}">`
      ).join('')
    }</form>`
  }

  function sign (values: string[]): string {
    return createHmac('sha256', key).update(values.join('&')).digest('base64')
  }
}
