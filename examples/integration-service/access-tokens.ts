import { setTimeout as sleep } from 'node:timers/promises'

/** A source of access tokens that expire. */
export interface TokenSource {
  /** Returns a valid token. @throws {TokenUnavailable} */
  get(): Promise<string>
  /** Drops a token that the vendor rejects before it expires. */
  forget(token: string): void
}

export interface TokenSourceOptions {
  /** An OAuth 2.0 token endpoint, or Huawei's `…/tokenByAkSk`, whose fields differ. */
  readonly url: string
  /** Client id, or app key. */
  readonly id: string
  readonly secret: string
  readonly fetch?: typeof globalThis.fetch
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number
  /** Milliseconds until a request times out. Default 5000. */
  readonly timeoutMs?: number
}

/** No token is available. The message gives the reason, and contains no secret. */
export class TokenUnavailable extends Error {
  readonly code = 'SERVICE_TOKEN_UNAVAILABLE'

  constructor (url: string, reason: string, options?: ErrorOptions) {
    super(`AICC_TOKEN_URL at ${new URL(url).host} returned no access token: ${reason}`, options)
  }
}

interface Token {
  readonly text: string
  /** Epoch milliseconds. */
  readonly renewAt: number
  readonly endsAt: number
}

/** For servers that send no lifetime. */
const defaultSeconds = 300
/** A token is renewed this long before it expires, or after nine tenths of its lifetime. */
const renewalMarginMs = 60_000
const maximumCharacters = 100_000

/**
 * Caches a token until shortly before it expires. Only one request at a time fetches the next one,
 * and nobody waits for it while the current token is valid.
 */
export function createTokenSource (options: TokenSourceOptions): TokenSource {
  const { now = Date.now } = options
  let current: Token | undefined
  let pending: Promise<Token> | undefined

  return {
    async get () {
      if (current !== undefined && now() < current.renewAt) return current.text
      const next = renew()
      if (current === undefined || now() >= current.endsAt) return (await next).text
      next.catch(() => {/* the next get() retries */})
      return current.text
    },
    forget (token) {
      if (current?.text === token) current = undefined
    }
  }

  async function renew (): Promise<Token> {
    pending ??= requestToken(options, now).then(token => {
      current = token
      return token
    }).finally(() => {
      pending = undefined
    })
    return await pending
  }
}

/** Retries a request that was refused with 401 once, with a new token: the first had no effect. */
export function retryWithFreshToken (
  source: TokenSource,
  fetch: typeof globalThis.fetch
): typeof globalThis.fetch {
  return async function fetchWithFreshToken (input, init) {
    const response = await fetch(input, init)
    if (response.status !== 401) return response
    // Frees the connection.
    await response.body?.cancel()
    const headers = new Headers(init?.headers)
    source.forget(headers.get('authorization')?.replace(/^Bearer /, '') ?? '')
    headers.set('authorization', `Bearer ${await source.get()}`)
    return await fetch(input, { ...init, headers })
  }
}

async function requestToken (options: TokenSourceOptions, now: () => number): Promise<Token> {
  const { url, fetch = globalThis.fetch, timeoutMs = 5000 } = options
  const requestedAt = now()
  const abort = new AbortController()
  const timeout = sleep(timeoutMs, undefined, { signal: abort.signal }).then(() => {
    throw new TokenUnavailable(url, `no answer within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([timeout, readToken(await Promise.race([timeout, sendRequest()]))])
  } catch (cause) {
    if (cause instanceof TokenUnavailable) throw cause
    throw new TokenUnavailable(url, findReason(cause), { cause })
  } finally {
    abort.abort()
    timeout.catch(() => {/* stopped, or thrown above */})
  }

  async function sendRequest (): Promise<Response> {
    return await fetch(url, {
      method: 'POST',
      ...createRequest(options),
      // Send the secret to this address only.
      redirect: 'error',
      signal: abort.signal
    })
  }

  async function readToken (response: Response): Promise<Token> {
    if (response.status === 400 || response.status === 401 || response.status === 403) {
      const reason = `HTTP status ${response.status}; check AICC_APP_KEY and AICC_APP_SECRET`
      throw new TokenUnavailable(url, reason)
    }
    if (!response.ok) throw new TokenUnavailable(url, `HTTP status ${response.status}`)
    const answer = parseObject((await response.text()).slice(0, maximumCharacters))
    const text = answer['access_token'] ?? answer['AccessToken']
    // fetch quotes an invalid header in its error.
    if (typeof text !== 'string' || !/^[!-~]+$/.test(text)) {
      throw new TokenUnavailable(url, 'the answer contains none')
    }
    const seconds = Number(answer['expires_in'] ?? answer['Expires'])
    const lifetimeMs = 1000 * (seconds > 0 && seconds < 1e9 ? seconds : defaultSeconds)
    return {
      text,
      renewAt: requestedAt + lifetimeMs - Math.min(renewalMarginMs, lifetimeMs / 10),
      endsAt: requestedAt + lifetimeMs
    }
  }
}

/**
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 * @see https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_0005.html
 */
function createRequest (
  { url, id, secret }: TokenSourceOptions
): { headers: Record<string, string>, body: string } {
  if (/\/tokenByAkSk$/.test(new URL(url).pathname)) {
    return {
      headers: { 'content-type': 'application/json', 'x-token-expire': '3600' },
      body: JSON.stringify({ app_key: id, app_secret: secret })
    }
  }
  const credentials = [id, secret].map(text =>
    new URLSearchParams([['', text]]).toString().slice(1)
  )
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(credentials.join(':')).toString('base64')}`
    },
    body: 'grant_type=client_credentials'
  }
}

function parseObject (text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  return {}
}

function findReason (error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string, message?: string } }
  return cause?.code ?? cause?.message ?? message
}
