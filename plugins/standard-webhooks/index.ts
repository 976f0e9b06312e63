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
 * Webhooks of whoever follows the specification Standard Webhooks, Svix among them. `tolerance` is
 * 300000 ms on both sides by default. A message that was accepted is refused when it comes again,
 * by its id.
 */
const standardWebhooks = defineVendor({
  name: 'standard-webhooks',
  plugin: 'fastify-contact-center/standard-webhooks',
  options: {
    /** `'webhook'` (default) for webhook-id and so on; Svix also sends them as svix-id. */
    headers: choice(['webhook', 'svix']),
    /** False takes any text for an id, and any decimal digits for a time. */
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
  readsBody: true,
  read: (request, { options }) => readWebhook(request, options.headers),
  openapi: ({ scheme, options }) => describeWebhook(scheme, options.headers),
  schemas,
  functions: signFunctions
})

export default standardWebhooks

/** What `app.register` takes with this plugin. */
export interface StandardWebhooksOptions extends OptionsOfVendor<typeof standardWebhooks> {}
/** What `app.standardWebhooks` is. */
export interface StandardWebhooksDecorator extends DecoratorOf<typeof standardWebhooks> {}
/** What `request.verification` is behind this plugin's `verify`. */
export type StandardWebhooksVerification = VerificationOf<typeof standardWebhooks>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Standard Webhooks. */
    standardWebhooks: StandardWebhooksDecorator
  }
}
