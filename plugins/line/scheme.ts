import { bodyAlone, hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import type { Body } from '../kit/wire/body.ts'

/** The signed parts of a webhook request. */
export interface LineInput {
  /** The raw body as received, never re-serialised. */
  body: Body
}

/** The options of LINE's scheme. */
export interface LineSchemeOptions {
  /** False accepts an access token as the secret; true (default) refuses one by its length. */
  strict?: boolean
}

/**
 * `base64(HMAC-SHA256(channel secret, body))`.
 * @see https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/
 */
export function createScheme ({ strict = true }: LineSchemeOptions = {}): Scheme<LineInput> {
  assertStrict(strict)
  return hmacScheme<LineInput>({
    name: 'line',
    algorithm: 'sha256',
    encoding: 'base64',
    limits: [
      'no-timestamp',
      'no-nonce',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    keyBytes (secret) {
      if (strict && /^[A-Za-z0-9+/]{100,}={0,2}$/.test(secret)) {
        throw new InputError('secret is a channel access token; use the channel secret')
      }
      return Buffer.from(secret)
    },
    parts: bodyAlone
  })
}

/** The scheme with default options. */
export const scheme = createScheme()
