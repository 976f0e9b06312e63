import { head, type Part, serializeRequest } from './raw.ts'
import { bodyVendors, type Genuine, type Vendor, vendors } from './vendors.ts'

export interface Case {
  readonly name: string
  /** The vendors whose routes run the case. */
  readonly on: readonly Vendor[]
  /** The bytes to send instead of a genuine request. */
  readonly send: (request: Genuine, vendor: Vendor) => readonly Part[]
  /**
   * The expected replies, in order: `in`, `no` (any 4xx in the vendor's shape), `no 413`, `http
   * 400` (refused by HTTP itself); '' for no reply.
   */
  readonly expect: string
}

type Send = Case['send']

export const all = vendors
export const ofBody = bodyVendors
/** The vendors with signatures in headers. */
export const ofHeaders: readonly Vendor[] = ['contiple', 'contiple-uri']

export function createCase (name: string, expect: string, on: readonly Vendor[], send: Send): Case {
  return { name, on, send, expect }
}

/** A modified request, sent in one write. */
export function modify (change: (request: Genuine) => Partial<Genuine>): Send {
  return request => [serializeRequest({ ...request, ...change(request) })]
}

/** Adds headers after the genuine ones. */
export function withHeaders (...more: Array<[string, string]>): Send {
  return modify(({ headers }) => ({ headers: [...headers, ...more] }))
}

/** Replaces a genuine header. */
export function replaceHeader (request: Genuine, name: string, value: string): Genuine {
  return {
    ...request,
    headers: [
      ...request.headers.filter(([headerName]) => headerName.toLowerCase() !== name.toLowerCase()),
      [
        name,
        value
      ]
    ]
  }
}

/** Edits the text of the head, then sends the body. */
export function editHead (edit: (head: string) => string): Send {
  return request => [Buffer.from(edit(head(request)), 'latin1'), request.body]
}

/** The head with `Transfer-Encoding: chunked`, then the given parts. */
export function sendChunked (
  body: (bytes: Buffer) => readonly Part[],
  ...more: Array<[string, string]>
): Send {
  return request => [
    head({ ...request, headers: [...request.headers, ['Transfer-Encoding', 'chunked'], ...more] }),
    ...body(request.body)
  ]
}

/** Keeps the connection open afterwards. */
export function keepOpen (request: Genuine): Genuine {
  return { ...request, headers: request.headers.filter(([name]) => name !== 'Connection') }
}

/** The genuine value of a header. */
export function valueOf ({ headers }: Genuine, name: string): string {
  return headers.find(([headerName]) => headerName === name)?.[1] ?? ''
}
