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

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

// Comparing code units costs a fraction of comparing one-character strings. Behind the end there is
// NaN, which equals none of them.
const space = 0x20
const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

class Parser {
  readonly #text: string
  readonly #what: string
  #at = 0
  #depth = 0

  constructor (text: string, what: string) {
    this.#text = text
    this.#what = what
  }

  document (): WireValue {
    const value = this.#value()
    this.#skip()
    if (this.#at !== this.#text.length) this.#fail()
    return value
  }

  #value (): WireValue {
    switch (this.#skip()) {
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
        return this.#number()
    }
  }

  #object (): WireObject {
    const fields: WireObject = new Map()
    if (this.#opens(closeBrace)) {
      do {
        if (this.#skip() !== quote) this.#fail()
        const name = this.#string()
        if (this.#skip() !== colon) this.#fail()
        this.#at++
        fields.set(name, this.#value())
      } while (this.#continues(closeBrace))
    }
    return fields
  }

  #array (): WireValue[] {
    const items: WireValue[] = []
    if (this.#opens(closeBracket)) {
      do items.push(this.#value())
      while (this.#continues(closeBracket))
    }
    return items
  }

  /** False when nothing is inside. */
  #opens (close: number): boolean {
    if (++this.#depth > maximumDepth) {
      throw new InputError(`${this.#what} is nested deeper than ${maximumDepth} levels`)
    }
    this.#at++
    return this.#skip() !== close || this.#closes()
  }

  #continues (close: number): boolean {
    const found = this.#skip()
    if (found === close) return this.#closes()
    if (found !== comma) this.#fail()
    this.#at++
    return true
  }

  #closes (): false {
    this.#depth--
    this.#at++
    return false
  }

  #string (): string {
    const text = this.#text
    const start = this.#at + 1
    let at = start
    let code = text.charCodeAt(at)
    while (code !== quote && code !== backslash && code >= space) code = text.charCodeAt(++at)
    if (code === backslash) return this.#escapedString(at)
    if (code !== quote) return this.#fail()
    this.#at = at + 1
    return text.slice(start, at)
  }

  /** A string whose first backslash stands at `at`. The engine knows escapes. */
  #escapedString (at: number): string {
    const text = this.#text
    for (let code = backslash; code !== quote; code = text.charCodeAt(at)) {
      if (!(code >= space)) this.#fail()
      at += code === backslash ? 2 : 1
    }
    const quoted = text.slice(this.#at, at + 1)
    this.#at = at + 1
    try {
      return JSON.parse(quoted) as string
    } catch {
      return this.#fail()
    }
  }

  #number (): WireNumber {
    const text = this.#text
    const start = this.#at
    number.lastIndex = start
    if (!number.test(text)) this.#fail()
    this.#at = number.lastIndex
    return new WireNumber(text.slice(start, this.#at))
  }

  #literal<T extends boolean | null> (word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail()
    this.#at += word.length
    return value
  }

  /** Goes to the next code unit that is not blank, and returns it. */
  #skip (): number {
    let code = this.#text.charCodeAt(this.#at)
    while (
      code <= space &&
      (code === space || code === lineFeed || code === carriageReturn || code === tab)
    ) code = this.#text.charCodeAt(++this.#at)
    return code
  }

  #fail (): never {
    throw new InputError(`${this.#what} is not valid JSON`)
  }
}
