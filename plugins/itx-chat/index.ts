import {
  count,
  type DecoratorOf,
  defineVendor,
  flag,
  type OptionsOfVendor,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeSession } from './openapi.ts'
import { readSession } from './read.ts'
import { createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'
import { keepInput, sessionFunctions } from './session.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { embedHtml, type EmbedOptions } from './embed.ts'
export { rootFields, type ItxChatInput, type RootField } from './entries.ts'
export { createScheme, scheme, type ItxChatSchemeOptions } from './scheme.ts'
export type { SessionData, SessionFunctions } from './session.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'

/**
 * ITX's chat widget: sessions whose customer data this site signs.
 * @see https://apidoc.itxuc.com/docs/guides/chat-widget
 */
const itxChat = defineVendor({
  name: 'itx-chat',
  plugin: 'fastify-contact-center/itx-chat',
  options: {
    /** False reproduces the portal; true (default) also refuses ambiguous entries. */
    strict: flag(true),
    /**
     * Milliseconds for which a signed session is valid. Signing then adds `expiresAt` (epoch
     * milliseconds) to `verifiedData`, and `verify` requires it and checks the clock. The portal
     * itself only shows it to the agent. Off by default.
     */
    expiresIn: count()
  },
  keys: { published: ['nawe21ASme2nasdzZcasxXA31nAQCXZha2m'] },
  // On both sides, because the clocks of the signer and of this process may differ.
  window: ({ expiresIn }) => expiresIn,
  scheme: createScheme,
  sample: {},
  diagnosis: () => createDiagnosis(),
  read: (request, { options }) => readSession(request, options.expiresIn),
  accepted: keepInput,
  /** ITX publishes no shape; this one is ours. */
  failure: ({ status, code, message }) => ({
    status,
    body: { verified: false, error: code, message }
  }),
  openapi: ({ scheme, options }) => describeSession(scheme, options.expiresIn),
  schemas,
  functions: sessionFunctions
})

export default itxChat

/** The options of this plugin. */
export interface ItxChatOptions extends OptionsOfVendor<typeof itxChat> {}
/** The type of `app.itxChat`. */
export interface ItxChatDecorator extends DecoratorOf<typeof itxChat> {}
/** The type of `request.verification` after `verify`; `signedAt` with the option `expiresIn`. */
export type ItxChatVerification = VerificationOf<typeof itxChat>

declare module 'fastify' {
  interface FastifyInstance {
    /** Hooks, functions and schemas of ITX chat. */
    itxChat: ItxChatDecorator
  }
}
