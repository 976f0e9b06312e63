import type { Limit, Scheme } from './scheme.ts'
import { assertBody, type Body } from './wire/body.ts'
import type { HmacKey } from './wire/hmac.ts'
import { equalText, hmacKeyReader } from './wire/mac.ts'
import { assertSecret, assertWellFormed } from './wire/text.ts'

/** How a vendor computes an HMAC over parts of a request. */
export interface HmacSchemeOptions<Input> {
  /** The vendor's name, as in the package's subpath. */
  readonly name: string
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** Padded standard base64, unpadded url-safe base64, or lower-case hex. */
  readonly encoding: 'base64' | 'base64url' | 'hex'
  /** The text before the encoded MAC, such as `sha256=`. */
  readonly prefix?: string
  /**
   * The signed parts, in order; text is encoded as UTF-8.
   * @throws {InputError} on an input that cannot be signed safely
   */
  readonly parts: (input: Input) => ReadonlyArray<string | Uint8Array>
  /**
   * Decodes the secret into the key's bytes. Default: the secret in UTF-8.
   * @throws {InputError} on a secret of another form; the message names the expected one
   */
  readonly keyBytes?: (secret: string) => Uint8Array
  /** The parts that the signature does not cover, and the attacks that it does not prevent. */
  readonly limits: readonly Limit[]
}

/** Makes the scheme of a vendor that signs an HMAC over parts of a request. */
export function hmacScheme<Input> (options: HmacSchemeOptions<Input>): Scheme<Input> {
  const { name, algorithm, encoding, prefix = '', parts, limits, keyBytes } = options

  const readKey = hmacKeyReader(algorithm, keyBytes)

  function sign (input: Input, secret: string, key: unknown = readKey(secret)): string {
    return prefix + (key as HmacKey).digest(encoding, ...checkedParts(parts(input)))
  }

  return {
    name,
    limits,
    readKey,
    sign,
    message (input, secret) {
      assertSecret(secret)
      return Buffer.concat(checkedParts(parts(input)).map(part => Buffer.from(part)))
    },
    verify: (input, signature, secret, key) => equalText(signature, sign(input, secret, key))
  }
}

function checkedParts (
  parts: ReadonlyArray<string | Uint8Array>
): ReadonlyArray<string | Uint8Array> {
  for (const part of parts) {
    if (typeof part === 'string') assertWellFormed(part, 'the signed text')
    else if (!(part instanceof Uint8Array)) throw new TypeError('a part must be text or bytes')
  }
  return parts
}

/** The `parts` of vendors that sign only the raw body. */
export function bodyAlone ({ body }: { body: Body }): readonly [Body] {
  assertBody(body)
  return [body]
}
