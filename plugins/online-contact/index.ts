import {
  type DecoratorOf,
  defineVendor,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { denyAccess, isRefusal } from './failure.ts'
import { describeLogin } from './openapi.ts'
import { options } from './options.ts'
import { readMember } from './read.ts'
import { createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'
import { signFunctions } from './sign.ts'

export { isBlank } from './blank.ts'
export { createDiagnosis, diagnosis } from './diagnosis.ts'
export type { OnlineContactInput } from './fields.ts'
export { TokenStoreUnavailable } from './issued-tokens.ts'
export type { HelpCentrePage } from './link.ts'
export type { LoginFormOptions } from './login-form.ts'
export type { MemberToSign, SignedMember } from './member.ts'
export {
  openApiMessage,
  signOpenApi,
  type OpenApiCall,
  type OpenApiHeaders
} from './api-signature.ts'
export { isAllowedReturnUrl, returnUrlWith } from './return-url.ts'
export { createScheme, scheme, type OnlineContactSchemeOptions } from './scheme.ts'
export * from './schemas.ts'
export type { FastifyErrorConstructor } from '@fastify/error'
export type * as schemas from './schemas.ts'
export {
  RemoteLoginFailed,
  RemoteLoginRefused,
  RemoteLoginTimedOut,
  type ServerLoginOptions
} from './server-login.ts'
export type { ServerLogin, SignFunctions, WithRequest } from './sign.ts'
export { loggedInMember, loginStatus } from './status.ts'

/**
 * Online Contact's member integration. `tolerance` is 180000 ms on both sides by default; an issued
 * GET link is remembered for `pastMs`.
 * @see https://docs.nhncloud.com/en/Contact%20Center/Online%20Contact/en/overview/
 */
const onlineContact = defineVendor({
  name: 'online-contact',
  plugin: 'fastify-contact-center/online-contact',
  options,
  keys: { published: ['7cf2828608274a49a3f06152b2188927'] },
  tolerance: 180_000,
  scheme: createScheme,
  sample: { service: 's', usercode: 'u', time: 0 },
  diagnosis: createDiagnosis,
  read: (request, { options }) => readMember(request, options.service),
  failure: denyAccess,
  saysFailure: isRefusal,
  openapi: ({ scheme, options }) => describeLogin(scheme, options.service),
  schemas,
  functions: signFunctions
})

export default onlineContact

/** The options of this plugin. */
export interface OnlineContactOptions extends OptionsOfVendor<typeof onlineContact> {}
/** The type of `app.onlineContact`. */
export interface OnlineContactDecorator extends DecoratorOf<typeof onlineContact> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type OnlineContactVerification = VerificationOf<typeof onlineContact>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Online Contact. */
    onlineContact: OnlineContactDecorator
  }
}
