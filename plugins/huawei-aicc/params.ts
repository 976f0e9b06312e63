import { InputError } from '../kit/scheme.ts'
import { parseWireJson, toWire, type WireObject } from '../kit/wire/json.ts'
import { assertWellFormed, sortTexts } from '../kit/wire/text.ts'
import { javaText, type NumberText } from './java-text.ts'

/** The parameters that carry the signature, and so are not part of the parameter text. */
export const signatureNames: ReadonlySet<string> = new Set(['timestamp', 'nonce', 'signature'])

/**
 * The parameters without loss, from JSON text, an object, or a Map that `parseWireJson` returned.
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

/** The names of a callback's parameters, and all that follows from the names alone. */
interface Names {
  /** All names, in the order received. */
  readonly wire: readonly string[]
  /** The names in the signed text, in its order: by UTF-16 code unit. */
  readonly signed: readonly string[]
  /** The text before each value: `name=`, from the second on with a comma before it. */
  readonly labels: readonly string[]
  /** As `request.verification` has it, with the time and the nonce. */
  readonly covered: readonly string[]
}

/**
 * The names of the last callback, by number of parameters. Callbacks of one kind have the same
 * names.
 */
const lastNames: Names[] = []
const largestCached = 64
const longestCached = 1024

/** The names of these parameters, from the cache if the last callback had the same. */
export function namesOf (params: WireObject): Names {
  const cached = lastNames[params.size]
  return cached !== undefined && hasNames(params, cached.wire) ? cached : readNames(params)
}

function hasNames (params: WireObject, wire: readonly string[]): boolean {
  let index = 0
  for (const name of params.keys()) if (name !== wire[index++]) return false
  return true
}

function readNames (params: WireObject): Names {
  const text = JSON.stringify([...params.keys()])
  // Copies: a parsed name may be a slice that keeps the whole body in memory.
  const wire = JSON.parse(text) as string[]
  const signed = sortTexts(wire.filter(name => !signatureNames.has(name)))
  const names: Names = {
    wire,
    signed,
    labels: signed.map((name, index) => `${index === 0 ? '' : ','}${name}=`),
    covered: Object.freeze([...signed, 'timestamp', 'nonce'])
  }
  if (params.size <= largestCached && text.length <= longestCached) {
    lastNames[params.size] = names
  }
  return names
}

/**
 * The pairs `name=value` joined with commas, spaces included.
 * @throws {InputError} on ill-formed text
 * @throws {TypeError} on a value that `parseWireJson` never returns
 */
export function paramsText (params: WireObject, numbers: NumberText): string {
  const { signed, labels } = namesOf(params)
  let text = ''
  for (let index = 0; index < signed.length; index++) {
    text += `${labels[index]}${javaText(params.get(signed[index] as string), numbers)}`
  }
  // Before spaces are removed: two lone surrogates around a space would become a pair.
  assertWellFormed(text, 'params')
  return text
}

const space = 0x20

/** The text without U+0020. As bytes where it had any: filtering bytes is faster. */
export function removeSpaces (text: string): string | Buffer {
  if (!text.includes(' ')) return text
  const bytes = Buffer.from(text)
  let end = 0
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number
    if (byte !== space) bytes[end++] = byte
  }
  return bytes.subarray(0, end)
}
