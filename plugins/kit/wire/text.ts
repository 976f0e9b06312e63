import { isAscii, isUtf8 } from 'node:buffer'
import { InputError } from '../scheme.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Refuses text with a lone surrogate: Java and JavaScript encode it differently,
 * so no signature over it can be trusted.
 * @throws {InputError} naming `what`
 */
export function assertWellFormed (text: string, what: string): void {
  if (!text.isWellFormed()) throw new InputError(`${what} is ill-formed: it has a lone surrogate`)
}

/**
 * Decodes UTF-8 and keeps a byte-order mark.
 * @throws {InputError} on invalid UTF-8, naming `what`
 */
export function decodeUtf8 (bytes: Uint8Array, what: string): string {
  // Five times faster for what most bodies are.
  if (isAscii(bytes)) return latin1(bytes)
  try {
    return utf8.decode(bytes)
  } catch {
    throw new InputError(`${what} is not valid UTF-8`)
  }
}

function latin1 (bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1')
}

/** @throws {InputError} on invalid UTF-8, naming `what` */
export function assertUtf8 (bytes: Uint8Array, what: string): void {
  if (!isUtf8(bytes)) throw new InputError(`${what} is not valid UTF-8`)
}

/**
 * A key that cannot authenticate anything is misuse, not input: the JVM throws on
 * an empty one, Node's HMAC would happily sign with it.
 * @throws {TypeError} when the secret is not a string or empty
 * @throws {InputError} when it is ill-formed text
 */
export function assertSecret (secret: string): void {
  if (typeof secret !== 'string' || secret === '') {
    throw new TypeError('secret must be a non-empty string')
  }
  assertWellFormed(secret, 'secret')
}

/** The largest value of a signed 64-bit integer, which is what the vendors' Java reads. */
const maximumInt64 = '9223372036854775807'

/**
 * Whether the text is a non-negative decimal integer of at most 2^63-1, written in
 * 1 to 19 ASCII digits. `Number` and `parseInt` also take `1e3`, `0x10`, `''` and `12abc`.
 */
export function isInt64 (text: string): boolean {
  const { length } = text
  if (!(length > 0 && length < 20)) return false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return length < 19 || text <= maximumInt64
}

/**
 * Whether the text is a count of seconds since 1970, as a printer of numbers writes it: without
 * zeros in front, and so few digits that the milliseconds still are a signed 64-bit integer.
 */
export function isEpochSeconds (text: string): boolean {
  return /^[1-9][0-9]{0,14}$/.test(text)
}

/**
 * Sorts by UTF-16 code unit, in place, as `sort()` does: in a third of its time for as few texts as
 * a request has parameters.
 */
export function sortTexts (texts: string[]): string[] {
  if (texts.length > 24) return texts.sort()
  for (let i = 1; i < texts.length; i++) {
    const text = texts[i] as string
    const first = text.charCodeAt(0)
    let at = i - 1
    for (; at >= 0; at--) {
      const before = texts[at] as string
      if (!isGreater(before, text, first)) break
      texts[at + 1] = before
    }
    texts[at + 1] = text
  }
  return texts
}

/**
 * Whether the one is greater than the other, which begins with the code unit `first`. Most differ
 * in that, but no text has none: NaN is neither greater nor less.
 */
function isGreater (one: string, other: string, first: number): boolean {
  const code = one.charCodeAt(0)
  return code > first || (!(code < first) && one > other)
}
