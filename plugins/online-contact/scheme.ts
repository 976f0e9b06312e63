import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import type { HmacKey } from '../kit/wire/hmac.ts'
import { equalText, hmacKeyReader } from '../kit/wire/mac.ts'
import { assertSecret, isInt64 } from '../kit/wire/text.ts'
import { isBlank } from './blank.ts'
import {
  isRequired,
  maximumLengths,
  type OnlineContactInput,
  type SignedField,
  signedValues
} from './fields.ts'

/** The options of Online Contact's scheme. */
export interface OnlineContactSchemeOptions {
  /**
   * `'refuse'` (default) refuses `&` in every field but `returnUrl`: as the separator, it would
   * move the borders between values. `'allow'` signs it unchanged.
   */
  ampersand?: 'refuse' | 'allow'
  /**
   * False reproduces the vendor's code for every well-formed input; true (default) also refuses
   * ambiguous and over-long input.
   */
  strict?: boolean
}

/**
 * `base64(HMAC-SHA256(key, values joined with '&'))`, with the values of `service`, `usercode`,
 * `username`, `email`, `phone`, `memberno`, `returnUrl` and `time` that are not blank.
 * @see https://docs.nhncloud.com/en/Contact%20Center/Online%20Contact/en/overview/
 */
export function createScheme (
  { ampersand = 'refuse', strict = true }: OnlineContactSchemeOptions = {}
): Scheme<OnlineContactInput> {
  assertStrict(strict)
  const readKey = hmacKeyReader('sha256')
  if (ampersand !== 'refuse' && ampersand !== 'allow') {
    throw new TypeError("ampersand must be 'refuse' or 'allow'")
  }

  function message (input: OnlineContactInput, secret: string): string {
    assertSecret(secret)
    const values = signedValues(input)
    let text = ''
    for (const [name, value] of values) {
      if (strict) refuseUnsafe(name, value, ampersand === 'allow')
      // The service comes first and is never left out.
      text += name === 'service' ? value : `&${value}`
    }
    return text
  }

  const sign = (
    input: OnlineContactInput,
    secret: string,
    key: unknown = readKey(secret)
  ): string => (key as HmacKey).digest('base64', message(input, secret))

  return {
    name: 'online-contact',
    limits: [
      'no-nonce',
      'unescaped-separator',
      'unnamed-fields',
      'some-fields-not-covered',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    message,
    readKey,
    sign,
    verify: (input, signature, secret, key) => equalText(signature, sign(input, secret, key))
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

// The category Cc, spelt out because it matches in half the time.
// eslint-disable-next-line no-control-regex -- it looks for control characters
const controlCharacter = /[\0-\x1f\x7f-\x9f]/

/** Checks signed fields only: blank ones are left out, whatever they contain. */
function refuseUnsafe (name: SignedField, value: string, allowsAmpersand: boolean): void {
  if (name === 'returnUrl') return
  if (name === 'time') {
    if (!isInt64(value)) throw new InputError('time must be 1 to 19 digits and at most 2^63-1')
    return
  }
  if (isRequired(name) && isBlank(value)) throw new InputError(`${name} must not be blank`)
  if (value.length > maximumLengths[name]) {
    throw new InputError(`${name} must be at most ${maximumLengths[name]} characters long`)
  }
  if (controlCharacter.test(value)) throw new InputError(`${name} must not hold control characters`)
  if (!allowsAmpersand && value.includes('&')) {
    throw new InputError(`${name} must not hold "&": it would run into its neighbour`)
  }
}
