import type { FastifyRequest } from 'fastify'
import {
  assertMediaType,
  capturedBody,
  decodeUtf8,
  InputError,
  isInt64,
  malformed,
  missing,
  parseWireJson,
  type Received,
  WireNumber
} from '../kit/index.ts'
import type { WireObject, WireValue } from '../kit/wire/json.ts'
import { coveredNames, type ItxChatInput, rootFields } from './entries.ts'
import { isHash } from './scheme.ts'

/**
 * Reads a session from the captured body, so that numbers and the order of names are as received.
 * With `expiresIn`, in milliseconds, the time of signing follows from `expiresAt` in
 * `verifiedData`.
 */
export function readSession (
  request: FastifyRequest,
  expiresIn: number | undefined
): Received<ItxChatInput> {
  // A body can be JSON here and a form with other fields for the handler.
  assertMediaType(request, 'application/json')
  const body = parseWireJson(decodeUtf8(capturedBody(request), 'body'), 'body')
  if (!(body instanceof Map)) throw new InputError('body must be a JSON object')
  // Text would be parsed as JSON text, and the handler would see another type than was verified.
  if (typeof body.get('verifiedData') === 'string') {
    throw new InputError('verifiedData must be an object')
  }
  const signature = readHash(body)
  // As received: the scheme refuses values of another type.
  const input = Object.fromEntries(
    ['verifiedData', ...rootFields].map(name => [name, body.get(name)])
  ) as ItxChatInput
  return {
    input,
    signature,
    once: signature,
    covered: coveredNames(input),
    ...expiresIn !== undefined && { timestamp: readSignedTime(body.get('verifiedData'), expiresIn) }
  }
}

function readHash (body: WireObject): string {
  const hash = body.get('extSystemHash') ?? ''
  if (hash === '') throw missing('extSystemHash')
  if (!isHash(hash)) throw malformed('extSystemHash is not 40 lower-case hex digits')
  return hash
}

function readSignedTime (verifiedData: WireValue | undefined, expiresIn: number): string {
  const expiresAt = verifiedData instanceof Map ? verifiedData.get('expiresAt') : undefined
  if (expiresAt === undefined) throw missing('verifiedData.expiresAt')
  if (!(expiresAt instanceof WireNumber) || !isInt64(expiresAt.text)) {
    throw malformed('verifiedData.expiresAt is not epoch milliseconds')
  }
  return String(BigInt(expiresAt.text) - BigInt(expiresIn))
}
