import { hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import { assertBody, type Body } from '../kit/wire/body.ts'

/** The signed parts of a webhook request. */
export interface ZendeskInput {
  /** The text in `X-Zendesk-Webhook-Signature-Timestamp`: `2024-04-17T17:18:10Z`. */
  timestamp: string
  /** The raw body as received, never re-serialised. */
  body: Body
}

/** The options of Zendesk's scheme. */
export interface ZendeskSchemeOptions {
  /**
   * False accepts any text as the time; true (default) only ISO 8601 in UTC, whose end cannot be
   * mistaken for the start of a body.
   */
  strict?: boolean
}

/**
 * `base64(HMAC-SHA256(signing secret, timestamp + body))`.
 * @see https://developer.zendesk.com/documentation/webhooks/verifying/
 */
export function createScheme ({ strict = true }: ZendeskSchemeOptions = {}): Scheme<ZendeskInput> {
  assertStrict(strict)
  return hmacScheme<ZendeskInput>({
    name: 'zendesk',
    algorithm: 'sha256',
    encoding: 'base64',
    limits: [
      ...strict ? [] : ['no-separator' as const],
      'no-nonce',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    parts ({ timestamp, body }) {
      assertBody(body)
      if (typeof timestamp !== 'string') throw new TypeError('timestamp must be a string')
      if (strict ? !isUtcTime(timestamp) : timestamp === '') {
        throw new InputError('timestamp must be a time in ISO 8601 that ends in Z')
      }
      return [timestamp, body]
    }
  })
}

/** The scheme with default options. */
export const scheme = createScheme()

/** Whether the text has the shape of Zendesk's times. */
export function isUtcTime (text: string): boolean {
  return /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$/.test(text)
}
