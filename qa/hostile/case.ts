import { head, type Part, written } from './raw.ts'
import { bodyVendors, type Genuine, type Vendor, vendors } from './vendors.ts'

export interface Case {
  readonly name: string
  /** Whose routes it is tried on. */
  readonly on: readonly Vendor[]
  /** What goes over the wire instead of a genuine request. */
  readonly send: (request: Genuine, vendor: Vendor) => readonly Part[]
  /**
   * The replies, in order: `in`, `no` (any 4xx in the vendor's shape), `no 413`, `http 400` (HTTP's
   * own refusal); none is ''.
   */
  readonly expect: string
}

type Send = Case['send']

export const all = vendors
export const ofBody = bodyVendors
/** Those whose signature stands in headers. */
export const ofHeaders: readonly Vendor[] = ['contiple', 'contiple-uri']

export function one (name: string, expect: string, on: readonly Vendor[], send: Send): Case {
  return { name, on, send, expect }
}

/** The request with something changed, written at once. */
export function changed (change: (request: Genuine) => Partial<Genuine>): Send {
  return request => [written({ ...request, ...change(request) })]
}

/** With more headers, behind the genuine ones. */
export function withHeaders (...more: Array<[string, string]>): Send {
  return changed(({ headers }) => ({ headers: [...headers, ...more] }))
}

/** With a header put in place of the genuine one. */
export function replaced (request: Genuine, name: string, value: string): Genuine {
  return {
    ...request,
    headers: [...request.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase()), [
      name,
      value
    ]]
  }
}

/** The text of the head edited, then the body. */
export function headEdited (edit: (head: string) => string): Send {
  return request => [Buffer.from(edit(head(request)), 'latin1'), request.body]
}

/** The head with `Transfer-Encoding: chunked`, then parts of the case's own. */
export function chunked (
  body: (bytes: Buffer) => readonly Part[],
  ...more: Array<[string, string]>
): Send {
  return request => [
    head({ ...request, headers: [...request.headers, ['Transfer-Encoding', 'chunked'], ...more] }),
    ...body(request.body)
  ]
}

/** On a connection that stays open behind it. */
export function open (request: Genuine): Genuine {
  return { ...request, headers: request.headers.filter(([name]) => name !== 'Connection') }
}

/** The genuine value of a header. */
export function valueOf ({ headers }: Genuine, name: string): string {
  return headers.find(([one]) => one === name)?.[1] ?? ''
}
