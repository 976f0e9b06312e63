import { generateKeyPairSync } from 'node:crypto'
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

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type TelnyxInput, type TelnyxSchemeOptions } from './scheme.ts'

/**
 * Telnyx's webhooks of Call Control, Messaging and others. A key is the public key from the portal:
 * only Telnyx can sign. `tolerance` is 300000 ms on both sides by default.
 * @see https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks
 */
const telnyx = defineVendor({
  name: 'telnyx',
  plugin: 'fastify-contact-center/telnyx',
  options: {
    /**
     * False accepts any digits as the time; true (default) refuses leading zeros and milliseconds.
     */
    strict: flag(true)
  },
  keys: { unknown: unknownPublicKey },
  tolerance: 300_000,
  scheme: createScheme,
  diagnosis: createDiagnosis,
  read (request) {
    const signature = signatureHeader(request, 'telnyx-signature-ed25519', {
      encoding: 'base64',
      byteLength: 64
    })
    const timestamp = secondsHeader(request, 'telnyx-timestamp')
    return {
      input: { body: signedJson(request), timestamp },
      signature,
      timestamp: `${timestamp}000`,
      once: signature,
      covered: ['body', 'timestamp']
    }
  },
  openapi: describeEvent,
  schemas
})

export default telnyx

/** The options of this plugin. */
export interface TelnyxOptions extends OptionsOfVendor<typeof telnyx> {}
/** The type of `app.telnyx`. */
export interface TelnyxDecorator extends DecoratorOf<typeof telnyx> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type TelnyxVerification = VerificationOf<typeof telnyx>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Telnyx. */
    telnyx: TelnyxDecorator
  }
}

/** A public key whose private key is discarded. */
function unknownPublicKey (): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
}
