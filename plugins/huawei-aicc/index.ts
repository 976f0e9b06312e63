import {
  type DecoratorOf,
  defineVendor,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { assertLists, keepWire } from './callback-body.ts'
import { createDiagnosis } from './diagnosis.ts'
import { callbackFailure, isFailure } from './failure.ts'
import { describeCallback } from './openapi.ts'
import { options } from './options.ts'
import { wireParams } from './params.ts'
import { readSigned } from './read.ts'
import { createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'
import { signFunctions } from './sign.ts'
import { unsignedGuard } from './unsigned.ts'

export { formatCallTime, parseCallTime } from './call-time.ts'
export * from './create-call.ts'
export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { UnknownCall, type Unsigned, UnsignedRefused } from './gate.ts'
export type { Gate, IsKnownCall } from './gate.ts'
export type { NumberText } from './java-text.ts'
export {
  createScheme,
  scheme,
  type HuaweiAiccInput,
  type HuaweiAiccSchemeOptions
} from './scheme.ts'
export * from './schemas.ts'
export type { FastifyErrorConstructor } from '@fastify/error'
export type * as schemas from './schemas.ts'
export type { SignFunctions, SignatureParts } from './sign.ts'

/**
 * Huawei AICC's callbacks. `tolerance` is 300000 ms on both sides by default; the vendor documents
 * no limit. Repeated callbacks are refused by default.
 * @see https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_0066.html
 */
const huaweiAicc = defineVendor({
  name: 'huawei-aicc',
  plugin: 'fastify-contact-center/huawei-aicc',
  options,
  tolerance: 300_000,
  replay: 'on',
  scheme: createScheme,
  sample: { params: {}, timestamp: '0', nonce: '0' },
  diagnosis: createDiagnosis,
  read: readSigned,
  accepted: (request, { input }) => keepWire(request, wireParams(input.params)),
  afterValidation: assertLists,
  guards: context => ({ verifyUnsigned: unsignedGuard(context) }),
  failure: callbackFailure,
  saysFailure: isFailure,
  openapi: ({ scheme }) => describeCallback(scheme),
  schemas,
  functions: signFunctions
})

export default huaweiAicc

/** The options of this plugin. */
export interface HuaweiAiccOptions extends OptionsOfVendor<typeof huaweiAicc> {}
/** The type of `app.huaweiAicc`. */
export interface HuaweiAiccDecorator extends DecoratorOf<typeof huaweiAicc> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type HuaweiAiccVerification = VerificationOf<typeof huaweiAicc>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Huawei AICC. */
    huaweiAicc: HuaweiAiccDecorator
  }
}
