import { type WireObject, type WireValue, WireNumber } from '../wire/json.ts'

/**
 * What is left of a JSON value after `JSON.parse`: numbers are doubles, and names that are integers
 * come first.
 */
export function asParsed (value: WireValue): unknown {
  if (value instanceof WireNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(asParsed)
  return value instanceof Map ? parsedObject(value) : value
}

/** The same for an object. */
export function parsedObject (fields: WireObject): object {
  return Object.fromEntries(Array.from(fields, ([name, value]) => [name, asParsed(value)]))
}

/** The usual ways of writing a JSON value, the most frequent first. */
export const jsonWriters: ReadonlyArray<(value: unknown) => string> = [
  JSON.stringify,
  spaced,
  value => asciiOnly(JSON.stringify(value)),
  value => asciiOnly(spaced(value)),
  value => indented(value, 2),
  value => indented(value, 4),
  value => JSON.stringify(value).replaceAll('/', '\\/')
]

/** On one line, with a blank after each comma and colon. */
function spaced (value: unknown): string {
  return indented(value, 1).replaceAll(/\n */g, ' ').replaceAll(/([[{]) | ([\]}])/g, '$1$2')
}

/**
 * Blanks in front of each line grow with the square of the depth: a small body of brackets alone
 * would become many megabytes.
 */
const deepestIndented = 32

function indented (value: unknown, blanks: number): string {
  return JSON.stringify(value, null, isDeeper(value, deepestIndented) ? 0 : blanks)
}

function isDeeper (value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(inner => isDeeper(inner, levels - 1))
}

function asciiOnly (text: string): string {
  return text.replaceAll(
    /[\u0080-\uffff]/g,
    one => '\\u' + one.charCodeAt(0).toString(16).padStart(4, '0')
  )
}
