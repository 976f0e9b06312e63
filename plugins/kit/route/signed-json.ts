import type { FastifyRequest } from 'fastify'
import { assertMediaType } from '../wire/media-type.ts'
import { capturedBody } from './capture.ts'

/**
 * The bytes of a JSON body. With another media type, the handler would read other fields from them
 * than were verified.
 * @throws the errors of `capturedBody` and `assertMediaType`
 */
export function signedJson (request: FastifyRequest): Uint8Array {
  assertMediaType(request, 'application/json')
  return capturedBody(request)
}
