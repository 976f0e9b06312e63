import { hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import { assertBody, type Body } from '../kit/wire/body.ts'
import { isEpochSeconds, isInt64 } from '../kit/wire/text.ts'

/** The signed parts of a webhook request. */
export interface ZoomInput {
  /** The raw body as received, never re-serialised. */
  body: Body
  /** Epoch seconds, as the text in `x-zm-request-timestamp`. */
  timestamp: string
}

/** The options of Zoom's scheme. */
export interface ZoomSchemeOptions {
  /**
   * False accepts any digits as the time; true (default) refuses leading zeros and milliseconds.
   */
  strict?: boolean
}

/**
 * `v0=` and `hex(HMAC-SHA256(secret token, "v0:" + timestamp + ":" + body))`.
 * @see https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events
 */
export function createScheme ({ strict = true }: ZoomSchemeOptions = {}): Scheme<ZoomInput> {
  assertStrict(strict)
  return hmacScheme<ZoomInput>({
    name: 'zoom',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v0=',
    keyBytes: secretToken,
    limits: ['no-nonce', 'method-not-covered', 'uri-not-covered', 'headers-not-covered'],
    parts ({ body, timestamp }) {
      assertBody(body)
      if (typeof timestamp !== 'string') throw new TypeError('timestamp must be a string of digits')
      if (!(strict ? isEpochSeconds : isInt64)(timestamp)) {
        throw new InputError('timestamp must be epoch seconds in decimal digits')
      }
      return [`v0:${timestamp}:`, body]
    }
  })
}

/** The scheme with default options. */
export const scheme = createScheme()

/** @throws {InputError} on a key of another kind; the message names the expected form */
function secretToken (secret: string): Uint8Array {
  if (/^ey[\w-]+\.[\w-]+\.[\w-]*$/.test(secret)) {
    throw new InputError('secret is a JSON Web Token; use the Secret Token of the app')
  }
  if (secret.includes('-----BEGIN')) {
    throw new InputError('secret must be the Secret Token of the app, not a PEM')
  }
  return Buffer.from(secret)
}
