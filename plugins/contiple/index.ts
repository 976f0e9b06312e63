import {
  choice,
  type DecoratorOf,
  defineVendor,
  flag,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { lookupFailure } from './failure.ts'
import { describeLookup } from './openapi.ts'
import { readLookup } from './read.ts'
import { createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { NoSuchCustomer } from './failure.ts'
export { createScheme, scheme, type ContipleInput, type ContipleSchemeOptions } from './scheme.ts'
export * from './schemas.ts'
export type { FastifyErrorConstructor } from '@fastify/error'
export type * as schemas from './schemas.ts'
export type { SignFunctions, SignedHeaders } from './sign.ts'

/**
 * Contiple's customer lookup: `tolerance` is 300000 ms on both sides by default.
 * @see https://docs.contiple.com/eng/api-guide/open-api/data-connection
 */
const contiple = defineVendor({
  name: 'contiple',
  plugin: 'fastify-contact-center/contiple',
  options: {
    /**
     * `'body'` (default) is what the vendor's code signs. `'uri+body'` is what its prose says; no
     * peer is known to do so.
     */
    signedContent: choice(['body', 'uri+body']),
    /** False reproduces the vendor's code; true (default) also refuses ambiguous input. */
    strict: flag(true)
  },
  keys: { published: ['bf7769e5321448de88838cdb'] },
  tolerance: 300_000,
  scheme: createScheme,
  sample: { body: '{}', timestamp: '0', uri: '/' },
  diagnosis: createDiagnosis,
  read: (request, { options }) => readLookup(request, options.signedContent === 'uri+body'),
  failure: lookupFailure,
  openapi: ({ scheme, options }) => describeLookup(scheme, options.signedContent === 'uri+body'),
  schemas,
  functions: signFunctions
})

export default contiple

/** The options of this plugin. */
export interface ContipleOptions extends OptionsOfVendor<typeof contiple> {}
/** The type of `app.contiple`. */
export interface ContipleDecorator extends DecoratorOf<typeof contiple> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type ContipleVerification = VerificationOf<typeof contiple>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Contiple. */
    contiple: ContipleDecorator
  }
}
