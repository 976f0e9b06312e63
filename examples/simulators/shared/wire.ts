import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** One request, byte for byte: what `fetch` would tidy up is sent as it stands. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /**
   * In this order and spelling, repeats included. Host, Connection and Content-Length are added.
   */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Uint8Array
  /** Milliseconds between the four parts that the body is then sent in. */
  readonly pauseMs?: number
  /**
   * Ends the connection in the middle of the body, or after the head where there is none, and waits
   * for no answer.
   */
  readonly cut?: boolean
}

export interface WireAnswer {
  /** Null when no answer came. */
  readonly status: number | null
  readonly headers: http.IncomingHttpHeaders
  /** The text of the answer, or why there is none. */
  readonly text: string
  readonly ms: number
}

const timeoutMs = 10_000

/**
 * Sends the request on a connection of its own and collects the answer; never throws for what the
 * other side does.
 */
export async function exchange (request: WireRequest): Promise<WireAnswer> {
  const start = performance.now()
  try {
    return { ...await send(request), ms: since(start) }
  } catch (error) {
    return { status: null, headers: {}, text: (error as Error).message, ms: since(start) }
  }
}

async function send (
  { method, url, headers, body, pauseMs, cut = false }: WireRequest
): Promise<Omit<WireAnswer, 'ms'>> {
  const { host, protocol } = new URL(url)
  const length = method === 'GET' ? [] : [['Content-Length', String(body.length)] as const]
  const all = [['Host', host] as const, ...headers, ...length, ['Connection', 'close'] as const]
  const { request } = protocol === 'https:' ? https : http
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: all.flat(), agent: false, timeout: timeoutMs })
    // Head and body leave in two packets, and the second would wait for the first one's receipt.
    outgoing.setNoDelay(true)
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on(
        'end',
        () =>
          resolve({
            status: incoming.statusCode ?? null,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString()
          })
      )
    })
    deliver(outgoing, body, pauseMs, cut).catch(reject)
  })
}

async function deliver (
  outgoing: http.ClientRequest,
  body: Uint8Array,
  pauseMs: number | undefined,
  cut: boolean
): Promise<void> {
  if (cut) {
    if (body.length === 0) {
      await new Promise<void>(resolve => {
        outgoing.end(resolve)
      })
    } else outgoing.write(body.subarray(0, body.length / 2))
    await sleep(body.length === 0 ? 5 : 50)
    outgoing.destroy(new Error('the connection was closed on purpose'))
    return
  }
  if (pauseMs !== undefined) {
    const quarter = Math.ceil(body.length / 4)
    for (const part of [0, 1, 2]) {
      outgoing.write(body.subarray(part * quarter, (part + 1) * quarter))
      await sleep(pauseMs)
    }
    body = body.subarray(3 * quarter)
  }
  // An empty last part would be a write after the declared length.
  if (body.length > 0) outgoing.end(body)
  else outgoing.end()
}

function since (start: number): number {
  return Math.round(performance.now() - start)
}

/** A request with a JSON body as it stands. */
export function jsonPost (
  url: string,
  body: string | Uint8Array,
  headers: WireRequest['headers'] = []
): WireRequest {
  return {
    method: 'POST',
    url,
    headers: [['Content-Type', 'application/json; charset=utf-8'], ...headers],
    body: Buffer.from(body)
  }
}

export function get (url: string, headers: WireRequest['headers'] = []): WireRequest {
  return { method: 'GET', url, headers, body: new Uint8Array() }
}

/** The address with more in its query. */
export function withQuery (url: string, query: Record<string, string> | string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${
    typeof query === 'string' ? query : new URLSearchParams(query).toString()
  }`
}

/** The JSON object of an answer, or undefined. */
export function objectIn (text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
