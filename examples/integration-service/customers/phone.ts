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
  const cached = numbersByText.get(key)
  if (cached !== undefined) return cached.number
  const number = parseNumber(written, region)
  numbersByText.set(key, { number })
  return number
}

/** Parsing a number costs as much as verifying a callback, and each callback has two. */
const numbersByText = new LRUCache<string, { number: string | null }>({ max: 10_000 })

function parseNumber (written: string, region: string): string | null {
  const text = removeOldPrefix(written)
  const parseNational = () => parsePhoneNumberFromString(text, region as CountryCode)
  const parseInternational = () => parsePhoneNumberFromString('+' + text.replace(/^[+0\s]+/, ''))
  // 00 is the international prefix almost everywhere, whatever a country's operators use instead.
  const parsers = /^\s*00/.test(text)
    ? [parseInternational, parseNational]
    : [parseNational, parseInternational]
  let possible: string | null = null
  for (const parse of parsers) {
    const number = parse()
    if (number?.isValid() === true) return number.number
    if (number?.isPossible() === true) possible ??= number.number
  }
  return possible
}

const formattedNumbers = new LRUCache<string, string>({ max: 10_000 })

/** Formats a number in E.164 for people; returns any other text unchanged. */
export function formatNumber (number: string): string {
  const cached = formattedNumbers.get(number)
  if (cached !== undefined) return cached
  const text = parsePhoneNumberFromString(number)?.formatInternational() ?? number
  formattedNumbers.set(number, text)
  return text
}

const oldPrefix = /^(?:\+|00)521([0-9]{10})$/

/**
 * Until 2019, Mexican mobile numbers had a 1 after the country code, and old lists still have it.
 */
function removeOldPrefix (text: string): string {
  const [, digits] = oldPrefix.exec(text.replace(/[\s()./-]/g, '')) ?? []
  return digits === undefined ? text : `+52${digits}`
}
