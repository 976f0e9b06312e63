/** Hex digits of a whole hash. */
export const digits = { sha1: 40, sha256: 64 } as const

/** As CSC prints the hex of a hash: a big number in base 16, so without leading zeros. */
export function writeHash (hex: string): string {
  return hex.replace(/^0+(?=.)/, '')
}

/**
 * All the digits of a spelling that a peer may use, in lower case: leading zeros all
 * dropped or all kept, in either case. Null for any other text.
 */
export function wholeHash (text: string, algorithm: keyof typeof digits): string | null {
  const length = digits[algorithm]
  if (typeof text !== 'string' || text.length > length || !/^[0-9A-Fa-f]+$/.test(text)) return null
  if (text.length < length && text.length > 1 && text.startsWith('0')) return null
  return text.toLowerCase().padStart(length, '0')
}
