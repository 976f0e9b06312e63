import { randomBytes } from 'node:crypto'
import {
  choice,
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

export { createDiagnosis, diagnosis, type HeaderNames } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export {
  createScheme,
  mostSignatures,
  scheme,
  type StandardWebhooksInput,
  type StandardWebhooksSchemeOptions
} from './scheme.ts'
export type { SignFunctions, StandardWebhooksHeaders } from './sign.ts'

/**
 * Webhooks of any sender that follows the Standard Webhooks specification, such as Svix.
 * `tolerance` is 300000 ms on both sides by default. A message whose id was already accepted is
 * refused.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
const standardWebhooks = defineVendor({
  name: 'standard-webhooks',
  plugin: 'fastify-contact-center/standard-webhooks',
  options: {
    /**
     * `'webhook'` (default) for webhook-id etc.; `'svix'` for svix-id etc., which Svix also sends.
     */
    headers: choice(['webhook', 'svix']),
    /** False accepts any text as the id and any digits as the time. Default true. */
    strict: flag(true)
  },
  keys: {
    published: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    unknown: () => `whsec_${randomBytes(32).toString('base64')}`
  },
  tolerance: 300_000,
  replay: 'on',
  scheme: createScheme,
  sample: { id: 'msg', timestamp: '1', body: '{}' },
  diagnosis: createDiagnosis,
  read: (request, { options }) => readWebhook(request, options.headers),
  openapi: ({ scheme, options }) => describeWebhook(scheme, options.headers),
  schemas,
  functions: signFunctions
})

export default standardWebhooks

/** The options of this plugin. */
export interface StandardWebhooksOptions extends OptionsOfVendor<typeof standardWebhooks> {}
/** The type of `app.standardWebhooks`. */
export interface StandardWebhooksDecorator extends DecoratorOf<typeof standardWebhooks> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type StandardWebhooksVerification = VerificationOf<typeof standardWebhooks>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Standard Webhooks. */
    standardWebhooks: StandardWebhooksDecorator
  }
}
