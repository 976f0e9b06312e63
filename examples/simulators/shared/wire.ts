import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** One raw request. `fetch` would normalize parts of it. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** In this order and spelling, with repeats. Host, Connection and Content-Length are added. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Uint8Array
  /** Sends the body in four parts with this many milliseconds between them. */
  readonly pauseMs?: number
  /**
   * Aborts the connection in the middle of the body, or after the head if there is none, and
   * ignores the response.
   */
  readonly cut?: boolean
}

export interface WireAnswer {
  /** Null if there was no response. */
  readonly status: number | null
  readonly headers: http.IncomingHttpHeaders
  /** The response text, or the reason why there is none. */
  readonly text: string
  readonly ms: number
}

const timeoutMs = 10_000

/**
 * Sends the request on its own connection and returns the response. Never throws for errors of the
 * other side.
 */
export async function exchange (request: WireRequest): Promise<WireAnswer> {
  const start = performance.now()
  try {
    return { ...await send(request), ms: elapsedSince(start) }
  } catch (error) {
    return { status: null, headers: {}, text: (error as Error).message, ms: elapsedSince(start) }
  }
}

async function send (
  { method, url, headers, body, pauseMs, cut = false }: WireRequest
): Promise<Omit<WireAnswer, 'ms'>> {
  const { host, protocol } = new URL(url)
  const length = method === 'GET' ? [] : [['Content-Length', String(body.length)] as const]
  const allHeaders = [
    ['Host', host] as const,
    ...headers,
    ...length,
    ['Connection', 'close'] as const
  ]
  const { request } = protocol === 'https:' ? https : http
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: allHeaders.flat(),
      agent: false,
      timeout: timeoutMs
    })
    // Head and body are two packets; without this, the second waits for the ACK of the first.
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
    writeBody(outgoing, body, pauseMs, cut).catch(reject)
  })
}

async function writeBody (
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
  // An empty last part would be a write beyond the declared length.
  if (body.length > 0) outgoing.end(body)
  else outgoing.end()
}

function elapsedSince (start: number): number {
  return Math.round(performance.now() - start)
}

/** A request with a raw JSON body. */
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

export function getRequest (url: string, headers: WireRequest['headers'] = []): WireRequest {
  return { method: 'GET', url, headers, body: new Uint8Array() }
}

/** The URL with parameters added to its query. */
export function withQuery (url: string, query: Record<string, string> | string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${
    typeof query === 'string' ? query : new URLSearchParams(query).toString()
  }`
}

/** The JSON object in a response, or undefined. */
export function parseObject (text: string): Record<string, unknown> | undefined {
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
