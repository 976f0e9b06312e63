import type { FastifyRequest } from 'fastify'
import { malformed, missing } from '../errors.ts'
import { isBase64, isHex } from './mac.ts'

/**
 * The headers as received, names and values in turn. Every request from a socket has the raw list.
 * Requests that a tool made up may lack it, such as those of `injectWS` of @fastify/websocket.
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
  const raw = rawHeadersOf(request)
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
 * The same for a header that must match a pattern. `shape` describes it in the log.
 * @throws {SignatureMalformed} also when it does not match
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

/** How a signature is written in a header. */
export interface SignatureForm {
  readonly encoding: 'base64' | 'hex'
  readonly byteLength: number
  /** The text before the encoded bytes, such as `sha256=`. Default: none. */
  readonly prefix?: string
}

/**
 * The same for a signature in its one canonical spelling: padded standard base64, or lower-case
 * hex.
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

/** The same for a time in epoch seconds, as its text: few enough digits to become milliseconds. */
export function secondsHeader (request: FastifyRequest, name: string): string {
  return shapedHeader(request, name, /^[0-9]{1,15}$/, '1 to 15 digits')
}
