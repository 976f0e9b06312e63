import { bodyAlone, hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import type { Body } from '../kit/wire/body.ts'

/** The signed parts of a webhook request. */
export interface IntercomInput {
  /** The raw body as received, never re-serialised. */
  body: Body
}

/** The options of Intercom's scheme. */
export interface IntercomSchemeOptions {
  /** False accepts an access token as the secret; true (default) recognises and refuses one. */
  strict?: boolean
}

/**
 * `sha1=` and `hex(HMAC-SHA1(client secret, body))`. Intercom chose SHA-1. No forgery of its HMAC
 * is known, but new designs use SHA-256.
 * @see https://developers.intercom.com/docs/webhooks/setting-up-webhooks
 */
export function createScheme (
  { strict = true }: IntercomSchemeOptions = {}
): Scheme<IntercomInput> {
  assertStrict(strict)
  return hmacScheme<IntercomInput>({
    name: 'intercom',
    algorithm: 'sha1',
    encoding: 'hex',
    prefix: 'sha1=',
    limits: [
      'weak-mac',
      'no-timestamp',
      'no-nonce',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    keyBytes (secret) {
      if (strict && isAccessToken(secret)) {
        throw new InputError('secret is an access token; use the client secret of the app')
      }
      return Buffer.from(secret)
    },
    parts: bodyAlone
  })
}

/** The scheme with default options. */
export const scheme = createScheme()

/** Access tokens are base64 of `tok:` and an id. */
function isAccessToken (secret: string): boolean {
  return /^dG9r[A-Za-z0-9+/]{40,}={0,2}$/.test(secret)
}
