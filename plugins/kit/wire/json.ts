import { randomUUID } from 'node:crypto'
import { InputError } from '../scheme.ts'

/** A number as written on the wire: `1.0`, `1e3`, `-0` and 20 digits are kept. */
export class WireNumber {
  readonly text: string
  constructor (text: string) {
    this.text = text
  }
}

/**
 * A JSON value without loss. Maps keep the order of the wire and treat `__proto__` like any other
 * name.
 */
export type WireValue = string | boolean | null | WireNumber | WireValue[] | WireObject
/** A JSON object without loss. */
export type WireObject = Map<string, WireValue>

/** Deeper JSON is refused before it exhausts the stack. */
export const maximumDepth = 1000

/**
 * Parses JSON text without loss. As in `JSON.parse`, a repeated name keeps its first place and
 * takes its last value, so that a handler sees the verified value.
 * @throws {InputError} on text that is not JSON, or nested deeper than {@link maximumDepth}
 */
export function parseWireJson (text: string, label: string): WireValue {
  const parser = new Parser(text, label)
  return parser.parse()
}

// JSON.stringify refuses bigints, so their digits are written as marked text and read back as
// numbers. The mark is random, so that no caller's text can imitate it.
const bigintMark = `bigint ${randomUUID()} `

/**
 * Converts a JavaScript value by way of `JSON.stringify`, so that a value and its wire text have
 * the same signature. A bigint is written in decimal digits.
 * @throws {TypeError} on a value that JSON cannot represent (a function, undefined, a cycle)
 * @throws {InputError} on a value nested deeper than {@link maximumDepth}
 */
export function toWire (value: unknown): WireValue {
  let marked = false
  const text = stringify(value, (_name, item) => {
    if (typeof item !== 'bigint') return item
    marked = true
    return bigintMark + String(item)
  })
  if (text === undefined) throw new TypeError('the value cannot be written as JSON')
  const wire = parseWireJson(text, 'value')
  return marked ? unmark(wire) : wire
}

/** Turns marked text back into numbers. */
function unmark (value: WireValue): WireValue {
  if (typeof value === 'string') {
    return value.startsWith(bigintMark)
      ? new WireNumber(value.slice(bigintMark.length))
      : value
  }
  if (Array.isArray(value)) return value.map(unmark)
  if (value instanceof Map) {
    return new Map(Array.from(value, ([name, inner]) => [name, unmark(inner)]))
  }
  return value
}

/**
 * @throws {InputError} when nesting exhausts the stack, far deeper than {@link maximumDepth}
 */
function stringify (
  value: unknown,
  replacer: (name: string, member: unknown) => unknown
): string | undefined {
  try {
    return JSON.stringify(value, replacer) as string | undefined
  } catch (error) {
    throw error instanceof RangeError
      ? new InputError(`value is nested deeper than ${maximumDepth} levels`)
      : error
  }
}

// JSON forbids control characters in strings (RFC 8259, section 7). An anchored match of all other
// characters is faster than a search for one of these.
// eslint-disable-next-line no-control-regex -- see above
const withoutControl = /^[^\0-\x1f]*$/

// Comparing code units costs a fraction of comparing one-character strings. Past the end of the
// text the code unit is NaN, which equals none of these.
const space = 0x20
const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Names that were parsed before: requests of one kind have the same. A Map finds such a name sooner
 * than a new text, which must be hashed and compared. And it is no slice, which would keep the
 * whole body in memory.
 */
const knownNames = new Array<string>(256).fill('')
const longestKnownName = 32
/** The most names that one text may add, so that a stranger's text takes no longer for them. */
const mostNewNames = 32

class Parser {
  readonly #text: string
  readonly #label: string
  /** True for most JSON on the wire, whose strings then need no check of their own. */
  readonly #hasNoControl: boolean
  #position = 0
  #depth = 0
  #newNames = 0
  /** The next backslash at or after `#position`, or the end of the text. */
  #backslash: number

  constructor (text: string, label: string) {
    this.#text = text
    this.#label = label
    this.#hasNoControl = withoutControl.test(text)
    this.#backslash = findBackslash(text, 0)
  }

  parse (): WireValue {
    const value = this.#parseValue(this.#skipBlanks())
    this.#skipBlanks()
    if (this.#position !== this.#text.length) this.#fail()
    return value
  }

  /** Parses the value at the current position, where this code unit is. */
  #parseValue (code: number): WireValue {
    switch (code) {
      case quote:
        return this.#parseString()
      case openBrace:
        return this.#parseObject()
      case openBracket:
        return this.#parseArray()
      case 0x74: // t
        return this.#parseLiteral('true', true)
      case 0x66: // f
        return this.#parseLiteral('false', false)
      case 0x6e: // n
        return this.#parseLiteral('null', null)
      default:
        return this.#parseNumber(code)
    }
  }

  #parseObject (): WireObject {
    const fields: WireObject = new Map()
    let code = this.#enter()
    if (code !== closeBrace) {
      for (;;) {
        if (code !== quote) this.#fail()
        const name = this.#parseName()
        if (this.#skipBlanks() !== colon) this.#fail()
        this.#position++
        fields.set(name, this.#parseValue(this.#skipBlanks()))
        code = this.#skipBlanks()
        if (code === closeBrace) break
        if (code !== comma) this.#fail()
        this.#position++
        code = this.#skipBlanks()
      }
    }
    this.#leave()
    return fields
  }

  #parseArray (): WireValue[] {
    const items: WireValue[] = []
    let code = this.#enter()
    if (code !== closeBracket) {
      for (;;) {
        items.push(this.#parseValue(code))
        code = this.#skipBlanks()
        if (code === closeBracket) break
        if (code !== comma) this.#fail()
        this.#position++
        code = this.#skipBlanks()
      }
    }
    this.#leave()
    return items
  }

  /** Enters an object or array, and returns its first code unit that is not blank. */
  #enter (): number {
    if (++this.#depth > maximumDepth) {
      throw new InputError(`${this.#label} is nested deeper than ${maximumDepth} levels`)
    }
    this.#position++
    return this.#skipBlanks()
  }

  #leave (): void {
    this.#depth--
    this.#position++
  }

  #parseName (): string {
    const text = this.#text
    const start = this.#position + 1
    const end = text.indexOf('"', start)
    const length = end - start
    if (length <= 0 || length > longestKnownName || end > this.#backslash) {
      return this.#parseString()
    }
    const slot = (length + 7 * text.charCodeAt(start) + 31 * text.charCodeAt(end - 1)) &
      (knownNames.length - 1)
    const known = knownNames[slot] as string
    if (known.length === length && text.startsWith(known, start)) {
      this.#position = end + 1
      return known
    }
    const name = this.#parseString()
    if (this.#newNames++ < mostNewNames) knownNames[slot] = copyText(name)
    return name
  }

  #parseString (): string {
    const text = this.#text
    const start = this.#position + 1
    // Many times faster than a loop over the code units.
    const end = text.indexOf('"', start)
    if (end > this.#backslash) return this.#parseEscapedString()
    if (end < 0) this.#fail()
    this.#position = end + 1
    const string = text.slice(start, end)
    if (!this.#hasNoControl && !withoutControl.test(string)) this.#fail()
    return string
  }

  /** Parses a string with a backslash. `JSON.parse` decodes its escapes. */
  #parseEscapedString (): string {
    const text = this.#text
    let position = this.#backslash
    for (let code = backslash; code !== quote; code = text.charCodeAt(position)) {
      if (!(code >= space)) this.#fail()
      position += code === backslash ? 2 : 1
    }
    const quoted = text.slice(this.#position, position + 1)
    this.#position = position + 1
    this.#backslash = findBackslash(text, this.#position)
    try {
      return JSON.parse(quoted) as string
    } catch {
      return this.#fail()
    }
  }

  #parseNumber (code: number): WireNumber {
    const start = this.#position
    if (code === minus) code = this.#advance()
    if (code === zero) code = this.#advance()
    else code = this.#skipDigits(code)
    if (code === dot) code = this.#skipDigits(this.#advance())
    if (code === 0x65 || code === 0x45) {
      code = this.#advance()
      if (code === 0x2b || code === minus) code = this.#advance()
      this.#skipDigits(code)
    }
    return new WireNumber(this.#text.slice(start, this.#position))
  }

  /** Skips one or more digits, of which this is the first, and returns the code unit after them. */
  #skipDigits (code: number): number {
    if (!(code >= zero && code <= nine)) this.#fail()
    do code = this.#advance()
    while (code >= zero && code <= nine)
    return code
  }

  #advance (): number {
    return this.#text.charCodeAt(++this.#position)
  }

  #parseLiteral<T extends boolean | null> (word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) this.#fail()
    this.#position += word.length
    return value
  }

  /** Skips blanks and returns the next code unit. */
  #skipBlanks (): number {
    const text = this.#text
    let code = text.charCodeAt(this.#position)
    while (
      code <= space &&
      (code === space || code === lineFeed || code === carriageReturn || code === tab)
    ) code = text.charCodeAt(++this.#position)
    return code
  }

  #fail (): never {
    throw new InputError(`${this.#label} is not valid JSON`)
  }
}

/** The same text in memory of its own: the name of a property is never a slice. */
function copyText (text: string): string {
  return Object.keys({ [text]: null })[0] as string
}

function findBackslash (text: string, start: number): number {
  const position = text.indexOf('\\', start)
  return position < 0 ? text.length : position
}
