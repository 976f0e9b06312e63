import { parseFormPairs } from '../kit/wire/form.ts'
import { parseWireJson } from '../kit/wire/json.ts'
import { sortTexts } from '../kit/wire/text.ts'

/** The fields of a form, decoded; a repeated name has a list. */
export type Params = Readonly<Record<string, string | readonly string[]>>

/**
 * The signed text of the fields: names sorted by UTF-16 code unit, and for a repeated name its
 * distinct values, sorted.
 */
export function paramsText (params: Params): string {
  let text = ''
  for (const name of sortTexts(Object.keys(params))) {
    const values = params[name] as string | readonly string[]
    if (typeof values === 'string') text += name + values
    else for (const value of sortTexts([...new Set(values)])) text += name + value
  }
  return text
}

/**
 * The fields from an object or from JSON text.
 * @throws {TypeError} unless each value is text or a list of texts
 */
export function readParams (rawParams: Params | string): Params {
  if (typeof rawParams !== 'string') {
    if (typeof rawParams !== 'object' || rawParams === null) {
      throw new TypeError('params must be an object')
    }
    assertTexts(rawParams)
    return rawParams
  }
  const value = parseWireJson(rawParams, 'params')
  if (!(value instanceof Map)) throw new TypeError('params must be an object')
  const params = Object.fromEntries(value)
  assertTexts(params)
  return params
}

function assertTexts (params: Readonly<Record<string, unknown>>): asserts params is Params {
  for (const values of Object.values(params)) {
    if (typeof values === 'string') continue
    if (!Array.isArray(values) || values.some(value => typeof value !== 'string')) {
      throw new TypeError('values of params must be strings, or lists of them')
    }
  }
}

/** Parses a form. @throws {InputError} on broken escapes */
export function paramsOf (form: string): Params {
  const params = new Map<string, string | string[]>()
  for (const [name, value] of parseFormPairs(form, 'body')) {
    const earlier = params.get(name)
    params.set(name, earlier === undefined ? value : [earlier, value].flat())
  }
  return Object.fromEntries(params)
}
