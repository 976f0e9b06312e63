import { assertSecret, assertWellFormed, decodeUtf8, InputError, isInt64 } from '../kit/index.ts'
import { hmacSha256Base64 } from '../kit/wire/mac.ts'

/** A call to Online Contact's OpenAPI. */
export interface OpenApiCall {
  organizationId: string
  /** The path, without the query: `/{serviceId}/openapi/v1/…`. */
  uri: string
  /** Parameters as raw text, not URL-encoded. If a name has several values, the first is signed. */
  query?: Readonly<Record<string, string | readonly string[]>>
  /** The body as sent; empty means none. */
  body?: string | Uint8Array
  /** For a file upload, instead of the body: the MD5 of the file in lower-case hex. */
  fileMd5?: string
  /** Epoch milliseconds, in digits. Online Contact accepts it for five minutes. */
  time: string
}

/** The headers that carry the signature. */
export interface OpenApiHeaders {
  authorization: string
  /** Epoch milliseconds, as signed. */
  'x-tc-timestamp': string
}

/**
 * Signs a call to Online Contact: `base64(HMAC-SHA256(key, organizationId + uri + values + time))`.
 * The order follows the vendor's page; no published example confirms it.
 * @throws {InputError} on ill-formed text, a uri with a query, a time that is not digits, or an MD5
 * that is not hex
 * @throws {TypeError} on a missing key, both a body and a file, or a part that is not text, such as
 * a number
 * @see https://docs.nhncloud.com/en/Contact%20Center/Online%20Contact/en/overview/
 */
export function signOpenApi (call: OpenApiCall, key: string): OpenApiHeaders {
  assertSecret(key)
  return { authorization: hmacSha256Base64(key, openApiMessage(call)), 'x-tc-timestamp': call.time }
}

/** The signed text of a call. */
export function openApiMessage (call: OpenApiCall): string {
  const { organizationId, uri, time } = call
  for (const [name, value] of Object.entries({ organizationId, uri, time })) assertText(value, name)
  if (!/^\/[^?#]*$/.test(uri)) throw new InputError('uri must be a path without a query')
  if (!isInt64(time)) throw new InputError('time must be 1 to 19 digits and at most 2^63-1')
  const message = organizationId + uri + [...listParameters(call), ...listContent(call)].join('&') +
    time
  assertWellFormed(message, 'call')
  return message
}

function listParameters ({ query = {} }: OpenApiCall): string[] {
  return Object.keys(query).sort().map(name => {
    const values = [query[name]].flat()
    return values.length === 0 ? '' : assertText(values[0], `query.${name}`)
  })
}

function listContent ({ body = '', fileMd5 }: OpenApiCall): string[] {
  if (fileMd5 !== undefined) {
    assertText(fileMd5, 'fileMd5')
    if (body.length > 0) throw new TypeError('a call has a body or a file, not both')
    if (!/^[0-9a-f]{32}$/.test(fileMd5)) {
      throw new InputError('fileMd5 must be 32 lower-case hex digits')
    }
    return [fileMd5]
  }
  const text = body instanceof Uint8Array ? decodeUtf8(body, 'body') : assertText(body, 'body')
  return text === '' ? [] : [text]
}

function assertText (value: unknown, name: string): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
  return value
}
