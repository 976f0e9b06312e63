import type { FastifyRequest } from 'fastify'
import { malformed, missing } from '../errors.ts'
import { isBase64, isHex } from './mac.ts'

/**
 * The headers as received, names and values in turn. Every request from a socket has the raw list;
 * a simulated one may lack it, as with `injectWS` of @fastify/websocket.
 */
export function rawHeadersOf ({ raw }: FastifyRequest): readonly string[] {
  return (raw.rawHeaders as readonly string[] | undefined) ??
    Object.entries(raw.headers).flatMap(([name, values]) =>
      [values ?? []].flat().flatMap(value => [name, String(value)])
    )
}

/**
 * The value of a header that must be present once. Reads the raw list: Node silently keeps the
 * first of two `Authorization` headers and joins others with commas, and schema coercion rewrites
 * `request.headers`.
 * @throws {SignatureMissing} when it is missing or empty
 * @throws {SignatureMalformed} when it is repeated
 */
export function singleHeader (request: FastifyRequest, name: string): string {
  const rawHeaders = rawHeadersOf(request)
  const lowerCaseName = name.toLowerCase()
  let value: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i]
    if (candidate?.length !== lowerCaseName.length || candidate.toLowerCase() !== lowerCaseName) {
      continue
    }
    if (value !== undefined) throw malformed(`header ${name} is repeated`)
    value = rawHeaders[i + 1]
  }
  if (value === undefined || value === '') throw missing(`header ${name}`)
  return value
}

/**
 * The same for a header that must match a pattern. `description` names the pattern in the log.
 * @throws {SignatureMalformed} also when it does not match
 */
export function shapedHeader (
  request: FastifyRequest,
  name: string,
  pattern: RegExp,
  description: string
): string {
  const value = singleHeader(request, name)
  if (!pattern.test(value)) throw malformed(`${name} is not ${description}`)
  return value
}

/** How a signature is written in a header. */
export interface SignatureForm {
  readonly encoding: 'base64' | 'hex'
  /** The length of the decoded signature: 32 for SHA-256. */
  readonly byteLength: number
  /** The text before the encoded bytes, such as `sha256=`. Default: none. */
  readonly prefix?: string
}

/**
 * The same for a signature in its canonical spelling: padded standard base64 (RFC 4648, section 4)
 * or lower-case hex.
 * @throws {SignatureMalformed} also on another spelling or length
 */
export function signatureHeader (
  request: FastifyRequest,
  name: string,
  { encoding, byteLength, prefix = '' }: SignatureForm
): string {
  const value = singleHeader(request, name)
  const digits = encoding === 'hex' ? byteLength * 2 : Math.ceil(byteLength / 3) * 4
  const isCanonical = encoding === 'hex' ? isHex : isBase64
  if (!value.startsWith(prefix) || !isCanonical(value.slice(prefix.length), byteLength)) {
    const alphabet = encoding === 'hex' ? 'lower-case hex' : 'padded standard base64'
    throw malformed(
      `${name} is not ${prefix === '' ? '' : `${prefix} and `}${digits} characters of ${alphabet}`
    )
  }
  return value
}

/**
 * The same for a time in epoch seconds, as text. After 15 digits, its milliseconds could exceed a
 * signed 64-bit integer.
 */
export function secondsHeader (request: FastifyRequest, name: string): string {
  return shapedHeader(request, name, /^[0-9]{1,15}$/, '1 to 15 digits')
}
