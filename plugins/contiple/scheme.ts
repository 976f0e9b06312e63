import { assertStrict, InputError, type Limit, type Scheme } from '../kit/scheme.ts'
import type { HmacKey } from '../kit/wire/hmac.ts'
import { equalText, hmacKeyReader } from '../kit/wire/mac.ts'
import { assertSecret, assertUtf8, assertWellFormed, isInt64 } from '../kit/wire/text.ts'

/** The signed parts of a request: the body as sent, then the time as in the header. */
export interface ContipleInput {
  /** The raw body, never re-serialised. A byte-order mark counts. */
  body: string | Uint8Array
  /** Epoch milliseconds, 1 to 19 digits, as the text in `X-TC-Timestamp`. */
  timestamp: string
  /** Path and query as sent; only with `signedContent: 'uri+body'`. */
  uri?: string
}

/** The options of Contiple's scheme. */
export interface ContipleSchemeOptions {
  /**
   * `'body'` (default) is what the vendor's code signs. `'uri+body'` is what its prose says; no
   * peer is known to do so.
   */
  signedContent?: 'body' | 'uri+body'
  /**
   * False reproduces the vendor's code for every well-formed input; true (default) also refuses
   * what is ambiguous.
   */
  strict?: boolean
}

const commonLimits: readonly Limit[] = [
  'no-nonce',
  'no-separator',
  'method-not-covered',
  'headers-not-covered'
]

/**
 * `base64(HMAC-SHA256(key, rawBody + timestamp))`.
 * @see https://docs.contiple.com/eng/api-guide/open-api/data-connection
 */
export function createScheme (
  { signedContent = 'body', strict = true }: ContipleSchemeOptions = {}
): Scheme<ContipleInput> {
  assertStrict(strict)
  const readKey = hmacKeyReader('sha256')
  if (signedContent !== 'body' && signedContent !== 'uri+body') {
    throw new TypeError("signedContent must be 'body' or 'uri+body'")
  }
  const withUri = signedContent === 'uri+body'

  /** The signed parts, in order. The body is not copied. */
  function parts ({ body, timestamp, uri }: ContipleInput): Array<string | Uint8Array> {
    const bytes = bodyBytes(body)
    if (typeof timestamp !== 'string') throw new TypeError('timestamp must be a string of digits')
    assertWellFormed(timestamp, 'timestamp')
    if (strict) refuseAmbiguous(bytes, timestamp)
    return withUri ? [uriText(uri, bytes, strict), bytes, timestamp] : [bytes, timestamp]
  }

  function sign (input: ContipleInput, secret: string, key: unknown = readKey(secret)): string {
    return (key as HmacKey).digest('base64', ...parts(input))
  }

  return {
    name: 'contiple',
    limits: withUri ? commonLimits : [...commonLimits, 'uri-not-covered'],
    message: (input, secret) => {
      assertSecret(secret)
      return Buffer.concat(parts(input).map(part => Buffer.from(part)))
    },
    readKey,
    sign,
    verify: (input, signature, secret, key) => equalText(signature, sign(input, secret, key))
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

function bodyBytes (body: string | Uint8Array): Uint8Array {
  if (typeof body === 'string') {
    assertWellFormed(body, 'body')
    return Buffer.from(body)
  }
  if (!(body instanceof Uint8Array)) throw new TypeError('body must be a string or bytes')
  assertUtf8(body, 'body')
  return body
}

/**
 * There is no separator between body and time, so a digit at the end of the body could be moved to
 * the time. Contiple's bodies are JSON objects, which never end in a digit.
 */
function refuseAmbiguous (body: Uint8Array, timestamp: string): void {
  if (!isInt64(timestamp)) {
    throw new InputError('timestamp must be 1 to 19 digits and at most 2^63-1')
  }
  const lastByte = body[body.length - 1] ?? 0
  if (lastByte >= 0x30 && lastByte <= 0x39) {
    throw new InputError('body must not end in a digit: it would run into the timestamp')
  }
}

/**
 * The same check between path and body: a JSON object begins with a character that a request target
 * cannot contain.
 */
function uriText (uri: string | undefined, body: Uint8Array, strict: boolean): string {
  if (typeof uri !== 'string') throw new TypeError('uri must be the path and query as sent')
  assertWellFormed(uri, 'uri')
  if (strict) {
    if (!/^\/[!#-z|~]*$/.test(uri)) {
      throw new InputError(
        'uri must be a path and query in printable ASCII without quotes and braces'
      )
    }
    if (/[!#-z|~]/.test(String.fromCharCode(...body.subarray(0, 1)))) {
      throw new InputError('body must begin as a JSON object does: the path would run into it')
    }
  }
  return uri
}
