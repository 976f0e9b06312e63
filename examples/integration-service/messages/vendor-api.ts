import type { Token } from '../vendors.ts'
import { NotSent, Uncertain } from './channel.ts'

export interface VendorApi {
  readonly token: Token
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds until the request times out. */
  readonly timeoutMs: number
}

export interface Answer {
  readonly status: number
  /** Undefined if the response is not a JSON object. */
  readonly body: Record<string, unknown> | undefined
}

/** Larger than any real response. */
const maximumCharacters = 100_000

/**
 * Posts JSON with the token and returns the response, unless it is a server error: the request may
 * have taken effect then.
 * @throws {NotSent} before anything was sent
 * @throws {Uncertain}
 */
export async function postJson (
  { token, fetch, timeoutMs }: VendorApi,
  url: string,
  body: object,
  headers: Record<string, string> = {}
): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs)
  const bearer = await readToken(token)
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${bearer}`,
        ...headers
      },
      body: JSON.stringify(body),
      // Send the token to this address only.
      redirect: 'error',
      signal
    })
    text = (await response.text()).slice(0, maximumCharacters)
  } catch (cause) {
    if (isRefusedConnection(cause)) throw new NotSent('UNREACHABLE', { cause })
    throw new Uncertain({ cause })
  }
  const { status } = response
  if (status >= 500) {
    throw new Uncertain({ cause: new Error(`the vendor answered with HTTP status ${status}`) })
  }
  return { status, body: parseObject(text) }
}

/** A property of the response that is an object. */
export function getProperty (value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string | number, unknown>)[name]
    : undefined
}

async function readToken (token: Token): Promise<string> {
  let text: string
  try {
    text = typeof token === 'string' ? token : await token()
  } catch (cause) {
    throw new NotSent('NO_TOKEN', { cause })
  }
  // fetch quotes an invalid header in its error.
  if (!/^[!-~]+$/.test(text)) throw new NotSent('NO_TOKEN')
  return text
}

function parseObject (text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? value as Record<string, unknown>
      : undefined
  } catch {
    return undefined
  }
}

const unreachableCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

/** Without a connection, nothing was sent. */
function isRefusedConnection (error: unknown): boolean {
  const { code, errors = [] } = (getProperty(error, 'cause') ?? {}) as {
    code?: string,
    errors?: Array<{ code?: string }>
  }
  return [code, ...errors.map(failure => failure.code)].some(name =>
    unreachableCodes.has(name ?? '')
  )
}
