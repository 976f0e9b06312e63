import { UsageError } from './usage-error.ts'

export interface Decoded {
  /** The text in UTF-8, without a byte-order mark. */
  readonly bytes: Uint8Array
  /** The encoding of the file, if it is not plain UTF-8. */
  readonly encoding?: string
}

/**
 * Converts a file to UTF-8. Editors and shells on Windows write a byte-order mark, or UTF-16.
 * @throws {UsageError} naming the encoding, if it cannot be converted
 */
export function convertToUtf8 (bytes: Uint8Array, label: string): Decoded {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) {
    return { bytes: bytes.subarray(3), encoding: 'UTF-8 with a byte-order mark' }
  }
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe)) {
    throw new UsageError(`${label} is in UTF-32: save it as UTF-8`)
  }
  const hasBom = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)
  const isBigEndian = a === 0xfe || (a === 0 && b !== 0)
  if (!hasBom && (bytes.length < 2 || (a === 0) === (b === 0))) return { bytes }
  const encoding = isBigEndian ? 'UTF-16BE' : 'UTF-16LE'
  const copy = Buffer.from(bytes.subarray(hasBom ? 2 : 0))
  if (copy.length % 2 === 0) {
    const text = (isBigEndian ? copy.swap16() : copy).toString('utf16le')
    if (text.isWellFormed()) return { bytes: Buffer.from(text), encoding }
  }
  throw new UsageError(`${label} is in ${encoding}, with half a character in it: save it as UTF-8`)
}
