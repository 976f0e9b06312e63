import { createHmac } from 'node:crypto'
import type { Fault } from '../shared/faults.ts'
import { filled, listOf, type ValuesOf } from '../shared/settings.ts'
import { isObject, jsonPost, objectIn, type WireRequest } from '../shared/wire.ts'
import type { contipleSettings } from './settings.ts'

/** A customer information API under test, and the lab's settings for it. */
export interface ContipleBench {
  readonly url: string
  readonly key: string
  /** An expired key. */
  readonly oldKey?: string
  /** The query field with the phone number. */
  readonly field: string
  /** The phone number of a known customer. */
  readonly caller: string
  /** Epoch milliseconds, never the same twice: a repeated time would be a replay. */
  readonly now: () => number
}

export type ContipleFault = Fault<ContipleBench>

export function contipleBench (
  { lookupUrl: url, key, oldKey, queryFields, caller }: ValuesOf<typeof contipleSettings>,
  now: () => number
): ContipleBench {
  return { url, key, ...filled({ oldKey }), field: numberField(queryFields), caller, now }
}

/** The first query field. */
export function numberField (queryFields: string): string {
  return listOf(queryFields)[0] ?? 'callNum'
}

export const minute = 60_000
export const otherKey = 'a-key-that-nobody-gave-you'
/** An unassigned number, for forged queries. */
export const nobody = '+10000000000'

interface Signing {
  body?: string | Uint8Array
  timestamp?: string
  key?: string
  /** The signed parts, if they differ from the sent ones. */
  signed?: { body?: string, timestamp?: string }
}

/**
 * The genuine request with the given changes. Signs by hand: the scheme refuses parts that are not
 * text, and the lab sends those too.
 */
export function lookup (
  bench: ContipleBench,
  { body = query(bench), timestamp = String(bench.now()), key = bench.key, signed = {} }: Signing =
    {}
): WireRequest {
  const signature = createHmac('sha256', key)
    .update(signed.body ?? body)
    .update(signed.timestamp ?? timestamp)
    .digest('base64')
  return jsonPost(bench.url, body, [
    ['Authorization', signature],
    ['X-TC-Timestamp', timestamp]
  ])
}

export function query ({ field, caller }: ContipleBench, more: object = {}): string {
  return JSON.stringify({ [field]: caller, ...more })
}

export function queryOfNobody (bench: ContipleBench): string {
  return query({ ...bench, caller: nobody })
}

/** The query with more fields, as JSON text. */
export function queryWith (bench: ContipleBench, json: string): string {
  return `${query(bench).slice(0, -1)},${json}}`
}

export function headersOf (
  request: WireRequest,
  change: (headers: WireRequest['headers']) => WireRequest['headers']
): WireRequest {
  return { ...request, headers: change(request.headers) }
}

export function authorization (
  request: WireRequest,
  write: (signature: string) => string
): WireRequest {
  return headersOf(
    request,
    headers =>
      headers.map(([name, value]) =>
        [name, name === 'Authorization' ? write(value) : value] as const
      )
  )
}

export function without (name: string, request: WireRequest): WireRequest {
  return headersOf(request, headers => headers.filter(([one]) => one !== name))
}

export function twice (request: WireRequest): WireRequest[] {
  return [request, request]
}

export function errorComplaint (text: string): string | undefined {
  const error = objectIn(text)?.['error']
  return isObject(error) && ['code', 'message', 'detail'].every(name => name in error)
    ? undefined
    : 'The answer must be {"error":{"code":…,"message":"…","detail":…}}.'
}
