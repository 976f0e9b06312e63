import { hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import { assertBody, type Body } from '../kit/wire/body.ts'
import { equalText } from '../kit/wire/mac.ts'
import { assertWellFormed, isEpochSeconds, isInt64 } from '../kit/wire/text.ts'

/** The signed parts of a webhook request. */
export interface StandardWebhooksInput {
  /** The message's id, the same in each attempt to deliver it. */
  id: string
  /** Epoch seconds, as the text in `webhook-timestamp`. */
  timestamp: string
  /** The raw body as received, never re-serialised. */
  body: Body
}

/** The options of Standard Webhooks' scheme. */
export interface StandardWebhooksSchemeOptions {
  /**
   * False accepts any text as the id and any digits as the time; true (default) refuses an id with
   * a full stop or a space in it.
   */
  strict?: boolean
}

/** Each signature costs a comparison. During a rotation, senders send one per valid key. */
export const mostSignatures = 10

/**
 * `v1,` and `base64(HMAC-SHA256(key, id + "." + timestamp + "." + body))`. `verify` accepts several
 * signatures separated by one space, of which one must match.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createScheme (
  { strict = true }: StandardWebhooksSchemeOptions = {}
): Scheme<StandardWebhooksInput> {
  assertStrict(strict)
  const signer = hmacScheme<StandardWebhooksInput>({
    name: 'standard-webhooks',
    algorithm: 'sha256',
    encoding: 'base64',
    prefix: 'v1,',
    limits: [
      'unescaped-separator',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    keyBytes: webhookKey,
    parts ({ id, timestamp, body }) {
      assertBody(body)
      if (typeof id !== 'string') throw new TypeError('id must be a string')
      if (typeof timestamp !== 'string') throw new TypeError('timestamp must be a string of digits')
      assertWellFormed(id, 'id')
      if (id === '' || (strict && !isMessageId(id))) {
        throw new InputError('id must be 1 to 256 visible ASCII characters without a full stop')
      }
      if (!(strict ? isEpochSeconds : isInt64)(timestamp)) {
        throw new InputError('timestamp must be epoch seconds in decimal digits')
      }
      return [`${id}.${timestamp}.`, body]
    }
  })
  return {
    ...signer,
    verify (input, signatures, secret, key) {
      const expected = signer.sign(input, secret, key)
      let matches = false
      // All are compared, so that the time taken does not reveal which one matched.
      for (const signature of readSignatures(signatures) ?? []) {
        if (equalText(signature, expected)) matches = true
      }
      return matches
    }
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

/** Whether the id cannot run into its neighbours in the signed text. */
function isMessageId (id: string): boolean {
  return /^[!-\-/-~]{1,256}$/.test(id)
}

/** The usual header. The last digit has two unused bits, which must be zero. */
const singleSignature = /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

/**
 * The signatures of version 1 in a header, at least one. Other versions are ignored. Null for text
 * that no sender writes.
 */
export function readSignatures (header: unknown): string[] | null {
  if (typeof header !== 'string' || header.length > mostSignatures * 200) return null
  if (singleSignature.test(header)) return [header]
  const signatures = header.split(' ')
  const symmetricSignatures = signatures.filter(text => text.startsWith('v1,'))
  const areWellFormed = signatures.every(text =>
    text.startsWith('v1,')
      ? singleSignature.test(text)
      : /^v(?!1,)[0-9a-z]{1,8},[A-Za-z0-9+/=_-]{1,180}$/.test(text)
  )
  return areWellFormed && symmetricSignatures.length > 0 && signatures.length <= mostSignatures
    ? symmetricSignatures
    : null
}

/** @throws {InputError} on a secret of another form; the message names the expected one */
function webhookKey (secret: string): Uint8Array {
  const rule = 'secret must be whsec_ and the key in padded standard base64'
  if (secret.startsWith('whsk_') || secret.startsWith('whpk_')) {
    throw new InputError(`${rule}; this is half of a key pair`)
  }
  if (!secret.startsWith('whsec_')) throw new InputError(rule)
  const base64 = secret.slice('whsec_'.length)
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== base64) throw new InputError(rule)
  return bytes
}
