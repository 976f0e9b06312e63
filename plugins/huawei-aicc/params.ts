import { InputError } from '../kit/scheme.ts'
import { parseWireJson, toWire, type WireObject } from '../kit/wire/json.ts'
import { assertWellFormed, sortTexts } from '../kit/wire/text.ts'
import { javaText, type NumberText } from './java-text.ts'

/** The parameters that carry the signature and so are not part of what they sign. */
export const signatureNames: ReadonlySet<string> = new Set(['timestamp', 'nonce', 'signature'])

/**
 * The parameters, losing nothing: of JSON text, of an object, or of the Map that the
 * kit's `parseWireJson` makes.
 * @throws {InputError} on text that is not a JSON object
 * @throws {TypeError} on anything else that is not an object
 */
export function wireParams (params: object | string): WireObject {
  if (params instanceof Map) return params as WireObject
  if (
    typeof params !== 'string' &&
    (typeof params !== 'object' || params === null || Array.isArray(params))
  ) {
    throw new TypeError('params must be an object or the JSON text of one')
  }
  const wire = typeof params === 'string' ? parseWireJson(params, 'params') : toWire(params)
  if (!(wire instanceof Map)) throw new InputError('params must be a JSON object')
  return wire
}

/** The names that the signature covers, in the order of the signed text: by UTF-16 code unit. */
export function signedNames (params: WireObject): string[] {
  const names: string[] = []
  for (const name of params.keys()) if (!signatureNames.has(name)) names.push(name)
  return sortTexts(names)
}

/**
 * `name=value` joined with commas, all U+0020 removed.
 * @throws {InputError} on ill-formed text
 * @throws {TypeError} on a value that is none of the wire's
 */
export function paramsText (params: WireObject, numbers: NumberText): string {
  let text = ''
  for (const name of signedNames(params)) {
    text += `${text === '' ? '' : ','}${name}=${javaText(params.get(name), numbers)}`
  }
  // Before the spaces go: a space between two lone surrogates would leave a pair.
  assertWellFormed(text, 'params')
  return text.includes(' ') ? text.replaceAll(' ', '') : text
}
