import type { FastifyRequest } from 'fastify'
import { stacklessError, InputRefused } from '../kit/errors.ts'
import { assertMediaType, capturedBody, decodeUtf8, parseForm, WireNumber } from '../kit/index.ts'
import type { WireObject } from '../kit/wire/json.ts'
import { wireParams } from './params.ts'

/**
 * The parameters of a callback as they were on the wire. The vendor documents no
 * content type: JSON and forms are read, by the header.
 * @throws {InputError} on another content type, a body that is not of its type, or a repeated form
 * parameter
 */
export function readCallback (request: FastifyRequest): WireObject {
  const type = assertMediaType(request, 'application/json', 'application/x-www-form-urlencoded')
  const text = decodeUtf8(capturedBody(request), 'body')
  return type === 'application/json' ? wireParams(text) : parseForm(text, 'body')
}

/** The names of the lists that a request's body holds at its top. */
const listsOf = new WeakMap<FastifyRequest, readonly string[]>()

/**
 * Sees to it that the handler gets what was sent. A number at the top of the body that is
 * another one as a double becomes its text: serial numbers of 19 digits are such. A list
 * stays a list.
 * @throws {InputRefused} when a schema has taken a list apart already
 */
export function keepWire (request: FastifyRequest, params: WireObject): void {
  const body = objectOf(request)
  const kept: Array<[name: string, digits: string]> = []
  const lists: string[] = []
  for (const [name, value] of params) {
    if (typeof value !== 'object' || !Object.hasOwn(body, name)) continue
    if (value instanceof WireNumber && !fitsDouble(value.text)) kept.push([name, value.text])
    if (Array.isArray(value)) lists.push(name)
  }
  if (kept.length > 0) request.body = { ...body, ...Object.fromEntries(kept) }
  if (lists.length > 0) {
    listsOf.set(request, lists)
    assertLists(request)
  }
}

/**
 * Where a schema asks for text, Fastify's coercion takes the only value out of a list: a handler
 * would see `1` where `[1]` was signed. Coercion comes before a schema's own checks, and what would
 * come before coercion makes Ajv warn at each start. So requests are looked at once more, behind
 * validation.
 */
export function assertLists (request: FastifyRequest): void {
  const lists = listsOf.get(request) ?? []
  const body = objectOf(request)
  if (lists.some(name => Object.hasOwn(body, name) && !Array.isArray(body[name]))) {
    throw new InputRefused({
      cause: stacklessError('the list in the request became the one value in it')
    })
  }
}

/** The body, or nothing where a parser or a hook of the user's has made something else of it. */
function objectOf ({ body }: FastifyRequest): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? body as Record<string, unknown> : {}
}

/**
 * Whether the double prints as the number that was sent, in whatever spelling. Sign and power
 * of ten need no look: rounding changes neither, save to infinity and to zero, which have other
 * digits.
 */
function fitsDouble (text: string): boolean {
  return significantDigits(text) === significantDigits(String(Number(text)))
}

/** The digits between the zeros at both ends: `1.0`, `-100` and `10e-1` have `1`, zero has none. */
function significantDigits (text: string): string {
  const digits = text.replace(/e.*/i, '').replace(/^-/, '').replace('.', '')
  let end = digits.length
  // No /0+$/, which looks at zeros that stand further in again from each of them.
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end).replace(/^0+/, '')
}
