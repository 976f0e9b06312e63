import { createHmac, timingSafeEqual } from 'node:crypto'
import { HmacKey } from './hmac.ts'
import { assertSecret } from './text.ts'

/** Computes the HMAC-SHA-256 of the concatenated parts; text is encoded as UTF-8. */
export function hmacSha256 (
  secret: string | Uint8Array,
  ...parts: ReadonlyArray<string | Uint8Array>
): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/**
 * The same in padded standard base64, in half the time for short messages: Node creates text
 * several times faster than a Buffer, and the key's pads are computed once.
 */
export function hmacSha256Base64 (
  secret: string | Uint8Array,
  ...parts: Array<string | Uint8Array>
): string {
  const key = typeof secret === 'string' ? sha256Key(secret) : new HmacKey('sha256', secret)
  return key.digest('base64', ...parts)
}

const sha256Key = cacheLastKey(secret => new HmacKey('sha256', secret))

/**
 * Makes the `readKey` of a scheme that signs with an HMAC. `decodeSecret` returns the key's bytes;
 * by default they are the secret in UTF-8. The reader throws what `decodeSecret` and
 * {@link assertSecret} throw.
 */
export function hmacKeyReader (
  algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512',
  decodeSecret: (secret: string) => string | Uint8Array = secret => secret
): (secret: string) => HmacKey {
  const readKey = cacheLastKey(secret => new HmacKey(algorithm, decodeSecret(secret)))
  return secret => {
    assertSecret(secret)
    return readKey(secret)
  }
}

/**
 * Caches the last key in a weak reference, so that the cache keeps no secret in memory: the garbage
 * collector may free it at any time.
 */
function cacheLastKey (createKey: (secret: string) => HmacKey): (secret: string) => HmacKey {
  let last: WeakRef<{ readonly secret: string, readonly key: HmacKey }> | undefined
  return secret => {
    const cached = last?.deref()
    if (cached?.secret === secret) return cached.key
    const key = createKey(secret)
    last = new WeakRef({ secret, key })
    return key
  }
}

// The last digit before the padding has two or four pad bits, which encoders set to zero (RFC 4648,
// section 3.5). Buffer.from accepts any.
const base64Endings = [
  /^[A-Za-z0-9+/]*$/,
  /^[A-Za-z0-9+/]*[AQgw]==$/,
  /^[A-Za-z0-9+/]*[AEIMQUYcgkosw048]=$/
] as const

/** Whether the text is the canonical padded standard base64 of so many bytes. */
export function isBase64 (text: unknown, byteLength: number): text is string {
  return typeof text === 'string' && text.length === Math.ceil(byteLength / 3) * 4 &&
    (base64Endings[byteLength % 3] as RegExp).test(text)
}

/** Whether the text is the canonical lower-case hex of so many bytes. */
export function isHex (text: string, byteLength: number): boolean {
  return text.length === byteLength * 2 && /^[0-9a-f]*$/.test(text)
}

/** {@link isBase64} for the MAC that most vendors send. */
export function isBase64Sha256 (signature: unknown): signature is string {
  return isBase64(signature, 32)
}

/**
 * Decodes the canonical spelling of 32 bytes; null for any other text. Several spellings decode to
 * one MAC, so with a lenient decoder a replayed signature would look new.
 */
export function decodeBase64Sha256 (signature: string): Buffer | null {
  return isBase64Sha256(signature) ? Buffer.from(signature, 'base64') : null
}

/** The same for a MAC or hash of any length. */
export function decodeBase64 (text: string, byteLength: number): Buffer | null {
  return isBase64(text, byteLength) ? Buffer.from(text, 'base64') : null
}

/**
 * Compares decoded MACs in constant time. Lengths are compared first, because `timingSafeEqual`
 * throws on unequal ones.
 */
export function equalBytes (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** The length of SHA-512 in hex. */
const longestText = 128
const encoder = new TextEncoder()
// Non-ASCII text has more bytes than characters; the extra bytes reveal it.
const capacity = longestText + 4
const scratch = new Uint8Array(2 * capacity)
const receivedBytes = scratch.subarray(0, capacity)
const expectedBytes = scratch.subarray(capacity)

/**
 * Compares a received signature with the expected one in constant time, each in its canonical
 * spelling. The length of a signature is not secret.
 */
export function equalText (received: unknown, expected: string): boolean {
  const { length } = expected
  if (typeof received !== 'string' || received.length !== length) return false
  if (length > longestText) return equalBytes(Buffer.from(received), Buffer.from(expected))
  const { written } = encoder.encodeInto(received, receivedBytes)
  encoder.encodeInto(expected, expectedBytes)
  const isEqual = written === length && timingSafeEqual(receivedBytes, expectedBytes)
  scratch.fill(0)
  return isEqual
}
