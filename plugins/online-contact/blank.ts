/** Runs of what Java's `Character.isWhitespace` takes for white space. */
// eslint-disable-next-line no-control-regex -- Java counts these, too
const javaWhitespace = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/

/**
 * Whether Java would call the text blank: empty, or white space only. `trim()` will not
 * do, for it also strips U+00A0, U+2007, U+202F and U+FEFF, and keeps U+001C to U+001F.
 */
export function isBlank (text: string): boolean {
  const first = text.charCodeAt(0)
  // Between these two there is no white space, and nearly every text begins there.
  if (first > 0x20 && first < 0x1680) return false
  return javaWhitespace.test(text)
}
