import {
  assertMediaType,
  capturedBody,
  decodeUtf8,
  type DecoratorOf,
  defineVendor,
  flag,
  isBase64Sha256,
  isInt64,
  malformed,
  singleHeader
} from 'fastify-contact-center/kit'
import { createScheme } from './scheme.ts'

export { createScheme, scheme, type AcmeInput, type AcmeSchemeOptions } from './scheme.ts'

const acme = defineVendor({
  name: 'acme',
  options: { strict: flag(true) },
  // Secrets that stand in the vendor's documentation are refused.
  keys: { published: ['documented-example-key'] },
  // Milliseconds that the signed time may lie before and after now.
  tolerance: 300_000,
  scheme: createScheme,
  sample: { body: '{}', time: '0' },
  readsBody: true,
  /** Every part there once and well-shaped, or an error of the kit. Nothing is compared here. */
  read (request) {
    const signature = singleHeader(request, 'X-Acme-Signature')
    if (!isBase64Sha256(signature)) throw malformed('X-Acme-Signature is not base64 of 32 bytes')
    const time = singleHeader(request, 'X-Acme-Time')
    if (!isInt64(time)) throw malformed('X-Acme-Time is not epoch milliseconds')
    // Content-Type is not signed: another one makes the handler read other fields from the bytes.
    assertMediaType(request, 'application/json')
    const body = decodeUtf8(capturedBody(request), 'body')
    const covered = ['body', 'time']
    return { input: { body, time }, signature, timestamp: time, once: signature, covered }
  },
  /** A failure as the vendor reads it: its statuses, its shape. */
  failure: ({ status, code, message }) => ({ status, body: { error: code, message } }),
  schemas: {},
  functions: ({ sign, now }) => ({
    /** The headers of a request to send. */
    async signHeaders (body: string) {
      const time = String(now())
      return { 'x-acme-signature': await sign({ body, time }), 'x-acme-time': time }
    }
  })
})
export default acme

declare module 'fastify' {
  interface FastifyInstance {
    acme: DecoratorOf<typeof acme>
  }
}
