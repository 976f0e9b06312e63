import { bodyAlone, hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import type { Body } from '../kit/wire/body.ts'

/** The signed parts of a webhook request. */
export interface WhatsappInput {
  /** The raw body as received, never re-serialised: Meta escapes non-ASCII characters. */
  body: Body
}

/** The options of WhatsApp's scheme. */
export interface WhatsappSchemeOptions {
  /** False accepts an access token as the secret; true (default) recognises and refuses one. */
  strict?: boolean
}

/**
 * `sha256=` and `hex(HMAC-SHA256(app secret, body))`.
 * @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
 */
export function createScheme (
  { strict = true }: WhatsappSchemeOptions = {}
): Scheme<WhatsappInput> {
  assertStrict(strict)
  return hmacScheme<WhatsappInput>({
    name: 'whatsapp',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    limits: [
      'no-timestamp',
      'no-nonce',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    keyBytes (secret) {
      if (strict && /^EAA[A-Za-z0-9]{40,}$/.test(secret)) {
        throw new InputError('secret is an access token; use the App Secret of the app')
      }
      return Buffer.from(secret)
    },
    parts: bodyAlone
  })
}

/** The scheme with default options. */
export const scheme = createScheme()
