import * as kit from 'fastify-contact-center/kit'

/** The signed parts: the raw body, and the text of `X-Acme-Time` in epoch milliseconds. */
export interface AcmeInput {
  body: kit.Body
  time: string
}

/** `base64(HMAC-SHA256(key, time + "." + body))`. Put a link to the vendor's page here. */
export const scheme = kit.hmacScheme<AcmeInput>({
  name: 'acme',
  algorithm: 'sha256',
  encoding: 'base64',
  parts ({ body, time }) {
    kit.assertBody(body)
    // The body may contain dots. Digits cannot, so the first dot ends the time.
    if (!kit.isInt64(time)) throw new kit.InputError('time must be epoch milliseconds')
    return [time, '.', body]
  },
  // What a forger can still do. The contract suite finds missing and false entries.
  limits: ['no-nonce', 'method-not-covered', 'uri-not-covered', 'headers-not-covered']
})

const acme = kit.defineVendor({
  name: 'acme',
  // Keys printed in the vendor's documentation. They are refused.
  keys: { published: ['documented-example-key'] },
  scheme,
  sample: { body: '{}', time: '0' },
  // Maximum difference between the signed time and now, in milliseconds.
  tolerance: 300_000,
  /** Reads every part, present once and well-formed, or throws a kit error. */
  read (request) {
    const form = { encoding: 'base64', byteLength: 32 } as const
    const signature = kit.signatureHeader(request, 'X-Acme-Signature', form)
    const time = kit.shapedHeader(request, 'X-Acme-Time', /^[0-9]{1,19}$/, '1 to 19 digits')
    const input = { body: kit.signedJson(request), time }
    return { input, signature, timestamp: time, once: signature, covered: ['body', 'time'] }
  },
  /** Formats a failure with the vendor's statuses and body shape. */
  failure: ({ status, code, message }) => ({ status, body: { error: code, message } })
})
export default acme

declare module 'fastify' {
  interface FastifyInstance {
    acme: kit.DecoratorOf<typeof acme>
  }
}
