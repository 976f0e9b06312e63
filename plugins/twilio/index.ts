import {
  type DecoratorOf,
  defineVendor,
  flag,
  type OptionsOfVendor,
  parseUrl,
  plainFailure,
  required,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeWebhook } from './openapi.ts'
import { readWebhook } from './read.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export type { Params as TwilioParams } from './params.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type TwilioInput, type TwilioSchemeOptions } from './scheme.ts'
export type { SignFunctions, TwilioHeaders } from './sign.ts'
export { twiml, twimlType } from './twiml.ts'

/**
 * Webhooks of Twilio's Voice and Messaging.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
const twilio = defineVendor({
  name: 'twilio',
  plugin: 'fastify-contact-center/twilio',
  options: {
    /** False signs all that Twilio's own code signs; true (default) refuses ambiguous input. */
    strict: flag(true),
    /**
     * The address that Twilio calls, such as `https://voice.example.com`. Twilio signs it, and a
     * caller could choose the Host header of a request.
     */
    publicUrl: required<string, string>((option, refuse) => {
      if (parseUrl(option) !== null && /^https?:[^?#]+$/i.test(option)) {
        return option.replace(/\/$/, '')
      }
      return refuse('must be the http or https URL that Twilio calls, without query')
    })
  },
  keys: { published: ['12345'] },
  scheme: createScheme,
  sample: { url: 'https://example.com/' },
  diagnosis: createDiagnosis,
  read: (request, { options }) => readWebhook(request, options.publicUrl),
  /** 403, as Twilio's own middleware: after a 401 Twilio would try the password in the URL. */
  failure: failure =>
    plainFailure({ ...failure, status: failure.status === 401 ? 403 : failure.status }),
  openapi: ({ scheme, options }) => describeWebhook(scheme, options.publicUrl),
  schemas,
  functions: signFunctions
})

export default twilio

/** The options of this plugin. */
export interface TwilioOptions extends OptionsOfVendor<typeof twilio> {}
/** The type of `app.twilio`. */
export interface TwilioDecorator extends DecoratorOf<typeof twilio> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type TwilioVerification = VerificationOf<typeof twilio>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Twilio. */
    twilio: TwilioDecorator
  }
}
