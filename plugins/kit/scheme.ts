/**
 * What a signature scheme does not cover or protect. The contract suite checks
 * that a declared limit is true, and every vendor's docs page lists them.
 */
export const limits = {
  'no-timestamp':
    'Nothing in the signed text says when it was made: a captured request stays valid for as long as the key.',
  'no-nonce':
    'Nothing in the signed text is unique to one request: a copy inside the time window verifies again.',
  'no-separator':
    'Neighbouring fields are joined without a separator: characters can move from one to the other.',
  'unescaped-separator':
    'The separator can occur inside a value: different fields can give the same signed text.',
  'unnamed-fields':
    'Only values are signed, not their names: a value can be presented as another field.',
  'untyped-values':
    'Types are not signed: null and the text "null", or 1 and "1", give the same signed text.',
  'spaces-not-covered': 'Spaces are removed before signing: they can be added and dropped at will.',
  'method-not-covered': 'The HTTP method is not signed.',
  'uri-not-covered':
    'The path and query string are not signed: a request can be sent to another route.',
  'headers-not-covered': 'Headers other than those that carry the signature are not signed.',
  'some-fields-not-covered': 'Some fields travel unsigned; see `covered` in the result.',
  'key-truncated': 'Non-ASCII text pushes the end of the key out of the hashed bytes.',
  'body-not-covered': 'The body is not signed: it can be changed at will.',
  'weak-mac': 'HMAC with SHA-1 or MD5: no forgery is known, but nobody would choose it today.',
  'weak-hash': 'SHA-1, used without HMAC.'
} as const

/** One thing that a scheme does not cover or protect; see {@link limits} for what each means. */
export type Limit = keyof typeof limits

/**
 * Checks a vendor's signature, pure: no clock, no I/O, no Fastify. Enough for a vendor whose
 * private key we do not hold.
 *
 * `message` and `verify` throw {@link InputError} for an input that cannot be signed safely, and
 * `TypeError` for misuse (a missing secret, an input of the wrong type). A wrong signature is never
 * an exception.
 */
export interface Verifier<Input> {
  /** The vendor's name, as in the package's subpath. */
  readonly name: string
  /** What the signature does not cover or protect. */
  readonly limits: readonly Limit[]
  /**
   * Exactly what is authenticated, before the MAC or hash: the canonical text. Holds the secret for
   * vendors whose algorithm mixes it in, so never log it.
   */
  message(input: Input, secret: string): string | Uint8Array
  /**
   * Whether `signature` is one that `sign` would write for this input. False, never an exception,
   * for a signature of any other shape. Constant-time where a secret is compared. `key` is what
   * {@link Verifier.readKey} made of the secret; without it the secret is read anew.
   */
  verify(input: Input, signature: string, secret: string, key?: unknown): boolean
  /**
   * Reads a secret into the form that `verify` works with, so that it is parsed once.
   * @throws {InputError} for a secret that cannot be a key, naming the form that is wanted
   */
  readKey?(secret: string): unknown
}

/** A signature that we can also make. Throws as {@link Verifier} does. */
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
 * Whether a scheme refuses what is ambiguous is said with true or false. Other values would pass
 * for false, and turn every refusal off.
 * @throws {TypeError} on anything else
 */
export function assertStrict (strict: unknown): void {
  if (typeof strict !== 'boolean') throw new TypeError('strict must be true or false')
}
