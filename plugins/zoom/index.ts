import {
  type DecoratorOf,
  defineVendor,
  flag,
  type OptionsOfVendor,
  secondsHeader,
  signatureHeader,
  signedJson,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeEvent } from './openapi.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signFunctions } from './sign.ts'
import { answerValidation } from './validation.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type ZoomInput, type ZoomSchemeOptions } from './scheme.ts'
export type { SignFunctions, ZoomHeaders } from './sign.ts'

/**
 * Zoom's webhooks of Contact Center, Phone and others. `tolerance` is 300000 ms on both sides by
 * default, as Zoom recommends. The guard answers `endpoint.url_validation`.
 * @see https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events
 */
const zoom = defineVendor({
  name: 'zoom',
  plugin: 'fastify-contact-center/zoom',
  options: {
    /**
     * False accepts any digits as the time; true (default) refuses leading zeros and milliseconds.
     */
    strict: flag(true)
  },
  tolerance: 300_000,
  scheme: createScheme,
  sample: { body: '{}', timestamp: '1' },
  diagnosis: createDiagnosis,
  read (request) {
    const signature = signatureHeader(request, 'x-zm-signature', {
      encoding: 'hex',
      byteLength: 32,
      prefix: 'v0='
    })
    const timestamp = secondsHeader(request, 'x-zm-request-timestamp')
    return {
      input: { body: signedJson(request), timestamp },
      signature,
      timestamp: `${timestamp}000`,
      once: signature,
      covered: ['body', 'timestamp']
    }
  },
  handshake: () => ({ signed: answerValidation }),
  openapi: ({ scheme }) => describeEvent(scheme),
  schemas,
  functions: signFunctions
})

export default zoom

/** The options of this plugin. */
export interface ZoomOptions extends OptionsOfVendor<typeof zoom> {}
/** The type of `app.zoom`. */
export interface ZoomDecorator extends DecoratorOf<typeof zoom> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type ZoomVerification = VerificationOf<typeof zoom>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Zoom. */
    zoom: ZoomDecorator
  }
}
