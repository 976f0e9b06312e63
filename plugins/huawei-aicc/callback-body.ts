import type { FastifyRequest } from 'fastify'
import { capturedBody, decodeUtf8, InputError, parseForm, singleHeader, WireNumber, type WireObject } from '../kit/index.ts'
import { wireParams } from './params.ts'

/**
 * The parameters of a callback as they were on the wire. The vendor documents no
 * content type: JSON and forms are read, by the header.
 * @throws {InputError} on another content type, a body that is not of its type, or a repeated form parameter
 */
export function readCallback (request: FastifyRequest): WireObject {
  const [mediaType = ''] = singleHeader(request, 'Content-Type').split(';')
  const text = decodeUtf8(capturedBody(request), 'body')
  switch (mediaType.trim().toLowerCase()) {
    case 'application/json': return wireParams(text)
    case 'application/x-www-form-urlencoded': return parseForm(text, 'body')
    default: throw new InputError('the content type is neither JSON nor form-urlencoded')
  }
}

/**
 * Gives the handler the digits that were sent: a number at the top of the body that
 * is another one as a double becomes its text. Serial numbers of 19 digits are such.
 */
export function keepDigits (request: FastifyRequest, params: WireObject): void {
  const body: unknown = request.body
  if (typeof body !== 'object' || body === null) return
  const kept: Array<[name: string, digits: string]> = []
  for (const [name, value] of params) {
    if (value instanceof WireNumber && !fitsDouble(value.text) && Object.hasOwn(body, name)) kept.push([name, value.text])
  }
  if (kept.length > 0) request.body = { ...body, ...Object.fromEntries(kept) }
}

function fitsDouble (text: string): boolean {
  if (/^[0-9.-]{1,15}$/.test(text)) return true
  const seen = String(Number(text))
  // An integer of up to 21 digits is printed in digits, so there is no other spelling to look for.
  return seen === text || (!/^-?[0-9]{1,21}$/.test(text) && normal(text) === normal(seen))
}

/** One spelling for each decimal number: `1.0`, `1` and `10e-1` are `1e0`. */
function normal (text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  if (short === '') return '0'
  const sign = text.startsWith('-') ? '-' : ''
  return `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`
}
