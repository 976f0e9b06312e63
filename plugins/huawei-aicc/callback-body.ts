import type { FastifyRequest } from 'fastify'
import { stacklessError, InputRefused } from '../kit/errors.ts'
import { assertMediaType, capturedBody, decodeUtf8, parseForm, WireNumber } from '../kit/index.ts'
import type { WireObject } from '../kit/wire/json.ts'
import { wireParams } from './params.ts'

/**
 * The parameters of a callback as received. The vendor documents no content type, so both JSON and
 * forms are accepted, as the header says.
 * @throws {InputError} on another content type, a body that does not match it, or a repeated form
 * parameter
 */
export function readCallback (request: FastifyRequest): WireObject {
  const type = assertMediaType(request, 'application/json', 'application/x-www-form-urlencoded')
  const text = decodeUtf8(capturedBody(request), 'body')
  return type === 'application/json' ? wireParams(text) : parseForm(text, 'body')
}

/** The names of the top-level lists in a request's body. */
const listsOf = new WeakMap<FastifyRequest, readonly string[]>()

/**
 * Makes sure that the handler gets what was sent. A top-level number that a double cannot
 * represent, such as a serial number of 19 digits, becomes its text. A list stays a list.
 * @throws {InputRefused} when a schema has already replaced a list with its only value
 */
export function keepWire (request: FastifyRequest, params: WireObject): void {
  if (!hasObject(params)) return
  const body = bodyObject(request)
  const inexactNumbers: Array<[name: string, digits: string]> = []
  const lists: string[] = []
  for (const [name, value] of params) {
    if (typeof value !== 'object' || !Object.hasOwn(body, name)) continue
    if (value instanceof WireNumber && !fitsDouble(value.text)) {
      inexactNumbers.push([name, value.text])
    }
    if (Array.isArray(value)) lists.push(name)
  }
  if (inexactNumbers.length > 0) request.body = { ...body, ...Object.fromEntries(inexactNumbers) }
  if (lists.length > 0) {
    listsOf.set(request, lists)
    assertLists(request)
  }
}

/** Whether a value is a number, a list or an object. Most callbacks have only text. */
function hasObject (params: WireObject): boolean {
  for (const value of params.values()) if (typeof value === 'object' && value !== null) return true
  return false
}

/**
 * Where a schema expects text, Fastify's coercion replaces a list of one value with that value: a
 * handler would see `1` where `[1]` was signed. Coercion runs before the schema's own checks, and a
 * keyword that runs before coercion makes Ajv warn at each start. So the check runs after
 * validation.
 */
export function assertLists (request: FastifyRequest): void {
  const lists = listsOf.get(request)
  if (lists === undefined) return
  const body = bodyObject(request)
  if (lists.some(name => Object.hasOwn(body, name) && !Array.isArray(body[name]))) {
    throw new InputRefused({
      cause: stacklessError('the list in the request became the one value in it')
    })
  }
}

/** The body, or an empty object where a parser or hook of the app has replaced it. */
function bodyObject ({ body }: FastifyRequest): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? body as Record<string, unknown> : {}
}

/**
 * Whether a double has the same digits as the number that was sent, however it is written. Sign and
 * exponent need no check: rounding only changes them for infinity and zero, whose digits differ.
 */
function fitsDouble (text: string): boolean {
  return significantDigits(text) === significantDigits(String(Number(text)))
}

/** The digits without zeros at either end: `1.0`, `-100` and `10e-1` have `1`, zero has none. */
function significantDigits (text: string): string {
  const digits = text.replace(/e.*/i, '').replace(/^-/, '').replace('.', '')
  let end = digits.length
  // Not /0+$/, which takes quadratic time on long runs of zeros inside the number.
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end).replace(/^0+/, '')
}
