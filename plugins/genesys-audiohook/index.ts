import { OptionInvalid } from '../kit/errors.ts'
import {
  type DecoratorOf,
  defineVendor,
  flag,
  optional,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { settleClaim } from '../kit/route/claims.ts'
import { type PublicAddress, publicAddress } from './address.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeUpgrade } from './openapi.ts'
import { readUpgrade } from './read.ts'
import * as schemas from './schemas.ts'
import { createScheme } from './scheme.ts'
import { signatureInputOf, signFunctions } from './sign.ts'

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
 * may be 7 seconds old and 3 seconds ahead, as in Genesys's own code, and its nonce counts once.
 */
const genesysAudiohook = defineVendor({
  name: 'genesys-audiohook',
  plugin: 'fastify-contact-center/genesys-audiohook',
  options: {
    /** False takes what Genesys's verifier takes by itself; true (default) refuses it. */
    strict: flag(true),
    /**
     * Where Genesys reaches this server, such as `wss://audiohook.example.com/hooks`, where a proxy
     * changes Host or path. Default: what the request says.
     */
    publicUrl: optional<string, PublicAddress | undefined>((given, refuse) => {
      if (given === undefined) return undefined
      return publicAddress(given) ?? refuse('must be a wss URL without query, as Genesys has it')
    })
  },
  keys: { published: ['TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU='] },
  tolerance: { pastMs: 7000, futureMs: 3000 },
  replay: 'on',
  scheme: createScheme,
  sample: {
    requestTarget: '/',
    authority: 'localhost',
    headers: {
      'audiohook-organization-id': '1',
      'audiohook-session-id': '1',
      'audiohook-correlation-id': '1',
      'x-api-key': '1'
    },
    signatureInput: signatureInputOf({ keyid: '1', nonce: '1'.repeat(22), created: 1, expires: 2 })
  },
  diagnosis: createDiagnosis,
  readsBody: false,
  read: (request, { options }) => readUpgrade(request, options.publicUrl),
  // Nobody sends the same nonce again, and the reply to an upgrade ends with the session.
  accepted: request => settleClaim(request, 'done'),
  openapi: ({ scheme, options }) => describeUpgrade(scheme, options.publicUrl),
  schemas,
  functions (context) {
    if (context.keys.all?.some(({ id }) => id === 'default')) {
      throw new OptionInvalid(
        'genesys-audiohook',
        'option "keys" must be { id, secret }, or a list of those: the id is the API key, the secret the client secret in base64'
      )
    }
    return signFunctions(context)
  }
})

export default genesysAudiohook

export interface GenesysAudiohookOptions extends OptionsOfVendor<typeof genesysAudiohook> {}
export interface GenesysAudiohookDecorator extends DecoratorOf<typeof genesysAudiohook> {}
/** What `request.verification` is behind this plugin's `verify`. */
export type GenesysAudiohookVerification = VerificationOf<typeof genesysAudiohook>

declare module 'fastify' {
  interface FastifyInstance {
    genesysAudiohook: GenesysAudiohookDecorator
  }
}
