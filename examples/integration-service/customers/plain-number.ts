import type { CountryCode } from 'libphonenumber-js'
import metadata from 'libphonenumber-js/min/metadata'

/** libphonenumber's data of a country with its own calling code. */
interface Plan {
  readonly national: RegExp
  /** The national prefix that the library may strip; null if there is none. */
  readonly prefix: RegExp | null
}

const e164Pattern = /^\+[1-9][0-9]{6,14}$/

/**
 * Whether the text is a valid E.164 number that libphonenumber would not change. The library takes
 * ten times as long for this. False if the library is needed: for shared calling codes, and for
 * digits that may be a national prefix.
 */
export function isPlainNumber (text: string): boolean {
  if (!e164Pattern.test(text)) return false
  // No calling code is a prefix of another.
  for (let end = 2; end <= 4; end++) {
    const code = text.slice(1, end)
    const countries = metadata.country_calling_codes[code]
    if (countries === undefined) continue
    const plan = getPlan(code, countries)
    const national = text.slice(end)
    return plan !== null && plan.national.test(national) && plan.prefix?.test(national) !== true
  }
  return false
}

/** Indexes in the library's metadata, version 4. */
const [nationalPattern, nationalPrefix, prefixForParsing, numberTypes] = [2, 5, 7, 11]

const plans = new Map<string, Plan | null>()

/** Null if the code alone does not identify the country. */
function getPlan (code: string, [country, ...otherCountries]: readonly CountryCode[]): Plan | null {
  let plan = plans.get(code)
  if (plan === undefined) {
    const data = country === undefined ? undefined : metadata.countries[country]
    plan = data === undefined || otherCountries.length > 0 ? null : readPlan(data)
    plans.set(code, plan)
  }
  return plan
}

function readPlan (data: readonly unknown[]): Plan | null {
  if (data[numberTypes]) return null
  const prefix = data[prefixForParsing] || data[nationalPrefix]
  return {
    national: new RegExp(`^(?:${String(data[nationalPattern])})$`),
    prefix: prefix ? new RegExp(`^(?:${String(prefix)})`) : null
  }
}
