import { createPublicKey, KeyObject, verify as verifyEd25519 } from 'node:crypto'
import { assertStrict, InputError, type Verifier } from '../kit/scheme.ts'
import { assertBody, type Body } from '../kit/wire/body.ts'
import { decodeBase64 } from '../kit/wire/mac.ts'
import { assertSecret, isEpochSeconds, isInt64 } from '../kit/wire/text.ts'

/** The signed parts of a webhook request. */
export interface TelnyxInput {
  /** The raw body as received, never re-serialised. */
  body: Body
  /** Epoch seconds, as the text in `telnyx-timestamp`. */
  timestamp: string
}

/** The options of Telnyx's scheme. */
export interface TelnyxSchemeOptions {
  /**
   * False accepts any digits as the time; true (default) refuses leading zeros and milliseconds.
   */
  strict?: boolean
}

/**
 * `base64(Ed25519(private key, timestamp + "|" + body))`. Only Telnyx has the private key: the
 * secret here is the public key from the portal, in base64.
 * @see https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks
 */
export function createScheme ({ strict = true }: TelnyxSchemeOptions = {}): Verifier<TelnyxInput> {
  assertStrict(strict)

  function signedText ({ body, timestamp }: TelnyxInput): Buffer {
    assertBody(body)
    if (typeof timestamp !== 'string') throw new TypeError('timestamp must be a string of digits')
    if (!(strict ? isEpochSeconds : isInt64)(timestamp)) {
      throw new InputError('timestamp must be epoch seconds in decimal digits')
    }
    return Buffer.concat([Buffer.from(`${timestamp}|`), Buffer.from(body)])
  }

  return {
    name: 'telnyx',
    limits: ['no-nonce', 'method-not-covered', 'uri-not-covered', 'headers-not-covered'],
    readKey: readPublicKey,
    message (input, secret) {
      assertSecret(secret)
      return signedText(input)
    },
    verify (input, signature, secret, key) {
      const publicKey = key instanceof KeyObject ? key : readPublicKey(secret)
      const text = signedText(input)
      const bytes = decodeBase64(signature, 64)
      return bytes !== null && verifyEd25519(null, text, publicKey, bytes)
    }
  }
}

/** The verifier with default options. */
export const scheme = createScheme()

/**
 * Whether the bytes are the signature of the message.
 * @throws {InputError} when the secret is no public key
 */
export function verifyBytes (
  message: string | Uint8Array,
  signature: Uint8Array,
  secret: string
): boolean {
  return verifyEd25519(null, Buffer.from(message), readPublicKey(secret), signature)
}

const keyRule = 'secret must be the public key of the Telnyx portal, 32 bytes in base64'

/** @throws {InputError} on a secret of another form; the message names the expected one */
function readPublicKey (secret: string): KeyObject {
  assertSecret(secret)
  if (secret.includes('-----BEGIN')) throw new InputError(`${keyRule}, not a PEM`)
  if (secret.startsWith('KEY')) throw new InputError(`${keyRule}, not an API key`)
  const bytes = decodeBase64(secret, 32)
  if (bytes === null) {
    const isPair = decodeBase64(secret, 64) !== null
    throw new InputError(isPair ? `${keyRule}; this is a private key` : keyRule)
  }
  // A key imported from a JWK verifies faster than one that OpenSSL decodes from DER.
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk'
  })
}
