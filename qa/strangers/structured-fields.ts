// A parser of structured fields, written from RFC 8941 only:
// https://www.rfc-editor.org/rfc/rfc8941.

export type Value = string | number | boolean | Buffer | { readonly token: string }
export type Parameters = ReadonlyMap<string, Value>
export interface Item {
  readonly value: Value | readonly Item[]
  readonly parameters: Parameters
}

/** A dictionary of RFC 8941: of equal keys, the last value counts, in the position of the first. */
export function readDictionary (text: string): Map<string, Item> {
  const reader = new Reader(text)
  const members = new Map<string, Item>()
  reader.take(/ */y)
  while (!reader.isAtEnd) {
    const key = reader.need(/[a-z*][a-z0-9_\-.*]*/y)
    members.set(
      key,
      reader.take(/=/y) === '='
        ? readMember(reader)
        : { value: true, parameters: readParameters(reader) }
    )
    reader.take(/[ \t]*/y)
    if (reader.isAtEnd) break
    reader.need(/,[ \t]*/y)
    if (reader.isAtEnd) throw new Error('a comma is the last character')
  }
  return members
}

function readMember (reader: Reader): Item {
  if (reader.take(/\(/y) !== '(') return readItem(reader)
  const items: Item[] = []
  for (;;) {
    reader.take(/ */y)
    if (reader.take(/\)/y) === ')') return { value: items, parameters: readParameters(reader) }
    items.push(readItem(reader))
    reader.need(/(?=[ )])/y)
  }
}

function readItem (reader: Reader): Item {
  return { value: readValue(reader), parameters: readParameters(reader) }
}

function readParameters (reader: Reader): Map<string, Value> {
  const parameters = new Map<string, Value>()
  while (reader.take(/; */y)?.startsWith(';') === true) {
    const name = reader.need(/[a-z*][a-z0-9_\-.*]*/y)
    parameters.set(name, reader.take(/=/y) === '=' ? readValue(reader) : true)
  }
  return parameters
}

function readValue (reader: Reader): Value {
  const text = reader.take(/"(?:[ !#-[\]-~]|\\["\\])*"/y)
  if (text !== undefined) return text.slice(1, -1).replaceAll(/\\(.)/g, '$1')
  const decimal = reader.take(/-?[0-9]{1,12}\.[0-9]{0,3}(?![0-9])/y)
  if (decimal !== undefined) return Number(decimal)
  const integer = reader.take(/-?[0-9]{1,15}(?![0-9.])/y)
  if (integer !== undefined) return Number(integer)
  const bytes = reader.take(/:[A-Za-z0-9+/]*={0,2}:/y)
  if (bytes !== undefined) return Buffer.from(bytes.slice(1, -1), 'base64')
  const flag = reader.take(/\?[01]/y)
  return flag === undefined
    ? { token: reader.need(/[A-Za-z*][\w:/!#$%&'*+\-.^`|~]*/y) }
    : flag === '?1'
}

/** Reads a text token by token with sticky patterns. */
class Reader {
  readonly #text: string
  #at = 0

  constructor (text: string) {
    this.#text = text
  }

  get isAtEnd (): boolean {
    return this.#at === this.#text.length
  }

  take (pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [match] = pattern.exec(this.#text) ?? []
    this.#at += match?.length ?? 0
    return match
  }

  need (pattern: RegExp): string {
    const match = this.take(pattern)
    if (match === undefined) throw new Error(`${pattern.source} is not at ${this.#at}`)
    return match
  }
}
