import { randomUUID } from 'node:crypto'
import { InputError } from '../scheme.ts'

/** A number as it stood on the wire: `1.0`, `1e3`, `-0` and 20 digits are kept. */
export class WireNumber {
  readonly text: string
  constructor (text: string) {
    this.text = text
  }
}

/**
 * A JSON value that loses nothing. Maps keep the order of the wire and treat `__proto__` as any
 * other name.
 */
export type WireValue = string | boolean | null | WireNumber | WireValue[] | WireObject
export type WireObject = Map<string, WireValue>

/** JSON nested deeper than this is refused, before it exhausts the stack. */
export const maximumDepth = 1000

/**
 * Parses JSON text without loss. A repeated name keeps its first place and takes the
 * last value, as `JSON.parse` has it, so that what is verified is what a handler sees.
 * @throws {InputError} on text that is not JSON, or nested deeper than {@link maximumDepth}
 */
export function parseWireJson (text: string, what: string): WireValue {
  const parser = new Parser(text, what)
  return parser.document()
}

// JSON.stringify refuses bigints, so their digits travel as text and come back as a
// number. The mark is random, so that no text of a caller's can look like one.
const bigintMark = `bigint ${randomUUID()} `

/**
 * The same for a JavaScript value: what `JSON.stringify` would send, so that a value
 * and its wire text sign alike. A bigint is written out in digits.
 * @throws {TypeError} on what JSON cannot hold (a function, undefined, a cycle)
 * @throws {InputError} on what is nested deeper than {@link maximumDepth}
 */
export function toWire (value: unknown): WireValue {
  let marked = false
  const text = stringify(value, (_name, one) => {
    if (typeof one !== 'bigint') return one
    marked = true
    return bigintMark + String(one)
  })
  if (text === undefined) throw new TypeError('the value cannot be written as JSON')
  const wire = parseWireJson(text, 'value')
  return marked ? unmark(wire) : wire
}

/** Puts the numbers back that stood as marked text. */
function unmark (one: WireValue): WireValue {
  if (typeof one === 'string') {
    return one.startsWith(bigintMark)
      ? new WireNumber(one.slice(bigintMark.length))
      : one
  }
  if (Array.isArray(one)) return one.map(unmark)
  if (one instanceof Map) {
    return new Map(Array.from(one, ([name, inner]) => [name, unmark(inner)]))
  }
  return one
}

/**
 * @throws {InputError} where a value is nested so deep that the stack ends, which is far deeper
 * than {@link maximumDepth}
 */
function stringify (
  value: unknown,
  replace: (name: string, one: unknown) => unknown
): string | undefined {
  try {
    return JSON.stringify(value, replace) as string | undefined
  } catch (error) {
    throw error instanceof RangeError
      ? new InputError(`value is nested deeper than ${maximumDepth} levels`)
      : error
  }
}

// JSON refuses control characters in strings. Looking for what is none takes less than looking for
// one anywhere.
// eslint-disable-next-line no-control-regex -- see above
const withoutControl = /^[^\0-\x1f]*$/

// Comparing code units costs a fraction of comparing one-character strings. Behind the end there is
// NaN, which equals none of them.
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

class Parser {
  readonly #text: string
  readonly #what: string
  /** Whether it holds no control character, as most JSON on the wire. */
  readonly #compact: boolean
  #at = 0
  #depth = 0
  /** The next backslash at or behind `#at`, or the end of the text. */
  #backslash: number

  constructor (text: string, what: string) {
    this.#text = text
    this.#what = what
    this.#compact = withoutControl.test(text)
    this.#backslash = backslashIn(text, 0)
  }

  document (): WireValue {
    const value = this.#value(this.#skip())
    this.#skip()
    if (this.#at !== this.#text.length) this.#fail()
    return value
  }

  /** The value that begins with this code unit, at which the parser stands. */
  #value (code: number): WireValue {
    switch (code) {
      case quote:
        return this.#string()
      case openBrace:
        return this.#object()
      case openBracket:
        return this.#array()
      case 0x74:
        return this.#literal('true', true)
      case 0x66:
        return this.#literal('false', false)
      case 0x6e:
        return this.#literal('null', null)
      default:
        return this.#number(code)
    }
  }

  #object (): WireObject {
    const fields: WireObject = new Map()
    let code = this.#open()
    if (code !== closeBrace) {
      for (;;) {
        if (code !== quote) this.#fail()
        const name = this.#string()
        if (this.#skip() !== colon) this.#fail()
        this.#at++
        fields.set(name, this.#value(this.#skip()))
        code = this.#skip()
        if (code === closeBrace) break
        if (code !== comma) this.#fail()
        this.#at++
        code = this.#skip()
      }
    }
    this.#close()
    return fields
  }

  #array (): WireValue[] {
    const items: WireValue[] = []
    let code = this.#open()
    if (code !== closeBracket) {
      for (;;) {
        items.push(this.#value(code))
        code = this.#skip()
        if (code === closeBracket) break
        if (code !== comma) this.#fail()
        this.#at++
        code = this.#skip()
      }
    }
    this.#close()
    return items
  }

  /** Goes into an object or array, and returns the first code unit in it that is not blank. */
  #open (): number {
    if (++this.#depth > maximumDepth) {
      throw new InputError(`${this.#what} is nested deeper than ${maximumDepth} levels`)
    }
    this.#at++
    return this.#skip()
  }

  #close (): void {
    this.#depth--
    this.#at++
  }

  #string (): string {
    const text = this.#text
    const start = this.#at + 1
    // The engine finds a character many times faster than a loop does.
    const end = text.indexOf('"', start)
    if (end > this.#backslash) return this.#escapedString()
    if (end < 0) this.#fail()
    this.#at = end + 1
    const string = text.slice(start, end)
    if (!this.#compact && !withoutControl.test(string)) this.#fail()
    return string
  }

  /** A string with a backslash in it. The engine knows escapes. */
  #escapedString (): string {
    const text = this.#text
    let at = this.#backslash
    for (let code = backslash; code !== quote; code = text.charCodeAt(at)) {
      if (!(code >= space)) this.#fail()
      at += code === backslash ? 2 : 1
    }
    const quoted = text.slice(this.#at, at + 1)
    this.#at = at + 1
    this.#backslash = backslashIn(text, this.#at)
    try {
      return JSON.parse(quoted) as string
    } catch {
      return this.#fail()
    }
  }

  #number (code: number): WireNumber {
    const start = this.#at
    if (code === minus) code = this.#next()
    if (code === zero) code = this.#next()
    else code = this.#digits(code)
    if (code === dot) code = this.#digits(this.#next())
    if (code === 0x65 || code === 0x45) {
      code = this.#next()
      if (code === 0x2b || code === minus) code = this.#next()
      this.#digits(code)
    }
    return new WireNumber(this.#text.slice(start, this.#at))
  }

  /** Goes past one or more digits, of which this is the first, and returns the code unit there. */
  #digits (code: number): number {
    if (!(code >= zero && code <= nine)) this.#fail()
    do code = this.#next()
    while (code >= zero && code <= nine)
    return code
  }

  #next (): number {
    return this.#text.charCodeAt(++this.#at)
  }

  #literal<T extends boolean | null> (word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail()
    this.#at += word.length
    return value
  }

  /** Goes to the next code unit that is not blank, and returns it. */
  #skip (): number {
    const text = this.#text
    let code = text.charCodeAt(this.#at)
    while (
      code <= space &&
      (code === space || code === lineFeed || code === carriageReturn || code === tab)
    ) code = text.charCodeAt(++this.#at)
    return code
  }

  #fail (): never {
    throw new InputError(`${this.#what} is not valid JSON`)
  }
}

function backslashIn (text: string, start: number): number {
  const at = text.indexOf('\\', start)
  return at < 0 ? text.length : at
}
