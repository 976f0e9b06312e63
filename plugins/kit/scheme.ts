/**
 * The limits of signature schemes: the parts of a request that they do not cover, and the attacks
 * that they do not prevent. The contract suite checks that each declared limit is real, and every
 * vendor's docs page lists its limits.
 */
export const limits = {
  'no-timestamp':
    'The signed text contains no time: a captured request stays valid for as long as the key.',
  'no-nonce':
    'The signed text contains no unique value: a copy verifies again within the time window.',
  'no-separator':
    'Neighbouring fields are joined without a separator: characters can move between them.',
  'unescaped-separator':
    'A value can contain the separator: different fields can give the same signed text.',
  'unnamed-fields': 'Values are signed without their names: a value can be moved to another field.',
  'untyped-values':
    'Types are not signed: null and the text "null", or 1 and "1", give the same signed text.',
  'spaces-not-covered': 'Spaces are removed before signing: they can be added and removed freely.',
  'method-not-covered': 'The HTTP method is not signed.',
  'uri-not-covered':
    'The path and query string are not signed: a request can be sent to another route.',
  'headers-not-covered': 'Headers other than those that carry the signature are not signed.',
  'some-fields-not-covered': 'Some fields are not signed; see `covered` in the result.',
  'key-truncated': 'Non-ASCII text pushes the end of the key out of the hashed bytes.',
  'body-not-covered': 'The body is not signed: it can be changed freely.',
  'weak-mac': 'HMAC with SHA-1 or MD5: no forgery is known, but new schemes avoid it.',
  'weak-hash': 'SHA-1 without HMAC.'
} as const

/** A limit of a scheme; {@link limits} explains each. */
export type Limit = keyof typeof limits

/**
 * Verifies a vendor's signatures. It is pure: no clock, no I/O, no Fastify. A vendor whose private
 * key only the vendor has needs no more than this.
 *
 * `message` and `verify` throw {@link InputError} for an input that cannot be signed safely, and
 * `TypeError` for misuse (a missing secret, an input of the wrong type). A wrong signature is never
 * an exception.
 */
export interface Verifier<Input> {
  /** The vendor's name, as in the package's subpath. */
  readonly name: string
  /** The parts that the signature does not cover, and the attacks that it does not prevent. */
  readonly limits: readonly Limit[]
  /**
   * The signed text: the exact input of the MAC or hash. For vendors that hash the secret with the
   * text it contains the secret, so never log it.
   */
  message(input: Input, secret: string): string | Uint8Array
  /**
   * Whether the signature is valid for this input. A malformed signature returns false rather than
   * throwing. Secrets are compared in constant time. `key` is the result of
   * {@link Verifier.readKey} for this secret; without it the secret is parsed again.
   */
  verify(input: Input, signature: string, secret: string, key?: unknown): boolean
  /**
   * Parses a secret once, for many calls of `verify`.
   * @throws {InputError} for a secret that cannot be a key, naming the expected form
   */
  readKey?(secret: string): unknown
}

/** A verifier of signatures that we can also make. Throws as {@link Verifier} does. */
export interface Scheme<Input> extends Verifier<Input> {
  /** The signature as the vendor writes it. */
  sign(input: Input, secret: string, key?: unknown): string
}

/**
 * An input that cannot be signed safely. The message names the field and the reason, never the
 * value.
 */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code = 'ERR_CC_INPUT'
}

/**
 * Asserts that the option `strict`, which refuses ambiguous input, is a boolean. Any other falsy
 * value would turn the refusals off.
 * @throws {TypeError} otherwise
 */
export function assertStrict (strict: unknown): void {
  if (typeof strict !== 'boolean') throw new TypeError('strict must be true or false')
}
