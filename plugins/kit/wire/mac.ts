import { createHmac, timingSafeEqual } from 'node:crypto'
import { HmacKey } from './hmac.ts'
import { assertSecret } from './text.ts'

/** HMAC-SHA-256 of the parts, one after the other; text is UTF-8. */
export function hmacSha256 (
  secret: string | Uint8Array,
  ...parts: ReadonlyArray<string | Uint8Array>
): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/**
 * The same in padded standard base64, in half the time for short messages: Node makes text several
 * times faster than a Buffer of its own, and the key's pads are made once.
 */
export function hmacSha256Base64 (
  secret: string | Uint8Array,
  ...parts: Array<string | Uint8Array>
): string {
  const key = typeof secret === 'string' ? sha256Key(secret) : new HmacKey('sha256', secret)
  return key.digest('base64', ...parts)
}

const sha256Key = lastKey(secret => new HmacKey('sha256', secret))

/**
 * Makes the `readKey` of a scheme that signs with an HMAC. `bytesOf` decodes the secret, where it
 * is not the key as it stands. The reader throws what `bytesOf` and {@link assertSecret} throw.
 */
export function hmacKeyReader (
  algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512',
  bytesOf: (secret: string) => string | Uint8Array = secret => secret
): (secret: string) => HmacKey {
  const read = lastKey(secret => new HmacKey(algorithm, bytesOf(secret)))
  return secret => {
    assertSecret(secret)
    return read(secret)
  }
}

/**
 * Keeps the key that was read last, but so loosely that the collector takes it, and the secret with
 * it, whenever it comes: no secret lives longer for it.
 */
function lastKey (read: (secret: string) => HmacKey): (secret: string) => HmacKey {
  let last: WeakRef<{ readonly secret: string, readonly key: HmacKey }> | undefined
  return secret => {
    const known = last?.deref()
    if (known?.secret === secret) return known.key
    const key = read(secret)
    last = new WeakRef({ secret, key })
    return key
  }
}

// The last digit of a padded group carries two or four bits of nothing. Only the spelling with
// zeros there is one that an encoder writes; Buffer.from would take them all.
const base64Endings = [
  /^[A-Za-z0-9+/]*$/,
  /^[A-Za-z0-9+/]*[AQgw]==$/,
  /^[A-Za-z0-9+/]*[AEIMQUYcgkosw048]=$/
] as const

/** Whether this is the one canonical spelling of so many bytes in padded standard base64. */
export function isBase64 (text: unknown, byteLength: number): text is string {
  return typeof text === 'string' && text.length === Math.ceil(byteLength / 3) * 4 &&
    (base64Endings[byteLength % 3] as RegExp).test(text)
}

/** Whether this is the one canonical spelling of so many bytes in lower-case hex. */
export function isHex (text: string, byteLength: number): boolean {
  return text.length === byteLength * 2 && /^[0-9a-f]*$/.test(text)
}

/** The same as {@link isBase64} for the MAC that most vendors send. */
export function isBase64Sha256 (signature: unknown): signature is string {
  return isBase64(signature, 32)
}

/**
 * The 32 bytes behind the canonical spelling, or null for any other text. Several spellings decode
 * to one MAC, so a lenient decoder would let a replayed signature look new.
 */
export function decodeBase64Sha256 (signature: string): Buffer | null {
  return isBase64Sha256(signature) ? Buffer.from(signature, 'base64') : null
}

/**
 * The same for a MAC or hash of any length: the bytes behind its one canonical spelling in
 * padded standard base64, or null for any other text.
 */
export function decodeBase64 (text: string, byteLength: number): Buffer | null {
  return isBase64(text, byteLength) ? Buffer.from(text, 'base64') : null
}

/**
 * Constant-time comparison of decoded MACs. Lengths are compared as bytes first, because
 * `timingSafeEqual` throws on unequal ones.
 */
export function equalBytes (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** The hex of SHA-512. */
const longest = 128
const encoder = new TextEncoder()
// Text beyond ASCII has more bytes than characters: there is room to see that.
const room = longest + 4
const both = new Uint8Array(2 * room)
const left = both.subarray(0, room)
const right = both.subarray(room)

/**
 * Constant-time comparison of a signature with the one that is right, each in its one
 * canonical spelling. The length of a signature is no secret.
 */
export function equalText (received: unknown, expected: string): boolean {
  const { length } = expected
  if (typeof received !== 'string' || received.length !== length) return false
  if (length > longest) return equalBytes(Buffer.from(received), Buffer.from(expected))
  const { written } = encoder.encodeInto(received, left)
  encoder.encodeInto(expected, right)
  const equal = written === length && timingSafeEqual(left, right)
  both.fill(0)
  return equal
}
