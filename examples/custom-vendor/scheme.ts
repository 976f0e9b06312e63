import {
  assertSecret,
  assertWellFormed,
  equalText,
  hmacSha256Base64,
  InputError,
  isInt64,
  type Scheme
} from 'fastify-contact-center/kit'

/** What Acme signs. Name every part that goes into the signed text. */
export interface AcmeInput {
  /** The body as it is on the wire. */
  body: string
  /** Epoch milliseconds, as the text in `X-Acme-Time`. */
  time: string
}

export interface AcmeSchemeOptions {
  /** False signs whatever Acme's own code would; true (default) also refuses what is ambiguous. */
  strict?: boolean
}

/** `base64(HMAC-SHA256(key, time + "." + body))`. Put a link to the vendor's page here. */
export function createScheme ({ strict = true }: AcmeSchemeOptions = {}): Scheme<AcmeInput> {
  function message ({ body, time }: AcmeInput, secret: string): string {
    assertSecret(secret)
    for (const part of [body, time]) {
      if (typeof part !== 'string') throw new TypeError('body and time must be text')
      assertWellFormed(part, 'body or time')
    }
    // A body may hold the separator; a time that is all digits cannot, and so the border is
    // certain.
    if (strict && !isInt64(time)) throw new InputError('time must be epoch milliseconds')
    return `${time}.${body}`
  }
  const sign = (input: AcmeInput, secret: string): string =>
    hmacSha256Base64(secret, message(input, secret))

  return {
    name: 'acme',
    // What a forger could still do. The contract suite finds one that is missing or not true.
    limits: [
      'no-nonce',
      'unescaped-separator',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ],
    message,
    sign,
    verify: (input, signature, secret) => equalText(signature, sign(input, secret))
  }
}

/** The scheme with default options. */
export const scheme = createScheme()
