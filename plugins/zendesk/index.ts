import {
  type DecoratorOf,
  defineVendor,
  flag,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeWebhook } from './openapi.ts'
import { readWebhook } from './read.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type ZendeskInput, type ZendeskSchemeOptions } from './scheme.ts'
export type { SignFunctions, ZendeskHeaders } from './sign.ts'

/**
 * Zendesk's webhooks: events of tickets, conversations and agents, and requests of triggers.
 * `tolerance` is 300000 ms on both sides by default.
 * @see https://developer.zendesk.com/documentation/webhooks/verifying/
 */
const zendesk = defineVendor({
  name: 'zendesk',
  plugin: 'fastify-contact-center/zendesk',
  options: {
    /**
     * False also accepts times with an offset from UTC; true (default) only times that end in Z.
     */
    strict: flag(true)
  },
  keys: {
    published: [
      'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==',
      'HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA='
    ]
  },
  tolerance: 300_000,
  scheme: createScheme,
  sample: { timestamp: '2024-04-17T17:18:10Z', body: '{}' },
  diagnosis: createDiagnosis,
  read: (request, { options }) => readWebhook(request, options.strict),
  openapi: ({ scheme }) => describeWebhook(scheme),
  schemas,
  functions: signFunctions
})

export default zendesk

/** The options of this plugin. */
export interface ZendeskOptions extends OptionsOfVendor<typeof zendesk> {}
/** The type of `app.zendesk`. */
export interface ZendeskDecorator extends DecoratorOf<typeof zendesk> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type ZendeskVerification = VerificationOf<typeof zendesk>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Zendesk. */
    zendesk: ZendeskDecorator
  }
}
