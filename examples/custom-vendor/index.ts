import {
  type DecoratorOf,
  defineVendor,
  flag,
  shapedHeader,
  signatureHeader,
  signedJson
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
    const form = { encoding: 'base64', byteLength: 32 } as const
    const signature = signatureHeader(request, 'X-Acme-Signature', form)
    const time = shapedHeader(request, 'X-Acme-Time', /^[0-9]{1,19}$/, '1 to 19 digits')
    const input = { body: signedJson(request), time }
    return { input, signature, timestamp: time, once: signature, covered: ['body', 'time'] }
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
