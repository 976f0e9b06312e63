import { type LookupFailure, scheme, type SignedHeaders } from 'fastify-contact-center/contiple'
import { parseObject } from '../shared/wire.ts'

/**
 * Forgeries. `key`: signed with another key; `body`: body changed after signing; `time`: an old
 * signature with a fresh time.
 */
export const forgeries = ['key', 'body', 'time'] as const
export type Forgery = typeof forgeries[number]

export interface LookupOrder {
  readonly key: string
  readonly lookupUrl: string
  /** The fields configured by the administrator; the first one is the phone number. */
  readonly query: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly forge?: Forgery
}

/** The outcome of one look-up. */
export interface Lookup {
  /** Null if there was no response. */
  status: number | null
  /** The text shown to the agent. */
  agentSees: string
  /** The result fields, if the customer was found. */
  data?: Record<string, unknown>
  /** The API's error, or the reason why there was no response. */
  error?: LookupFailure['error'] | string
  latencyMs: number
  request: { url: string, headers: SignedHeaders & { 'content-type': string }, body: string }
  /** The raw response. */
  reply?: { headers: Record<string, string>, body: string }
}

const timeoutMs = 5_000

/** The text that Contiple shows for a status. Any other status is "an error occurred". */
const statusTexts: Record<number, string> = {
  400: 'no result found',
  403: 'access denied',
  404: 'an error on the requested server'
}
const defaultText = 'an error occurred'

/** Queries the API for the caller, as Contiple or as a forger. */
export async function lookUp (order: LookupOrder): Promise<Lookup> {
  const request = { url: order.lookupUrl, ...signQuery(order) }
  const start = performance.now()
  try {
    const { headers, body } = request
    const answer = await fetch(order.lookupUrl, {
      method: 'POST',
      headers: { ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs)
    })
    const text = await answer.text()
    return {
      status: answer.status,
      ...readReply(answer.status, text),
      latencyMs: elapsedSince(start),
      request,
      reply: { headers: Object.fromEntries(answer.headers), body: text }
    }
  } catch (error) {
    return {
      status: null,
      agentSees: defaultText,
      error: `no answer: ${String(error)}`,
      latencyMs: elapsedSince(start),
      request
    }
  }
}

function signQuery (
  { key, query, timestamp, forge }: LookupOrder
): { headers: Lookup['request']['headers'], body: string } {
  const body = JSON.stringify(query)
  const hourAgo = String(timestamp - 3_600_000)
  const authorization = scheme.sign({
    body,
    timestamp: forge === 'time' ? hourAgo : String(timestamp)
  }, forge === 'key' ? `not-${key}` : key)
  return {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      authorization,
      'x-tc-timestamp': String(timestamp)
    },
    body: forge === 'body' ? JSON.stringify(changeNumber(query)) : body
  }
}

function changeNumber (query: LookupOrder['query']): LookupOrder['query'] {
  return Object.fromEntries(
    Object.entries(query).map(([name, value], index) => [name, index === 0 ? `${value}0` : value])
  )
}

function readReply (status: number, reply: string): Pick<Lookup, 'agentSees' | 'data' | 'error'> {
  const parsed = (parseObject(reply) ?? {}) as {
    data?: Record<string, unknown>,
    error?: LookupFailure['error']
  }
  if (status !== 200) {
    return {
      agentSees: statusTexts[status] ?? defaultText,
      error: parsed.error ?? 'the answer is not a documented error'
    }
  }
  if (parsed.data === undefined) return { agentSees: defaultText, error: 'the answer has no data' }
  const fields = Object.entries(parsed.data).map(([name, value]) => `${name}: ${String(value)}`)
  return { agentSees: fields.join(', ') || 'no fields', data: parsed.data }
}

function elapsedSince (start: number): number {
  return Math.round(performance.now() - start)
}
