import {
  type DecoratorOf,
  defineVendor,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { settleClaim } from '../kit/route/claims.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeUpgrade } from './openapi.ts'
import { assertKeyIds, options } from './options.ts'
import { readUpgrade } from './read.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { sample, signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export {
  createScheme,
  scheme,
  type GenesysAudiohookInput,
  type GenesysAudiohookSchemeOptions
} from './scheme.ts'
export type { PublicAddress } from './address.ts'
export type { GenesysAudiohookHeaders, SignFunctions, UpgradeOptions } from './sign.ts'

/**
 * The WebSocket upgrades with which Genesys Cloud opens AudioHook sessions. By default a signature
 * may be 7 seconds old or 3 seconds in the future, as in Genesys's own code, and each nonce is
 * accepted once.
 * @see https://developer.genesys.cloud/devapps/audiohook/security
 */
const genesysAudiohook = defineVendor({
  name: 'genesys-audiohook',
  plugin: 'fastify-contact-center/genesys-audiohook',
  options,
  keys: { published: ['TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU='] },
  tolerance: { pastMs: 7000, futureMs: 3000 },
  replay: 'on',
  scheme: createScheme,
  sample,
  diagnosis: createDiagnosis,
  readsBody: false,
  read: (request, { options }) => readUpgrade(request, options.publicUrl),
  // Genesys never retries with the same nonce, and the reply to an upgrade lasts as long as the
  // session: the claim is not kept open for it.
  accepted: request => settleClaim(request, 'done'),
  openapi: ({ scheme, options }) => describeUpgrade(scheme, options.publicUrl),
  schemas,
  functions (context) {
    assertKeyIds(context.keys)
    return signFunctions(context)
  }
})

export default genesysAudiohook

/** The options of this plugin. */
export interface GenesysAudiohookOptions extends OptionsOfVendor<typeof genesysAudiohook> {}
/** The type of `app.genesysAudiohook`. */
export interface GenesysAudiohookDecorator extends DecoratorOf<typeof genesysAudiohook> {}
/** The type of `request.verification` after this plugin's `verify`. */
export type GenesysAudiohookVerification = VerificationOf<typeof genesysAudiohook>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of Genesys AudioHook. */
    genesysAudiohook: GenesysAudiohookDecorator
  }
}
