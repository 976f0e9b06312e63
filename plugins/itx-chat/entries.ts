import { InputError } from '../kit/scheme.ts'
import {
  parseWireJson,
  toWire,
  WireNumber,
  type WireObject,
  type WireValue
} from '../kit/wire/json.ts'
import { assertWellFormed } from '../kit/wire/text.ts'

/** The fields next to `verifiedData` whose bare values are hashed. */
export const rootFields = [
  'name',
  'tag',
  'email',
  'phoneNumber',
  'extSystemTag',
  'extSystemId',
  'extSystemLookupCode'
] as const
/** The name of a root value that the hash covers. */
export type RootField = typeof rootFields[number]

/** The hashed parts of a session. Null and empty root values are omitted; blank ones are not. */
export interface ItxChatInput extends Partial<Record<RootField, string | null | undefined>> {
  /**
   * An object is signed as `JSON.stringify` writes it. A string is JSON text as received, a Map the
   * result of `parseWireJson` for such text: both keep the text of numbers and the order of names.
   * Null equals undefined.
   */
  verifiedData?: object | string | null | undefined
}

/**
 * The entries of the hash, unsorted and without the secret.
 * @throws {InputError} on ill-formed text or `verifiedData` that is not an object; with `strict`
 * also on an entry that could be read as another
 * @throws {TypeError} on a value that `parseWireJson` never returns, such as a plain number or
 * object inside a Map
 */
export function entriesOf (input: ItxChatInput, strict: boolean): string[] {
  if (typeof input !== 'object' || input === null) throw new TypeError('input must be an object')
  const entries: string[] = []
  for (const [name, value] of verifiedDataOf(input)) {
    assertWellFormed(name, 'a name in verifiedData')
    // Only refusals and nested values need the entry's name for an error.
    const text = typeof value === 'string' && value.isWellFormed()
      ? value
      : value instanceof WireNumber
      ? value.text
      : textOf(value, nameFor(input, name, entries.length))
    if (strict && isConfusable(name, text)) {
      refuseConfusable(name, nameFor(input, name, entries.length))
    }
    entries.push(`${name}:${text}`)
  }
  const values = rootValuesOf(input)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? ''
    if (value === '') continue
    const field = rootFields[index] as RootField
    if (strict) refuseConfusableRoot(field, value)
    entries.push(textOf(wireOf(value), field))
  }
  return entries
}

/**
 * The names of the parts that the hash covers in this input: `verifiedData.email`, `extSystemId`.
 */
export function coveredNames (input: ItxChatInput): string[] {
  const names = Array.from(verifiedDataOf(input).keys(), name => `verifiedData.${name}`)
  return [...names, ...rootFields.filter(field => (input[field] ?? '') !== '')]
}

/** In the order of {@link rootFields}. Reading each by a name in a variable takes much longer. */
function rootValuesOf (
  { name, tag, email, phoneNumber, extSystemTag, extSystemId, extSystemLookupCode }: ItxChatInput
): ReadonlyArray<string | null | undefined> {
  return [name, tag, email, phoneNumber, extSystemTag, extSystemId, extSystemLookupCode]
}

function verifiedDataOf ({ verifiedData = null }: ItxChatInput): WireObject {
  if (typeof verifiedData !== 'object' && typeof verifiedData !== 'string') {
    throw new TypeError('verifiedData must be an object or JSON text')
  }
  const wire = typeof verifiedData === 'string'
    ? parseWireJson(verifiedData, 'verifiedData')
    : wireOf(verifiedData)
  if (wire === null) return new Map()
  if (!(wire instanceof Map)) throw new InputError('verifiedData must be an object')
  return wire
}

function wireOf (value: unknown): WireValue {
  return typeof value === 'string' || value instanceof Map || value instanceof WireNumber
    ? value
    : toWire(value)
}

/** A string as it is, anything else as compact JSON. */
function textOf (value: WireValue, label: string): string {
  if (typeof value !== 'string') return jsonOf(value, label)
  assertWellFormed(value, label)
  return value
}

function jsonOf (value: WireValue, label: string): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(item => jsonOf(item, label)).join(',')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, inner]) => `${quoteJson(name, label)}:${jsonOf(inner, label)}`)
        .join(
          ','
        )
    }}`
  }
  if (typeof value === 'string') return quoteJson(value, label)
  if (typeof value !== 'boolean' && value !== null) {
    throw new TypeError(
      `${label} is not a JSON value: a Map must come from parseWireJson at every level`
    )
  }
  return String(value)
}

/** The portal escapes the two line separators, which `JSON.stringify` does not. */
function quoteJson (text: string, label: string): string {
  assertWellFormed(text, label)
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

// Names do not start with a digit here, so that 2030-01-02T10:00 is a date. Nor do they contain a
// quotation mark, so that nested JSON does not match.
const hyphenThenEntry = /-[\p{L}_$][^":-]*:/u

/**
 * The name of an entry in an error: its own name if that is the signer's and short, else its
 * position. Received names are never quoted, and may have a megabyte.
 */
function nameFor ({ verifiedData }: ItxChatInput, name: string, index: number): string {
  const isOwn = typeof verifiedData === 'object' && !(verifiedData instanceof Map)
  return isOwn && /^[\p{L}_$][\p{L}\p{N}_$]{0,63}$/u.test(name)
    ? `verifiedData.${name}`
    : `entry ${index + 1} of verifiedData`
}

function isConfusable (name: string, text: string): boolean {
  if (hasSeparator(name)) return true
  const hyphen = text.indexOf('-')
  return hyphen >= 0 && text.includes(':', hyphen) && hyphenThenEntry.test(text)
}

function hasSeparator (name: string): boolean {
  return name.includes('-') || name.includes(':')
}

function refuseConfusable (name: string, label: string): never {
  throw new InputError(
    hasSeparator(name)
      ? 'a name in verifiedData contains "-" or ":", which separate entries'
      : `${label} contains "-", a name and ":", which could be read as another entry`
  )
}

function refuseConfusableRoot (field: RootField, value: unknown): void {
  if (typeof value !== 'string') throw new InputError(`${field} must be a string`)
  // A root value has no name before it, so its start could be read as an entry's name.
  if (value.includes(':') && hyphenThenEntry.test('-' + value)) {
    throw new InputError(
      `${field} has a name and ":" at its start or after a "-", which could be read as an entry of verifiedData`
    )
  }
}
