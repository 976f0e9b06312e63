import { assertWellFormed } from '../kit/wire/text.ts'
import { isBlank } from './blank.ts'

/**
 * The fields of Online Contact's token. Blank ones are left out, except `service`, `usercode` and
 * `time`.
 */
export interface OnlineContactInput {
  /** The name of the service (the help centre) at Online Contact; at most 50 characters. */
  service: string
  /** The member's id at our site; at most 50 characters. */
  usercode: string
  /** At most 50 characters. */
  username?: string
  /** At most 100 characters. The GET type requires it. */
  email?: string
  /** At most 20 characters. */
  phone?: string
  /** At most 50 characters. */
  memberno?: string
  /** Client-side login only. */
  returnUrl?: string
  /** Epoch milliseconds. Text is signed unchanged. */
  time: string | number | bigint
}

/** The fields in the order in which they are signed. */
export const signedFields = [
  'service',
  'usercode',
  'username',
  'email',
  'phone',
  'memberno',
  'returnUrl',
  'time'
] as const
/** The name of a field that the token covers. */
export type SignedField = typeof signedFields[number]

/** The most characters (UTF-16 code units) that Online Contact accepts. */
export const maximumLengths = {
  service: 50,
  usercode: 50,
  username: 50,
  email: 100,
  phone: 20,
  memberno: 50
} as const

/**
 * The names and values that the token covers, in order. Values are raw: not trimmed, not
 * URL-encoded.
 * @throws {TypeError} on a value of the wrong type
 * @throws {InputError} on ill-formed text
 */
export function signedValues (input: OnlineContactInput): Array<[SignedField, string]> {
  const values: Array<[SignedField, string]> = []
  for (const name of signedFields) {
    const value = input[name]
    if (value === undefined && !isRequired(name)) continue
    const text = name === 'time' ? timeText(input.time) : value
    if (typeof text !== 'string') throw new TypeError(`${name} must be a string`)
    assertWellFormed(text, name)
    if (isRequired(name) || !isBlank(text)) values.push([name, text])
  }
  return values
}

/** Whether the field is signed even if it is blank. */
export function isRequired (name: SignedField): boolean {
  return name === 'service' || name === 'usercode' || name === 'time'
}

function timeText (time: string | number | bigint): string {
  if (typeof time === 'string' || typeof time === 'bigint' || Number.isSafeInteger(time)) {
    return String(time)
  }
  throw new TypeError('time must be epoch milliseconds: digits, a safe integer or a bigint')
}
