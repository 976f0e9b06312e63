import { hash } from 'node:crypto'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import { assertBody, type Body } from '../kit/wire/body.ts'
import type { HmacKey } from '../kit/wire/hmac.ts'
import { equalText, hmacKeyReader } from '../kit/wire/mac.ts'
import { assertSecret, assertWellFormed } from '../kit/wire/text.ts'
import { parseUrl } from '../kit/wire/url.ts'
import { type Params, paramsText, readParams } from './params.ts'
import { signedUrls } from './urls.ts'

/**
 * The signed parts of a request: the called URL, and the fields of a form. Any other body is signed
 * by its hash in the query.
 */
export interface TwilioInput {
  /** The whole public URL with its query, as Twilio called it. */
  url: string
  /** The decoded fields of a form, or the same object as JSON text; a repeated name has a list. */
  params?: Params | string
  /** A body other than a form. The query has its SHA-256 as `bodySHA256`. */
  body?: Body
}

/** The options of Twilio's scheme. */
export interface TwilioSchemeOptions {
  /**
   * False reproduces Twilio's library for every well-formed input; true (default) also refuses
   * ambiguous input, and the SID of an account or API key as the auth token.
   */
  strict?: boolean
}

interface Parts {
  readonly fields: string
  readonly bodyHash: string | undefined
}

/**
 * `base64(HMAC-SHA1(auth token, url + each name and value, sorted by name))`.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function createScheme ({ strict = true }: TwilioSchemeOptions = {}): Scheme<TwilioInput> {
  assertStrict(strict)
  const readKey = hmacKeyReader('sha1', secret => {
    if (strict) refuseSid(secret)
    return secret
  })

  /** Checks every part; gives the text that follows the URL, and the body's hash in its query. */
  function readParts ({ url, params: rawParams, body }: TwilioInput): Parts {
    if (typeof url !== 'string') throw new TypeError('url must be a string')
    assertWellFormed(url, 'url')
    const params = rawParams === undefined ? undefined : readParams(rawParams)
    if (body !== undefined) assertBody(body)
    const hashes = bodyHashes(url)
    if (strict) {
      if (body !== undefined && params !== undefined) {
        throw new InputError('params and body exclude each other')
      }
      refuseAmbiguous(url, hashes.length, params, body)
    }
    const fields = body !== undefined || params === undefined ? '' : paramsText(params)
    assertWellFormed(fields, 'params')
    return { fields, bodyHash: hashes[0] }
  }

  return {
    name: 'twilio',
    limits: [
      'no-timestamp',
      'no-nonce',
      'no-separator',
      'method-not-covered',
      'headers-not-covered',
      'weak-mac'
    ],
    readKey,
    message (input, secret) {
      assertSecret(secret)
      return input.url + readParts(input).fields
    },
    sign (input, secret, key = readKey(secret)) {
      const { fields, bodyHash } = readParts(input)
      if (input.body !== undefined && !isHashOf(input.body, bodyHash)) {
        throw new InputError('bodySHA256 in the query is not the hash of the body')
      }
      return (key as HmacKey).digest('base64', input.url, fields)
    },
    verify (input, signature, secret, key = readKey(secret)) {
      const { fields, bodyHash } = readParts(input)
      // Stopping early reveals only which form matched, and all forms derive from the request.
      let isSigned = false
      for (const url of signedUrls(input.url, strict)) {
        isSigned = equalText(signature, (key as HmacKey).digest('base64', url, fields))
        if (isSigned) break
      }
      return isSigned && (input.body === undefined || isHashOf(input.body, bodyHash))
    }
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

// As Twilio writes it: once, in a URL without escapes.
const plainHash = /^[^?#%]*\?(?:[^#%]*&)?bodySHA256=([0-9a-f]{64})(?:&[^#%]*)?$/

/** The values of `bodySHA256` in a URL's query. */
export function bodyHashes (url: string): string[] {
  const nameStart = url.indexOf('bodySHA256')
  // The name may be percent-encoded.
  if (nameStart < 0 && !url.includes('%')) return []
  const [, unescapedHash] = nameStart === url.lastIndexOf('bodySHA256')
    ? plainHash.exec(url) ?? []
    : []
  if (unescapedHash !== undefined && hasAuthority(url)) return [unescapedHash]
  return parseUrl(url)?.searchParams.getAll('bodySHA256') ?? []
}

function isHashOf (body: Body, receivedHash: string | undefined): boolean {
  return equalText(receivedHash, hash('sha256', body, 'hex'))
}

/** The origin that was read last, and the slash behind it. */
let lastOrigin = ''

/** In printable ASCII no path or query makes a URL invalid, so only its origin is checked. */
function hasAuthority (url: string): boolean {
  if (lastOrigin !== '' && url.startsWith(lastOrigin)) return true
  const origin = /^https?:\/\/[^/?\\]*/i.exec(url)?.[0] ?? ''
  if (parseUrl(origin) === null) return false
  lastOrigin = `${origin}/`
  return true
}

/** @throws {InputError} on a key of another kind; the message names the expected form */
function refuseSid (secret: string): void {
  const [, kind] = /^(AC|SK)[0-9a-f]{32}$/i.exec(secret) ?? []
  if (kind === undefined) return
  throw new InputError(
    `secret must be the auth token, 32 hex digits; this is the SID of an ${
      kind.toUpperCase() === 'AC' ? 'account' : 'API key'
    }`
  )
}

function refuseAmbiguous (
  url: string,
  hashes: number,
  params: Params = {},
  body: Body | undefined
): void {
  // Some routers begin the query at a #, which HTTP clients never send.
  if (!/^https?:\/\/[!"$-~]+$/i.test(url) || !hasAuthority(url)) {
    throw new InputError('url must be an http or https URL in printable ASCII, without a fragment')
  }
  if (hashes > 1) throw new InputError('bodySHA256 is repeated')
  if (body === undefined && hashes === 1) throw new InputError('bodySHA256 needs the body')
  if (body !== undefined && hashes === 0) throw new InputError('a body needs bodySHA256')
  for (const values of Object.values(params)) {
    // Twilio signs equal values once, so the number of them is not covered.
    if (Array.isArray(values) && new Set(values).size < values.length) {
      throw new InputError('a parameter is repeated with the same value')
    }
  }
}
