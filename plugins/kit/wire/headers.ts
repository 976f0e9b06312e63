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
    if (raw[i]?.toLowerCase() !== wanted) continue
    if (value !== undefined) throw malformed(`header ${name} is repeated`)
    value = raw[i + 1]
  }
  if (value === undefined || value === '') throw missing(`header ${name}`)
  return value
}
