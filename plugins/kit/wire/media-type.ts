import type { FastifyRequest } from 'fastify'
import { MediaTypeRefused } from '../errors.ts'
import { InputError } from '../scheme.ts'
import { singleHeader } from './headers.ts'

/**
 * The media type of a request's body, in lower case and without parameters, as Fastify uses it to
 * choose the parser. The charset does not matter: JSON and forms are UTF-8.
 * @throws {SignatureMissing} when the header is absent
 * @throws {SignatureMalformed} when it is repeated
 * @throws {MediaTypeRefused} for multipart bodies, which no vendor signs and no parser has read yet
 */
export function mediaType (request: FastifyRequest): string {
  const header = singleHeader(request, 'Content-Type')
  // Most vendors send this, which needs no parsing.
  if (header === 'application/json') return header
  const [type = ''] = header.split(';')
  const essence = type.trim().toLowerCase()
  if (essence.startsWith('multipart/')) throw new MediaTypeRefused()
  return essence
}

/**
 * Asserts that the body has one of the media types that the vendor sends, and returns it. Call it
 * before verifying a body: Content-Type is rarely signed, and with another one a handler would read
 * other fields from the same bytes.
 * @throws as {@link mediaType} does
 * @throws {InputError} on any other media type
 */
export function assertMediaType<T extends string> (
  request: FastifyRequest,
  ...expected: readonly [T, ...T[]]
): T {
  const type = mediaType(request)
  const match = expected.find(candidate => candidate === type)
  if (match === undefined) {
    throw new InputError(`the media type of the body is not ${expected.join(' or ')}`)
  }
  return match
}
