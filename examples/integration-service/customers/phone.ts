import createError from '@fastify/error'
import { LRUCache } from 'lru-cache'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js'
import { isPlainNumber } from './plain-number.ts'

export const NotANumber = createError('SERVICE_NOT_A_NUMBER', 'This is not a telephone number', 400)

/**
 * Any spelling of a number as E.164, or null when it is none. `region`, two letters, says where
 * numbers without a country code are.
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

/** To read a number costs as much as to verify a callback, and each callback names two. */
const readings = new LRUCache<string, { number: string | null }>({ max: 10_000 })

function read (written: string, region: string): string | null {
  const text = withoutOldPrefix(written)
  const here = () => parsePhoneNumberFromString(text, region as CountryCode)
  const abroad = () => parsePhoneNumberFromString('+' + text.replace(/^[+0\s]+/, ''))
  // 00 goes abroad from nearly everywhere, whatever the operators of a country have made of it.
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

/** A number in E.164 as people write it; any other text as it is. */
export function numberText (number: string): string {
  const known = texts.get(number)
  if (known !== undefined) return known
  const text = parsePhoneNumberFromString(number)?.formatInternational() ?? number
  texts.set(number, text)
  return text
}

const oldPrefix = /^(?:\+|00)521([0-9]{10})$/

/** Until 2019, mobile numbers of Mexico had a 1 behind the country's code, and lists still have. */
function withoutOldPrefix (text: string): string {
  const [, digits] = oldPrefix.exec(text.replace(/[\s()./-]/g, '')) ?? []
  return digits === undefined ? text : `+52${digits}`
}
