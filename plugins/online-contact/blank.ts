/** First and last UTF-16 code units of the runs that Java's `Character.isWhitespace` takes for white space. */
const javaWhitespace: ReadonlyArray<readonly [number, number]> = [
  [0x0009, 0x000d], [0x001c, 0x0020], [0x1680, 0x1680], [0x2000, 0x2006], [0x2008, 0x200a],
  [0x2028, 0x2029], [0x205f, 0x205f], [0x3000, 0x3000]
]

/**
 * Whether Java would call the text blank: empty, or white space only. `trim()` will not
 * do, for it also strips U+00A0, U+2007, U+202F and U+FEFF, and keeps U+001C to U+001F.
 */
export function isBlank (text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (!javaWhitespace.some(([first, last]) => first <= unit && unit <= last)) return false
  }
  return true
}
