import type { Token } from '../vendors.ts'
import { NotSent, Uncertain } from './channel.ts'

export interface VendorApi {
  readonly token: Token
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds until an answer is given up. */
  readonly timeoutMs: number
}

export interface Answer {
  readonly status: number
  /** Undefined where the answer is no JSON object. */
  readonly body: Record<string, unknown> | undefined
}

/** More than any answer has. */
const maximumAnswer = 100_000

/**
 * Posts JSON with the token and gives the answer, unless it is a server's error: what was asked for
 * may have been done all the same then.
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
  const bearer = await tokenFrom(token)
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
      // The token is for this address only.
      redirect: 'error',
      signal
    })
    text = (await response.text()).slice(0, maximumAnswer)
  } catch (cause) {
    if (isRefusedConnection(cause)) throw new NotSent('UNREACHABLE', { cause })
    throw new Uncertain({ cause })
  }
  const { status } = response
  if (status >= 500) {
    throw new Uncertain({ cause: new Error(`the vendor answered with HTTP status ${status}`) })
  }
  return { status, body: objectIn(text) }
}

/** A member of an answer that is an object. */
export function partOf (value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string | number, unknown>)[name]
    : undefined
}

async function tokenFrom (token: Token): Promise<string> {
  let text: string
  try {
    text = typeof token === 'string' ? token : await token()
  } catch (cause) {
    throw new NotSent('NO_TOKEN', { cause })
  }
  // A header that cannot be sent is quoted in the error that fetch throws.
  if (!/^[!-~]+$/.test(text)) throw new NotSent('NO_TOKEN')
  return text
}

function objectIn (text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? value as Record<string, unknown>
      : undefined
  } catch {
    return undefined
  }
}

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

/** Nothing was sent where there was no connection. */
function isRefusedConnection (error: unknown): boolean {
  const { code, errors = [] } = (partOf(error, 'cause') ?? {}) as {
    code?: string,
    errors?: Array<{ code?: string }>
  }
  return [code, ...errors.map(one => one.code)].some(one => neverConnected.has(one ?? ''))
}
