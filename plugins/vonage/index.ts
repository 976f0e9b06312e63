import {
  type DecoratorOf,
  defineVendor,
  flag,
  optional,
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
export {
  createScheme,
  scheme,
  type VonageClaims,
  type VonageInput,
  type VonageSchemeOptions
} from './scheme.ts'
export type { SignFunctions, VonageHeaders } from './sign.ts'

/**
 * Signed webhooks of Vonage's Voice, Messages and others. `tolerance` is 300000 ms on both sides of
 * `iat` by default; `exp` is checked where a token has it. A token whose `jti` was already accepted
 * is refused.
 * @see https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks
 */
const vonage = defineVendor({
  name: 'vonage',
  plugin: 'fastify-contact-center/vonage',
  options: {
    /** The account's API key: tokens of other accounts are refused. Not checked by default. */
    apiKey: optional<string, string | undefined>((option, refuse) =>
      option === undefined || (typeof option === 'string' && option !== '')
        ? option
        : refuse("must be the account's API key, as text")
    ),
    /** False accepts tokens without time, id and hash of the body; true (default) refuses them. */
    strict: flag(true)
  },
  keys: { published: ['your-256-bit-secret', 'a-string-secret-at-least-256-bits-long'] },
  tolerance: 300_000,
  replay: 'on',
  scheme: createScheme,
  sample: { header: '{"alg":"HS256"}', claims: '{"iat":1,"jti":"1"}' },
  diagnosis: createDiagnosis,
  read: (request, { options }) => readWebhook(request, options),
  openapi: ({ scheme }) => describeWebhook(scheme),
  schemas,
  functions: signFunctions
})

export default vonage

/** The options of this plugin. */
export interface VonageOptions extends OptionsOfVendor<typeof vonage> {}
/** The type of `app.vonage`. */
export interface VonageDecorator extends DecoratorOf<typeof vonage> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type VonageVerification = VerificationOf<typeof vonage>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Vonage. */
    vonage: VonageDecorator
  }
}
