import type { FastifyRequest } from 'fastify'
import { MediaTypeRefused } from '../errors.ts'
import { InputError } from '../scheme.ts'
import { singleHeader } from './headers.ts'

/**
 * The media type of a request's body, in lower case and without parameters: as Fastify chooses the
 * parser whose result the handler gets. A charset is no concern of either side: JSON and forms are
 * UTF-8.
 * @throws {SignatureMissing} when the header is absent
 * @throws {SignatureMalformed} when it is repeated
 * @throws {MediaTypeRefused} for multipart bodies, which nobody signs and nobody has read yet
 */
export function mediaType (request: FastifyRequest): string {
  const header = singleHeader(request, 'Content-Type')
  // What most vendors send needs no parsing.
  if (header === 'application/json') return header
  const [type = ''] = header.split(';')
  const name = type.trim().toLowerCase()
  if (name.startsWith('multipart/')) throw new MediaTypeRefused()
  return name
}

/**
 * Call it before a body is verified. Content-Type is rarely signed: who changes it makes a handler
 * read other fields from the same bytes than were verified. Gives the media type.
 * @throws as {@link mediaType} does
 * @throws {InputError} unless it is one of those that the vendor sends
 */
export function assertMediaType<T extends string> (
  request: FastifyRequest,
  ...expected: readonly [T, ...T[]]
): T {
  const type = mediaType(request)
  const found = expected.find(one => one === type)
  if (found === undefined) {
    throw new InputError(`the media type of the body is not ${expected.join(' or ')}`)
  }
  return found
}
