import createError from '@fastify/error'
import { LRUCache } from 'lru-cache'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js'
import { isPlainNumber } from './plain-number.ts'

export const NotANumber = createError('SERVICE_NOT_A_NUMBER', 'This is not a telephone number', 400)

/**
 * Converts a number in any spelling to E.164, or returns null if it is invalid. `region`, two
 * letters, is the country of numbers without a country code.
 */
export function toE164 (written: string, region: string): string | null {
  if (written.length > 40) return null
  if (isPlainNumber(written) && !oldPrefix.test(written)) return written
  const key = `${region} ${written}`
  const known = readings.get(key)
  if (known !== undefined) return known.number
  const number = read(written, region)
  readings.set(key, { number })
  return number
}

/** Parsing a number costs as much as verifying a callback, and each callback has two. */
const readings = new LRUCache<string, { number: string | null }>({ max: 10_000 })

function read (written: string, region: string): string | null {
  const text = withoutOldPrefix(written)
  const here = () => parsePhoneNumberFromString(text, region as CountryCode)
  const abroad = () => parsePhoneNumberFromString('+' + text.replace(/^[+0\s]+/, ''))
  // 00 is the international prefix almost everywhere, whatever a country's operators use instead.
  const ways = /^\s*00/.test(text) ? [abroad, here] : [here, abroad]
  let possible: string | null = null
  for (const way of ways) {
    const number = way()
    if (number?.isValid() === true) return number.number
    if (number?.isPossible() === true) possible ??= number.number
  }
  return possible
}

const texts = new LRUCache<string, string>({ max: 10_000 })

/** Formats a number in E.164 for people; returns any other text unchanged. */
export function numberText (number: string): string {
  const known = texts.get(number)
  if (known !== undefined) return known
  const text = parsePhoneNumberFromString(number)?.formatInternational() ?? number
  texts.set(number, text)
  return text
}

const oldPrefix = /^(?:\+|00)521([0-9]{10})$/

/**
 * Until 2019, Mexican mobile numbers had a 1 after the country code, and old lists still have it.
 */
function withoutOldPrefix (text: string): string {
  const [, digits] = oldPrefix.exec(text.replace(/[\s()./-]/g, '')) ?? []
  return digits === undefined ? text : `+52${digits}`
}
