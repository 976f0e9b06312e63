import { createHmac } from 'node:crypto'
import type { Fault } from '../shared/faults.ts'
import { omitEmpty, splitList, type ValuesOf } from '../shared/settings.ts'
import { isObject, jsonPost, parseObject, type WireRequest } from '../shared/wire.ts'
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
  return { url, key, ...omitEmpty({ oldKey }), field: findNumberField(queryFields), caller, now }
}

/** The first query field. */
export function findNumberField (queryFields: string): string {
  return splitList(queryFields)[0] ?? 'callNum'
}

export const minute = 60_000
export const otherKey = 'a-key-that-nobody-gave-you'
/** An unassigned number, for forged queries. */
export const unknownNumber = '+10000000000'

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
export function createLookup (
  bench: ContipleBench,
  { body = createQuery(bench), timestamp = String(bench.now()), key = bench.key, signed = {} }:
    Signing = {}
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

export function createQuery ({ field, caller }: ContipleBench, more: object = {}): string {
  return JSON.stringify({ [field]: caller, ...more })
}

export function createUnknownQuery (bench: ContipleBench): string {
  return createQuery({ ...bench, caller: unknownNumber })
}

/** The query with more fields, as JSON text. */
export function extendQuery (bench: ContipleBench, json: string): string {
  return `${createQuery(bench).slice(0, -1)},${json}}`
}

export function changeHeaders (
  request: WireRequest,
  change: (headers: WireRequest['headers']) => WireRequest['headers']
): WireRequest {
  return { ...request, headers: change(request.headers) }
}

export function changeSignature (
  request: WireRequest,
  rewrite: (signature: string) => string
): WireRequest {
  return changeHeaders(
    request,
    headers =>
      headers.map(([name, value]) =>
        [name, name === 'Authorization' ? rewrite(value) : value] as const
      )
  )
}

export function removeHeader (name: string, request: WireRequest): WireRequest {
  return changeHeaders(request, headers => headers.filter(([headerName]) => headerName !== name))
}

export function repeatRequest (request: WireRequest): WireRequest[] {
  return [request, request]
}

export function checkErrorShape (text: string): string | undefined {
  const error = parseObject(text)?.['error']
  return isObject(error) && ['code', 'message', 'detail'].every(name => name in error)
    ? undefined
    : 'The answer must be {"error":{"code":…,"message":"…","detail":…}}.'
}
