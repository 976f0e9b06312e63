// Keys that registration accepts: long enough, and no placeholders.

/** The account's key. */
export const secret = 'the-key-of-the-contract-suite'
/** The account's key after a rotation. */
export const otherSecret = 'another-key-of-the-same-account'
/** A key of somebody else. */
export const strangersSecret = 'a-key-that-was-never-configured'

/** Puts the secrets above, and texts that begin with one, into the vendor's form. */
export function secretOfForm (text: string, secretOf?: (text: string) => string): string {
  const isSuiteSecret = typeof text === 'string' && text.isWellFormed() &&
    [secret, otherSecret, strangersSecret].some(prefix => text.startsWith(prefix))
  return isSuiteSecret && secretOf !== undefined ? secretOf(text) : text
}

/** The clock of every case, in epoch milliseconds. */
export const now = 1_660_095_873_001

/** Another text of the same length and alphabet: a digit for a digit, a letter for a letter. */
export function otherText (text: string): string {
  return replaceCharacter(text, character => {
    if (/[0-9]/.test(character)) return character === '7' ? '3' : '7'
    if (/[A-Z]/.test(character)) return character === 'C' ? 'D' : 'C'
    return character === 'c' ? 'd' : 'c'
  })
}

/** Another text of the same length, with one non-ASCII character. */
export function replaceWithNonAscii (text: string): string {
  return replaceCharacter(text, () => 'é')
}

/**
 * Replaces the first digit of the second half, because JSON with another digit stays valid JSON; if
 * there is none, the first letter.
 */
function replaceCharacter (text: string, replace: (character: string) => string): string {
  const middle = Math.floor(text.length / 2)
  const offset =
    [/[0-9]/, /[A-Za-z]/].map(kind => text.slice(middle).search(kind)).find(at => at >= 0) ?? 0
  const at = middle + offset
  return text.slice(0, at) + replace(text.slice(at, at + 1)) + text.slice(at + 1)
}
