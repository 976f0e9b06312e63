import { createHash, createHmac } from 'node:crypto'
import {
  assertSecret,
  assertWellFormed,
  decodeBase64,
  decodeUtf8,
  equalBytes,
  InputError,
  parseUrl,
  type Scheme
} from 'fastify-contact-center/kit'
import { paramsText, type Params } from './params.ts'
import { signedUrls } from './urls.ts'

/**
 * What Twilio signs: the URL that it calls, with the fields of a form; a body of any other kind
 * goes in by its hash.
 */
export interface TwilioInput {
  /** The whole public URL with its query, as Twilio called it. */
  url: string
  /** The fields of a form, decoded; a repeated name has a list. */
  params?: Params
  /** A body that is no form: the query holds its SHA-256 as `bodySHA256`. */
  body?: string | Uint8Array
}

export interface TwilioSchemeOptions {
  /**
   * False reproduces Twilio's library for every well-formed input; true (default) also refuses what
   * is ambiguous.
   */
  strict?: boolean
}

/**
 * `base64(HMAC-SHA1(auth token, url + each name and value, sorted by name))`.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function createScheme ({ strict = true }: TwilioSchemeOptions = {}): Scheme<TwilioInput> {
  /** What follows the URL, after looking at every part. */
  function fieldsText (input: TwilioInput, secret: string): string {
    assertSecret(secret)
    assertTypes(input)
    if (strict) refuseAmbiguous(input)
    return input.body === undefined ? paramsText(input.params ?? {}) : ''
  }
  const message = (input: TwilioInput, secret: string): string => {
    const fields = fieldsText(input, secret)
    return input.url + fields
  }

  return {
    name: 'twilio',
    limits: [
      'no-timestamp',
      'no-nonce',
      'no-separator',
      'method-not-covered',
      'headers-not-covered'
    ],
    message,
    sign (input, secret) {
      const text = message(input, secret)
      if (input.body !== undefined && !hasBodyHash(input.url, input.body)) {
        throw new InputError('bodySHA256 in the query is not the hash of the body')
      }
      return hmacSha1(secret, text).toString('base64')
    },
    verify (input, signature, secret) {
      const fields = fieldsText(input, secret)
      const received = decodeBase64(signature, 20)
      let matches = false
      // Every form is tried, so that the time taken does not tell which one it was.
      for (const url of signedUrls(input.url, strict)) {
        const expected = hmacSha1(secret, url + fields)
        if (received !== null && equalBytes(received, expected)) matches = true
      }
      return matches && (input.body === undefined || hasBodyHash(input.url, input.body))
    }
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

function hmacSha1 (secret: string, text: string): Buffer {
  return createHmac('sha1', secret).update(text).digest()
}

/** The hashes that a URL's query holds. */
export function bodyHashes (url: string): string[] {
  return parseUrl(url)?.searchParams.getAll('bodySHA256') ?? []
}

function hasBodyHash (url: string, body: string | Uint8Array): boolean {
  const expected = createHash('sha256').update(body).digest('hex')
  return equalBytes(Buffer.from(bodyHashes(url)[0] ?? ''), Buffer.from(expected))
}

function assertTypes ({ url, params, body }: TwilioInput): void {
  if (typeof url !== 'string') throw new TypeError('url must be a string')
  assertWellFormed(url, 'url')
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    throw new TypeError('params must be an object')
  }
  for (const [name, values] of Object.entries(params ?? {})) {
    for (const value of [values].flat()) {
      if (typeof value !== 'string') throw new TypeError('values of params must be strings')
      assertWellFormed(name + value, 'params')
    }
  }
  if (typeof body === 'string') assertWellFormed(body, 'body')
  else if (body instanceof Uint8Array) decodeUtf8(body, 'body')
  else if (body !== undefined) throw new TypeError('body must be a string or bytes')
}

function refuseAmbiguous ({ url, params, body }: TwilioInput): void {
  // A # begins the query for some routers, and is never sent by HTTP clients.
  if (!/^https?:\/\/[!"$-~]+$/i.test(url) || parseUrl(url) === null) {
    throw new InputError('url must be an http or https URL in printable ASCII, without a fragment')
  }
  const hashes = bodyHashes(url)
  if (hashes.length > 1) throw new InputError('bodySHA256 is repeated')
  if (body === undefined && hashes.length === 1) throw new InputError('bodySHA256 needs the body')
  if (body !== undefined && hashes.length === 0) throw new InputError('a body needs bodySHA256')
  if (body !== undefined && params !== undefined) {
    throw new InputError('a body is either a form or not')
  }
  for (const values of Object.values(params ?? {})) {
    // Twilio signs one of them, so nobody could tell how often it was sent.
    if (Array.isArray(values) && new Set(values).size < values.length) {
      throw new InputError('a parameter is there twice with one value')
    }
  }
}
