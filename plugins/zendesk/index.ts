import {
  type DecoratorOf,
  defineVendor,
  flag,
  malformed,
  type OptionsOfVendor,
  signatureHeader,
  signedJson,
  singleHeader,
  type VerificationOf
} from '../kit/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeWebhook } from './openapi.ts'
import * as schemas from './schemas.ts'
import { createScheme, isUtcTime } from './scheme.ts'
import { macHeader, signFunctions, timeHeader } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export * from './schemas.ts'
export type * as schemas from './schemas.ts'
export { createScheme, scheme, type ZendeskInput, type ZendeskSchemeOptions } from './scheme.ts'
export type { SignFunctions, ZendeskHeaders } from './sign.ts'

/**
 * Zendesk's webhooks: events of tickets, conversations and agents, and what triggers send.
 * `tolerance` is 300000 ms on both sides by default.
 */
const zendesk = defineVendor({
  name: 'zendesk',
  plugin: 'fastify-contact-center/zendesk',
  options: {
    /** False also takes times with an offset from UTC; true (default) wants them to end in Z. */
    strict: flag(true)
  },
  keys: {
    published: [
      'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==',
      'HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA='
    ]
  },
  tolerance: 300_000,
  scheme: createScheme,
  sample: { timestamp: '2024-04-17T17:18:10Z', body: '{}' },
  diagnosis: createDiagnosis,
  readsBody: true,
  read (request, { options: { strict } }) {
    const signature = signatureHeader(request, macHeader, { encoding: 'base64', byteLength: 32 })
    const timestamp = singleHeader(request, timeHeader)
    return {
      input: { timestamp, body: signedJson(request) },
      signature,
      timestamp: epochMs(timestamp, strict),
      once: signature,
      covered: ['timestamp', 'body']
    }
  },
  openapi: ({ scheme }) => describeWebhook(scheme),
  schemas,
  functions: signFunctions
})

export default zendesk

export interface ZendeskOptions extends OptionsOfVendor<typeof zendesk> {}
export interface ZendeskDecorator extends DecoratorOf<typeof zendesk> {}
/** What `request.verification` is behind this plugin's `verify`. */
export type ZendeskVerification = VerificationOf<typeof zendesk>

declare module 'fastify' {
  interface FastifyInstance {
    zendesk: ZendeskDecorator
  }
}

/** @throws {SignatureMalformed} unless the text is a time that `Date` reads in one way only */
function epochMs (text: string, strict: boolean): string {
  const utc = strict ? text : text.replace(/[+-][0-9]{2}:[0-9]{2}$/, 'Z')
  const time = isUtcTime(utc) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw malformed(`${timeHeader} is not a time in ISO 8601 that ends in Z`)
  return String(time)
}
