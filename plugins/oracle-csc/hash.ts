/** Hex digits of a whole hash. */
export const digits = { sha1: 40, sha256: 64 } as const

/** As CSC prints it: a big number in base 16, so in lower case and without leading zeros. */
export function writeHash (hash: Buffer): string {
  return hash.toString('hex').replace(/^0+(?=.)/, '')
}

/**
 * The bytes behind a spelling that a peer may use: leading zeros all dropped or all
 * kept, in either case. Null for any other text.
 */
export function decodeHash (text: string, algorithm: keyof typeof digits): Buffer | null {
  const length = digits[algorithm]
  if (typeof text !== 'string' || text.length > length || !/^[0-9A-Fa-f]+$/.test(text)) return null
  if (text.length < length && text.length > 1 && text.startsWith('0')) return null
  return Buffer.from(text.padStart(length, '0'), 'hex')
}
