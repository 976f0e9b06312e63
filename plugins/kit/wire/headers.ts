import type { FastifyRequest } from 'fastify'
import { malformed, missing } from '../errors.ts'

/**
 * The value of a header that must be there once. Reads the raw list: Node keeps the
 * first of two `Authorization` headers silently and joins others with commas, and
 * schema coercion rewrites `request.headers`.
 * @throws {SignatureMissing} when it is absent or empty
 * @throws {SignatureMalformed} when it is repeated
 */
export function singleHeader (request: FastifyRequest, name: string): string {
  const raw = request.raw.rawHeaders
  const wanted = name.toLowerCase()
  let value: string | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const found = raw[i]
    if (found?.length !== wanted.length || found.toLowerCase() !== wanted) continue
    if (value !== undefined) throw malformed(`header ${name} is repeated`)
    value = raw[i + 1]
  }
  if (value === undefined || value === '') throw missing(`header ${name}`)
  return value
}

/**
 * The same for a header of a known shape, which the text names for the log.
 * @throws {SignatureMalformed} also when it has another one
 */
export function shapedHeader (
  request: FastifyRequest,
  name: string,
  pattern: RegExp,
  shape: string
): string {
  const value = singleHeader(request, name)
  if (!pattern.test(value)) throw malformed(`${name} is not ${shape}`)
  return value
}

/** The same for a time in epoch seconds, as its text: few enough digits to become milliseconds. */
export function secondsHeader (request: FastifyRequest, name: string): string {
  return shapedHeader(request, name, /^[0-9]{1,15}$/, '1 to 15 digits')
}
