import { randomUUID } from 'node:crypto'
import { InputError } from './scheme.ts'

/** A number as it stood on the wire: `1.0`, `1e3`, `-0` and 20 digits are kept. */
export class WireNumber {
  readonly text: string
  constructor (text: string) { this.text = text }
}

/** A JSON value that loses nothing. Maps keep the order of the wire and treat `__proto__` as any other name. */
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
 */
export function toWire (value: unknown): WireValue {
  let marked = false
  const text: string | undefined = JSON.stringify(value, (_name, one: unknown) => {
    if (typeof one !== 'bigint') return one
    marked = true
    return bigintMark + String(one)
  })
  if (text === undefined) throw new TypeError('the value cannot be written as JSON')
  const wire = parseWireJson(text, 'value')
  return marked ? unmark(wire) : wire

  function unmark (one: WireValue): WireValue {
    if (typeof one === 'string') return one.startsWith(bigintMark) ? new WireNumber(one.slice(bigintMark.length)) : one
    if (Array.isArray(one)) return one.map(unmark)
    if (one instanceof Map) return new Map(Array.from(one, ([name, inner]) => [name, unmark(inner)]))
    return one
  }
}

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const blanks = /[ \t\n\r]*/y

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
    this.#skip()
    switch (this.#text[this.#at]) {
      case '{': return this.#nested(() => this.#object())
      case '[': return this.#nested(() => this.#array())
      case '"': return this.#string()
      case 't': return this.#literal('true', true)
      case 'f': return this.#literal('false', false)
      case 'n': return this.#literal('null', null)
      default: return this.#number()
    }
  }

  #nested<T> (read: () => T): T {
    if (++this.#depth > maximumDepth) throw new InputError(`${this.#what} is nested deeper than ${maximumDepth} levels`)
    this.#at++
    const value = read()
    this.#depth--
    return value
  }

  #object (): WireObject {
    const fields: WireObject = new Map()
    if (this.#ends('}')) return fields
    do {
      this.#skip()
      const name = this.#string()
      this.#skip()
      if (this.#text[this.#at++] !== ':') this.#fail()
      fields.set(name, this.#value())
    } while (this.#continues('}'))
    return fields
  }

  #array (): WireValue[] {
    const items: WireValue[] = []
    if (this.#ends(']')) return items
    do items.push(this.#value())
    while (this.#continues(']'))
    return items
  }

  #ends (close: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== close) return false
    this.#at++
    return true
  }

  #continues (close: string): boolean {
    this.#skip()
    const found = this.#text[this.#at++]
    if (found !== ',' && found !== close) this.#fail()
    return found === ','
  }

  #string (): string {
    const start = this.#at
    if (this.#text[start] !== '"') this.#fail()
    let end = start
    do {
      end = this.#text.indexOf('"', end + 1)
      if (end < 0) this.#fail()
    } while (isEscaped(this.#text, end))
    this.#at = end + 1
    try {
      // The engine knows escapes and refuses control characters.
      return JSON.parse(this.#text.slice(start, end + 1)) as string
    } catch {
      return this.#fail()
    }
  }

  #number (): WireNumber {
    number.lastIndex = this.#at
    const [text] = number.exec(this.#text) ?? this.#fail()
    this.#at += text.length
    return new WireNumber(text)
  }

  #literal<T extends boolean | null> (word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail()
    this.#at += word.length
    return value
  }

  #skip (): void {
    blanks.lastIndex = this.#at
    blanks.test(this.#text)
    this.#at = blanks.lastIndex
  }

  #fail (): never {
    throw new InputError(`${this.#what} is not valid JSON`)
  }
}

/** Whether the quote at `at` follows an odd number of backslashes. */
function isEscaped (text: string, at: number): boolean {
  let slashes = 0
  while (text[at - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}
