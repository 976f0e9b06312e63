import {
  assertBody,
  type Body,
  hmacScheme,
  InputError,
  isInt64,
  type Scheme
} from 'fastify-contact-center/kit'

/** What Acme signs. Name every part that goes into the signed text. */
export interface AcmeInput {
  /** The body as it is on the wire. */
  body: Body
  /** Epoch milliseconds, as the text in `X-Acme-Time`. */
  time: string
}

export interface AcmeSchemeOptions {
  /** False signs whatever Acme's own code would; true (default) also refuses what is ambiguous. */
  strict?: boolean
}

/** `base64(HMAC-SHA256(key, time + "." + body))`. Put a link to the vendor's page here. */
export function createScheme ({ strict = true }: AcmeSchemeOptions = {}): Scheme<AcmeInput> {
  return hmacScheme<AcmeInput>({
    name: 'acme',
    algorithm: 'sha256',
    encoding: 'base64',
    parts ({ body, time }) {
      assertBody(body)
      // A body may hold a dot; a time in digits cannot, and so the border is certain.
      if (strict && !isInt64(time)) throw new InputError('time must be epoch milliseconds')
      return [time, '.', body]
    },
    // What a forger could still do. The contract suite finds one that is missing or not true.
    limits: [
      'no-nonce',
      'unescaped-separator',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered'
    ]
  })
}

/** The scheme with default options. */
export const scheme = createScheme()
