import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import type { HmacKey } from '../kit/wire/hmac.ts'
import { equalText, hmacKeyReader } from '../kit/wire/mac.ts'
import { assertSecret, assertWellFormed, isInt64 } from '../kit/wire/text.ts'
import type { NumberText } from './java-text.ts'
import { paramsText, wireParams, removeSpaces } from './params.ts'

/** The signed parts of a callback: its parameters, its time and its one-time value. */
export interface HuaweiAiccInput {
  /**
   * The parameters as an object, as the JSON text on the wire, or as the Map that the kit's
   * `parseWireJson` returns for that text. Only the latter two preserve `1.0`, `1e3` and integers
   * beyond 2^53. `timestamp`, `nonce` and `signature` in it are ignored.
   */
  params: object | string
  /** Epoch milliseconds, 1 to 19 digits, as received. */
  timestamp: string | number | bigint
  nonce: string
}

/** The options of Huawei AICC's scheme. */
export interface HuaweiAiccSchemeOptions {
  /**
   * `'literal'` (default) signs numbers as they stand on the wire, `'java'` as a JVM prints a
   * `Long` or `Double`.
   */
  numbers?: NumberText
  /**
   * False reproduces the vendor's code for every well-formed input; true (default) also refuses
   * what is ambiguous.
   */
  strict?: boolean
}

/** The most characters of a nonce in strict mode, because it is remembered for minutes. */
const maximumNonceLength = 256

/**
 * `base64(HMAC-SHA256(secret, secret + "_" + timestamp + "_" + nonce + "_" + params))`.
 * @see https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_0066.html
 */
export function createScheme (
  { numbers = 'literal', strict = true }: HuaweiAiccSchemeOptions = {}
): Scheme<HuaweiAiccInput> {
  assertStrict(strict)
  const readKey = hmacKeyReader('sha256')
  if (numbers !== 'literal' && numbers !== 'java') {
    throw new TypeError("numbers must be 'literal' or 'java'")
  }

  /** The text before the parameters, and the parameters. */
  function parts (
    { params, timestamp, nonce }: HuaweiAiccInput,
    secret: string
  ): [head: string, params: string | Buffer] {
    assertSecret(secret)
    const time = timestampText(timestamp, strict)
    assertNonce(nonce, strict)
    return [
      `${secret}_${time}_${nonce}_`,
      removeSpaces(paramsText(wireParams(params), numbers))
    ]
  }

  const sign = (input: HuaweiAiccInput, secret: string, key: unknown = readKey(secret)): string =>
    (key as HmacKey).digest('base64', ...parts(input, secret))

  return {
    name: 'huawei-aicc',
    limits: [
      'unescaped-separator',
      'untyped-values',
      'spaces-not-covered',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    message: (input, secret) => parts(input, secret).map(part => part.toString()).join(''),
    readKey,
    sign,
    verify: (input, signature, secret, key) => equalText(signature, sign(input, secret, key))
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

function timestampText (timestamp: string | number | bigint, strict: boolean): string {
  if (
    typeof timestamp !== 'string' && typeof timestamp !== 'number' && typeof timestamp !== 'bigint'
  ) {
    throw new TypeError('timestamp must be a string of digits, a number or a bigint')
  }
  const text = String(timestamp)
  assertWellFormed(text, 'timestamp')
  if (strict) {
    if (!isInt64(text)) throw new InputError('timestamp must be 1 to 19 digits and at most 2^63-1')
    if (typeof timestamp === 'number' && !Number.isSafeInteger(timestamp)) {
      throw new InputError('timestamp is a number beyond 2^53: pass its digits as text')
    }
  }
  return text
}

/**
 * An underscore ends the nonce. If the nonce could contain one, a captured callback could be
 * replayed with the start of its parameters as part of a new nonce.
 */
function assertNonce (nonce: string, strict: boolean): void {
  if (typeof nonce !== 'string') throw new TypeError('nonce must be a string')
  assertWellFormed(nonce, 'nonce')
  if (!strict) return
  if (nonce === '' || nonce.length > maximumNonceLength) {
    throw new InputError(`nonce must have 1 to ${maximumNonceLength} characters`)
  }
  if (nonce.includes('_')) {
    throw new InputError('nonce must not contain an underscore: it would run into the parameters')
  }
}
