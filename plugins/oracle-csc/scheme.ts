import { hash } from 'node:crypto'
import { assertStrict, InputError, type Limit, type Scheme } from '../kit/scheme.ts'
import { equalText } from '../kit/wire/mac.ts'
import { assertSecret, assertWellFormed } from '../kit/wire/text.ts'
import { hashLengths, wholeHash, writeHash } from './hash.ts'

/** The fields that CSC hashes before the key. */
export interface OracleCscInput {
  /** The agent's CSC login. */
  username: string
  /** The customer's number, as the text in the URL. */
  callerId: string
  /**
   * The call's id (`callid`), between user name and number; only if CSC's FTCallID check is on.
   */
  callId?: string
}

/** The options of Oracle CSC's scheme. */
export interface OracleCscSchemeOptions {
  /** The algorithm that CSC is configured with. Default `'sha1'`, CSC's own. */
  algorithm?: 'sha1' | 'sha256'
  /**
   * How many bytes of the UTF-8 text are hashed: as many as the text has UTF-16 units (`'utf16'`,
   * default, as the vendor's code does), or all of them (`'utf8'`). They differ for non-ASCII text,
   * where `'utf16'` cuts off the end of the key.
   */
  byteLength?: 'utf16' | 'utf8'
  /** At least so many bytes of the key must be hashed; of a shorter key, all. Default 16. */
  minimumKeyBytes?: number
  /**
   * False reproduces the vendor's code for every well-formed input; true (default) refuses input
   * that pushes too much of the key out of the hashed bytes.
   */
  strict?: boolean
}

const commonLimits: readonly Limit[] = [
  'no-timestamp',
  'no-nonce',
  'no-separator',
  'method-not-covered',
  'uri-not-covered',
  'headers-not-covered',
  'some-fields-not-covered'
]

/**
 * `hex(SHA-1(username + callId + callerId + key))` without leading zeros; `callId` is empty unless
 * CSC checks it.
 * @throws {TypeError} on an option out of range
 * @see https://docs.oracle.com/cd/E52191_03/Service.11-1/ATGCommerceServiceCenterInstall/html/s2308integratingwithoutlivehelpondema01.html
 */
export function createScheme (
  { algorithm = 'sha1', byteLength = 'utf16', minimumKeyBytes = 16, strict = true }:
    OracleCscSchemeOptions = {}
): Scheme<OracleCscInput> {
  assertStrict(strict)
  if (!Object.hasOwn(hashLengths, algorithm)) {
    throw new TypeError("algorithm must be 'sha1' or 'sha256'")
  }
  if (byteLength !== 'utf16' && byteLength !== 'utf8') {
    throw new TypeError("byteLength must be 'utf16' or 'utf8'")
  }
  if (!Number.isSafeInteger(minimumKeyBytes) || minimumKeyBytes < 1) {
    throw new TypeError('minimumKeyBytes must be a positive integer')
  }

  function message (input: OracleCscInput, secret: string): Uint8Array {
    assertSecret(secret)
    const fields = fieldsOf(input)
    const bytes = Buffer.from(fields + secret)
    const hashed = byteLength === 'utf8' ? bytes : bytes.subarray(0, fields.length + secret.length)
    if (strict) {
      const keyBytes = Buffer.byteLength(secret)
      // The key comes last, so the bytes that are cut off are the key's.
      const hashedKeyBytes = keyBytes - (bytes.length - hashed.length)
      if (hashedKeyBytes < Math.min(minimumKeyBytes, keyBytes)) {
        throw new InputError(
          'the fields have so much non-ASCII text that too little of the key would be hashed'
        )
      }
    }
    return hashed
  }

  function hex (input: OracleCscInput, secret: string): string {
    assertSecret(secret)
    const text = fieldsOf(input) + secret
    // ASCII has as many bytes as characters, so all of them are hashed.
    const isAscii = Buffer.byteLength(text) === text.length
    return hash(algorithm, isAscii ? text : message(input, secret), 'hex')
  }

  return {
    name: 'oracle-csc',
    limits: [
      ...commonLimits,
      ...byteLength === 'utf16' ? ['key-truncated'] as const : [],
      ...algorithm === 'sha1' ? ['weak-hash'] as const : []
    ],
    message,
    sign: (input, secret) => writeHash(hex(input, secret)),
    verify: (input, signature, secret) =>
      equalText(wholeHash(signature, algorithm), hex(input, secret))
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

/**
 * @throws {TypeError} when a field is not text
 * @throws {InputError} when it is ill-formed
 */
export function assertInput ({ username, callerId, callId }: OracleCscInput): void {
  assertText(username, 'username')
  assertText(callerId, 'callerId')
  if (callId !== undefined) assertText(callId, 'callId')
}

function fieldsOf (input: OracleCscInput): string {
  assertInput(input)
  return input.username + (input.callId ?? '') + input.callerId
}

function assertText (value: unknown, name: string): void {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
  assertWellFormed(value, name)
}
