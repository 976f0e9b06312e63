import { hash as digest } from 'node:crypto'
import { hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import { assertBody, type Body } from '../kit/wire/body.ts'
import { equalText } from '../kit/wire/mac.ts'
import { assertWellFormed } from '../kit/wire/text.ts'

/** The signed parts of a request: a JSON Web Token with the hash of the body. */
export interface VonageInput {
  /** The JSON text of the token's header, as received: `{"alg":"HS256","typ":"JWT"}`. */
  header: string
  /** The JSON text of the token's claims, as received. */
  claims: string
  /** The raw body; for a GET the JSON text of its query. Left out where there is neither. */
  body?: Body
}

/** The options of Vonage's scheme. */
export interface VonageSchemeOptions {
  /**
   * False accepts what Vonage's library accepts: tokens without time, id and hash of the body. True
   * (default) refuses them, and `nbf`, which Vonage never sends.
   */
  strict?: boolean
}

/** The claims that are checked; tokens have more. Times are epoch seconds. */
export interface VonageClaims {
  /** When the token was made. */
  iat?: number
  /** When it expires. */
  exp?: number
  nbf?: unknown
  /** The token's id, different in each. */
  jti?: string
  /** The account's API key. */
  api_key?: string
  /** SHA-256 of the body, in lower-case hex. */
  payload_hash?: string
}

/**
 * A JSON Web Signature of the algorithm HS256. The signature is the token's third part:
 * `base64url(HMAC-SHA256(signature secret, base64url(header) + "." + base64url(claims)))`.
 * @see https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks
 */
export function createScheme ({ strict = true }: VonageSchemeOptions = {}): Scheme<VonageInput> {
  assertStrict(strict)
  const readOnce = rememberLast((claims: string) => readClaims(claims, strict))
  const readHeader = rememberLast(writeTokenStart)
  const signer = hmacScheme<VonageInput>({
    name: 'vonage',
    algorithm: 'sha256',
    encoding: 'base64url',
    limits: ['method-not-covered', 'uri-not-covered', 'headers-not-covered'],
    keyBytes: signatureSecret,
    parts ({ header, claims, body }) {
      if (body !== undefined) assertBody(body)
      readOnce(claims)
      return [readHeader(header), base64url(claims)]
    }
  })
  /** Whether the token has the hash of this body, or none where there is no body. */
  function coversBody ({ claims, body }: VonageInput): boolean {
    const { payload_hash: hash } = readOnce(claims)
    if (hash === undefined) return !strict || body === undefined || body.length === 0
    return equalText(hash, digest('sha256', body ?? '', 'hex'))
  }
  return {
    ...signer,
    sign (input, secret, key) {
      const signature = signer.sign(input, secret, key)
      if (coversBody(input)) return signature
      throw new InputError('payload_hash is not the SHA-256 of the body in lower-case hex')
    },
    verify (input, signature, secret, key) {
      const isSigned = equalText(signature, signer.sign(input, secret, key))
      return isSigned && coversBody(input)
    }
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

/**
 * The claims of a token.
 * @throws {InputError} unless the text is a JSON object whose known claims have the right types;
 * with `strict`, time and id are required
 */
export function readClaims (claims: string, strict = true): VonageClaims {
  const fields = readObject(claims, 'claims') as Record<keyof VonageClaims, unknown>
  for (const name of ['iat', 'exp'] as const) {
    const value = fields[name]
    if (value !== undefined && !isSeconds(value)) {
      throw new InputError(`the claim ${name} must be whole epoch seconds`)
    }
  }
  for (const name of ['jti', 'api_key', 'payload_hash'] as const) {
    const value = fields[name]
    if (value !== undefined && typeof value !== 'string') {
      throw new InputError(`the claim ${name} must be text`)
    }
  }
  if (strict) {
    if (fields.iat === undefined) throw new InputError('the claim iat is missing')
    if (!/^[!-~]{1,256}$/.test(String(fields.jti ?? ''))) {
      throw new InputError('the claim jti must be 1 to 256 visible ASCII characters')
    }
    if (fields.nbf !== undefined) throw new InputError('Vonage sends no claim nbf')
  }
  return fields as VonageClaims
}

/**
 * Remembers the last text that was read: the claims, which are read several times per request, and
 * the header, which is the same in all requests.
 */
function rememberLast<Read> (read: (text: string) => Read): (text: string) => Read {
  let cache: { readonly text: string, readonly read: Read } | undefined
  return text => {
    if (cache?.text !== text) cache = { text, read: read(text) }
    return cache.read
  }
}

/**
 * The start of a token: its encoded header and a full stop. The algorithm is pinned: a token must
 * never choose how it is verified.
 */
function writeTokenStart (header: string): string {
  const fields = readObject(header, 'header') as { alg?: unknown, crit?: unknown }
  if (fields.alg !== 'HS256') throw new InputError("the token's alg must be HS256")
  if (fields.crit !== undefined) throw new InputError('the token has extensions in crit')
  return `${base64url(header)}.`
}

function readObject (text: unknown, label: string): object {
  if (typeof text !== 'string') throw new TypeError(`${label} must be JSON text`)
  assertWellFormed(text, label)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InputError(`${label} is not valid JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${label} must be a JSON object`)
  }
  return value
}

function isSeconds (value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 1e15
}

function base64url (text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** @throws {InputError} on a key of another kind; the message names the expected form */
function signatureSecret (secret: string): Uint8Array {
  if (secret.includes('-----BEGIN')) {
    throw new InputError(
      'secret must be the signature secret of the account settings, not a PEM: the private key of an application signs requests to Vonage'
    )
  }
  return Buffer.from(secret)
}
