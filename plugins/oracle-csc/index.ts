import {
  type DecoratorOf,
  defineVendor,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeClickToCall } from './openapi.ts'
import { options } from './options.ts'
import { readTarget } from './read.ts'
import { createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { createScheme, scheme, type OracleCscInput, type OracleCscSchemeOptions } from './scheme.ts'
export {
  clickToCallUrl,
  defaultNames,
  maskClickToCallUrl,
  readClickToCallUrl,
  type ClickToCallFields,
  type ParameterNames,
  type UrlOptions
} from './url.ts'
export type { InputRules } from './rules.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export type { SignFunctions } from './sign.ts'

/**
 * Oracle Commerce Service Center: signed click-to-call URLs.
 * @see https://docs.oracle.com/cd/E52191_03/Service.11-1/ATGCommerceServiceCenterInstall/html/s2308integratingwithoutlivehelpondema01.html
 */
const oracleCsc = defineVendor({
  name: 'oracle-csc',
  plugin: 'fastify-contact-center/oracle-csc',
  options,
  keys: { published: ['mySecretKey'] },
  scheme: createScheme,
  sample: { username: 'kim', callerId: '0' },
  diagnosis: ({ parameterNames: names, ...rest }) => createDiagnosis({ ...rest, names }),
  readsBody: false,
  read: readTarget,
  /** CSC publishes no shape for a refusal; this one is ours. */
  failure: ({ status, code, message }) => ({ status, body: { error: code, message } }),
  openapi: describeClickToCall,
  schemas,
  functions: signFunctions
})

export default oracleCsc

/** The options of this plugin. */
export interface OracleCscOptions extends OptionsOfVendor<typeof oracleCsc> {}
/** The type of `app.oracleCsc`. */
export interface OracleCscDecorator extends DecoratorOf<typeof oracleCsc> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type OracleCscVerification = VerificationOf<typeof oracleCsc>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Oracle CSC. */
    oracleCsc: OracleCscDecorator
  }
}
