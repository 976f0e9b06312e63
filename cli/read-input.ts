import type { Diagnosis, MissingParts } from 'fastify-contact-center/explain'
import { decodeUtf8, parseWireJson, type Verifier, WireNumber } from 'fastify-contact-center/kit'
import type { WireValue } from '../plugins/kit/wire/json.ts'
import { type ParsedArguments, readPairs } from './arguments.ts'
import { convertToUtf8 } from './encoding.ts'
import { findOddities, parseHttpMessage } from './http-file.ts'
import { recordReads } from './record-reads.ts'
import { readBytes } from './read-file.ts'
import { UsageError } from './usage-error.ts'
import type { Vendor } from './vendor.ts'

export interface SignedInput {
  readonly input: object
  /** Only of a request; empty if the request has none. */
  readonly signature?: string
  /** The missing parts of a request. */
  readonly missing?: MissingParts
}

/**
 * Reads the input from flags, a JSON file or a request.
 * @param printNote reports oddities on stderr
 * @throws {UsageError} unless exactly one of the three is given and readable
 * @throws {InputError} on invalid JSON
 */
export function readInput (
  args: ParsedArguments,
  { scheme, diagnosis }: Vendor,
  printNote: (text: string) => void
): SignedInput {
  const sources = (['field', 'input', 'request'] as const).filter(name => args.has(name))
  if (sources.length !== 1) {
    throw new UsageError(
      'use exactly one of --field NAME=VALUE (once per field), --input FILE and --request FILE'
    )
  }
  const path = args.get('input') ?? args.get('request')
  if (path === undefined) return { input: Object.fromEntries(readPairs(args, 'field')) }
  return args.has('input')
    ? { input: parseInput(readBytes(path, 'input'), path) }
    : readRequest(scheme, diagnosis, readBytes(path, 'request'), printNote)
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
  const known = recordReads(input, proxy => {
    scheme.message(proxy, secret)
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
  printNote: (text: string) => void
): SignedInput {
  if (diagnosis === undefined) {
    throw new UsageError(
      `${scheme.name} has no diagnosis, so it cannot read a request: use --field or --input`
    )
  }
  const { bytes: text, encoding } = convertToUtf8(bytes, 'the request')
  if (encoding !== undefined) printNote(`the request is in ${encoding}; its body is read as UTF-8`)
  const message = parseHttpMessage(text)
  for (const oddity of findOddities(message)) printNote(oddity)
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
      (
        [name, member]
      ) => [name, typeof member === 'object' && member !== null ? writeJson(member) : member]
    )
  )
}

function writeJson (value: WireValue): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(
        ','
      )
    }}`
  }
  return JSON.stringify(value)
}
