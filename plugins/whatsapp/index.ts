import {
  type DecoratorOf,
  defineVendor,
  flag,
  optional,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeNotification } from './openapi.ts'
import { readNotification } from './read.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signFunctions } from './sign.ts'
import { answerSubscription } from './subscription.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type WhatsappInput, type WhatsappSchemeOptions } from './scheme.ts'
export type { SignFunctions, WhatsappHeaders } from './sign.ts'

/**
 * Meta's webhooks of the WhatsApp Business Platform. With `verifyToken`, the guard answers the GET
 * with which Meta verifies the address.
 * @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
 */
const whatsapp = defineVendor({
  name: 'whatsapp',
  plugin: 'fastify-contact-center/whatsapp',
  options: {
    /** The expected `hub.verify_token` of Meta's GET. Without it, no GET is answered. */
    verifyToken: optional<string, string | undefined>((option, refuse) =>
      option === undefined || (typeof option === 'string' && option.length >= 16)
        ? option
        : refuse('must be text of at least 16 characters')
    ),
    /** False accepts an access token as the secret; true (default) recognises and refuses one. */
    strict: flag(true)
  },
  scheme: createScheme,
  sample: { body: '{}' },
  diagnosis: createDiagnosis,
  read: readNotification,
  handshake: ({ options: { verifyToken } }) => ({
    ...verifyToken !== undefined &&
      { unsigned: request => answerSubscription(request, verifyToken) }
  }),
  openapi: ({ scheme }) => describeNotification(scheme),
  schemas,
  functions: signFunctions
})

export default whatsapp

/** The options of this plugin. */
export interface WhatsappOptions extends OptionsOfVendor<typeof whatsapp> {}
/** The type of `app.whatsapp`. */
export interface WhatsappDecorator extends DecoratorOf<typeof whatsapp> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type WhatsappVerification = VerificationOf<typeof whatsapp>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of WhatsApp. */
    whatsapp: WhatsappDecorator
  }
}
