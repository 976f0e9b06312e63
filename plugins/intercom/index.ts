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
import { describeNotification } from './openapi.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type IntercomInput, type IntercomSchemeOptions } from './scheme.ts'
export type { SignFunctions, IntercomHeaders } from './sign.ts'

/**
 * Intercom's webhooks about conversations: opened, answered, assigned and closed.
 * @see https://developers.intercom.com/docs/webhooks/setting-up-webhooks
 */
const intercom = defineVendor({
  name: 'intercom',
  plugin: 'fastify-contact-center/intercom',
  options: {
    /** False accepts an access token as the secret; true (default) recognises and refuses one. */
    strict: flag(true)
  },
  scheme: createScheme,
  sample: { body: '{}' },
  diagnosis: createDiagnosis,
  read (request) {
    const signature = signatureHeader(request, 'X-Hub-Signature', {
      encoding: 'hex',
      byteLength: 20,
      prefix: 'sha1='
    })
    return {
      input: { body: signedJson(request) },
      signature,
      once: signature,
      covered: ['body']
    }
  },
  // Before it saves an address, Intercom checks it with an unsigned HEAD request.
  handshake: () => ({
    unsigned: ({ method }) => method === 'HEAD' ? { type: 'text/plain', body: '' } : undefined
  }),
  openapi: ({ scheme }) => describeNotification(scheme),
  schemas,
  functions: signFunctions
})

export default intercom

/** The options of this plugin. */
export interface IntercomOptions extends OptionsOfVendor<typeof intercom> {}
/** The type of `app.intercom`. */
export interface IntercomDecorator extends DecoratorOf<typeof intercom> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type IntercomVerification = VerificationOf<typeof intercom>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Intercom. */
    intercom: IntercomDecorator
  }
}
