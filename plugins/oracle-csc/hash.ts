/** The number of hex digits of a complete hash. */
export const hashLengths = { sha1: 40, sha256: 64 } as const

/** Writes the hex of a hash as CSC does: as a big number in base 16, without leading zeros. */
export function writeHash (hex: string): string {
  return hex.replace(/^0+(?=.)/, '')
}

/**
 * The complete hash in lower case, from any spelling that a peer may use: upper or lower case, with
 * all leading zeros or none. Null for any other text.
 */
export function wholeHash (text: string, algorithm: keyof typeof hashLengths): string | null {
  const length = hashLengths[algorithm]
  if (typeof text !== 'string' || text.length > length || !/^[0-9A-Fa-f]+$/.test(text)) return null
  if (text.length < length && text.length > 1 && text.startsWith('0')) return null
  return text.toLowerCase().padStart(length, '0')
}
