import type { Diagnosis, MissingParts } from 'fastify-contact-center/explain'
import { decodeUtf8, parseWireJson, type Verifier, WireNumber } from 'fastify-contact-center/kit'
import type { WireValue } from '../plugins/kit/wire/json.ts'
import { type Given, readPairs } from './arguments.ts'
import { convertToUtf8 } from './encoding.ts'
import { findOddities, parseHttpMessage } from './http-file.ts'
import { recordNamesRead } from './record-reads.ts'
import { readBytes } from './read-file.ts'
import { UsageError } from './usage-error.ts'
import type { Vendor } from './vendor.ts'

export interface Signed {
  readonly input: object
  /** Only of a request; empty if the request has none. */
  readonly signature?: string
  /** The missing parts of a request. */
  readonly missing?: MissingParts
}

/**
 * Reads the input from flags, a JSON file or a request.
 * @param note reports oddities on stderr
 * @throws {UsageError} unless exactly one of the three is given and readable
 * @throws {InputError} on invalid JSON
 */
export function readInput (
  given: Given,
  { scheme, diagnosis }: Vendor,
  note: (text: string) => void
): Signed {
  const sources = (['field', 'input', 'request'] as const).filter(name => given.has(name))
  if (sources.length !== 1) {
    throw new UsageError(
      'give the input in exactly one way: --field NAME=VALUE (once for each), --input FILE or --request FILE'
    )
  }
  const path = given.one('input') ?? given.one('request')
  if (path === undefined) return { input: Object.fromEntries(readPairs(given, 'field')) }
  return given.has('input')
    ? { input: parseInput(readBytes(path, 'input'), path) }
    : readRequest(scheme, diagnosis, readBytes(path, 'request'), note)
}

/**
 * @throws {UsageError} on a field that the scheme does not read: a misspelt field would silently
 * stay unsigned
 */
export function refuseUnknownFields (
  scheme: Verifier<object>,
  input: object,
  secret: string
): void {
  const known = recordNamesRead(input, watched => {
    scheme.message(watched, secret)
  })
  for (const name of Object.keys(input)) {
    if (!known.includes(name)) {
      throw new UsageError(
        `${scheme.name} has no field ${name}; its fields: ${known.join(', ')}`
      )
    }
  }
}

/** @throws {UsageError} for a vendor without a diagnosis, which knows the parts of a request */
function readRequest (
  scheme: Verifier<object>,
  diagnosis: Diagnosis<object> | undefined,
  bytes: Uint8Array,
  note: (text: string) => void
): Signed {
  if (diagnosis === undefined) {
    throw new UsageError(
      `${scheme.name} has no diagnosis, so it cannot read a request: use --field or --input`
    )
  }
  const { bytes: text, encoding } = convertToUtf8(bytes, 'the request')
  if (encoding !== undefined) note(`the request is in ${encoding}; its body is read as UTF-8`)
  const message = parseHttpMessage(text)
  for (const odd of findOddities(message)) note(odd)
  const { signature, others } = diagnosis.missing?.(message) ?? { others: [] }
  const missing = { ...signature !== undefined && { signature }, others }
  // Report missing parts rather than the error that they would cause.
  if (others.length > 0) return { input: {}, missing }
  return { ...diagnosis.extract(message), missing }
}

/**
 * Numbers keep their digits: they are passed as text, and nested values as JSON text.
 */
function parseInput (bytes: Uint8Array, path: string): object {
  const value = parseWireJson(decodeUtf8(convertToUtf8(bytes, path).bytes, path), path)
  if (!(value instanceof Map)) throw new UsageError(`--input: ${path} must hold a JSON object`)
  return Object.fromEntries(
    Array.from(
      value,
      ([name, one]) => [name, typeof one === 'object' && one !== null ? writeJson(one) : one]
    )
  )
}

function writeJson (value: WireValue): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, one]) => `${JSON.stringify(name)}:${writeJson(one)}`).join(',')
    }}`
  }
  return JSON.stringify(value)
}
