import {
  type DecoratorOf,
  defineVendor,
  flag,
  type OptionsOfVendor,
  signatureHeader,
  signedJson,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeWebhook } from './openapi.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type LineInput, type LineSchemeOptions } from './scheme.ts'
export type { LineHeaders, SignFunctions } from './sign.ts'

/**
 * Webhooks of LINE's Messaging API.
 * @see https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/
 */
const line = defineVendor({
  name: 'line',
  plugin: 'fastify-contact-center/line',
  options: {
    /** False accepts an access token as the secret; true (default) refuses one by its length. */
    strict: flag(true)
  },
  scheme: createScheme,
  sample: { body: '{}' },
  diagnosis: createDiagnosis,
  read (request) {
    const signature = signatureHeader(request, 'X-Line-Signature', {
      encoding: 'base64',
      byteLength: 32
    })
    return {
      input: { body: signedJson(request) },
      signature,
      once: signature,
      covered: ['body']
    }
  },
  openapi: ({ scheme }) => describeWebhook(scheme),
  schemas,
  functions: signFunctions
})

export default line

/** The options of this plugin. */
export interface LineOptions extends OptionsOfVendor<typeof line> {}
/** The type of `app.line`. */
export interface LineDecorator extends DecoratorOf<typeof line> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type LineVerification = VerificationOf<typeof line>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of LINE. */
    line: LineDecorator
  }
}
