/** Text that is all white space to Java's `Character.isWhitespace`. */
// eslint-disable-next-line no-control-regex -- Java counts these as white space
const javaWhitespace = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/

/**
 * Whether the text is blank to Java: empty, or white space only. Unlike `trim()`, it counts U+001C
 * to U+001F, and not U+00A0, U+2007, U+202F and U+FEFF.
 */
export function isBlank (text: string): boolean {
  const first = text.charCodeAt(0)
  // The fast path: almost every text begins in this range, which has no white space.
  if (first > 0x20 && first < 0x1680) return false
  return javaWhitespace.test(text)
}
