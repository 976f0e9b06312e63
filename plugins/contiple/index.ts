import { createError } from '@fastify/error'
import {
  choice,
  type DecoratorOf,
  defineVendor,
  flag,
  isInt64,
  malformed,
  type OptionsOfVendor,
  signatureHeader,
  signedJson,
  singleHeader,
  type VerificationOf
} from '../kit/index.ts'
import type { Failure, FailureReply } from '../kit/route/failure.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeLookup } from './openapi.ts'
import { createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'
import { signFunctions } from './sign.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { createScheme, scheme, type ContipleInput, type ContipleSchemeOptions } from './scheme.ts'
export * from './schemas.ts'
export type { SignedHeaders } from './sign.ts'

const covered = Object.freeze(['body', 'timestamp'])
const coveredWithUri = Object.freeze(['uri', ...covered])

/** Contiple's customer lookup: `tolerance` is 300000 ms on both sides by default. */
const contiple = defineVendor({
  name: 'contiple',
  plugin: 'fastify-contact-center/contiple',
  options: {
    /**
     * `'body'` (default) is what the vendor's code signs. `'uri+body'` is what its prose says; no
     * peer that does so is confirmed.
     */
    signedContent: choice(['body', 'uri+body']),
    /** False reproduces the vendor's code; true (default) also refuses what is ambiguous. */
    strict: flag(true)
  },
  keys: { published: ['bf7769e5321448de88838cdb'] },
  tolerance: 300_000,
  scheme: createScheme,
  sample: { body: '{}', timestamp: '0', uri: '/' },
  diagnosis: createDiagnosis,
  readsBody: true,
  read (request, { options }) {
    const withUri = options.signedContent === 'uri+body'
    const signature = signatureHeader(request, 'Authorization', {
      encoding: 'base64',
      byteLength: 32
    })
    const timestamp = singleHeader(request, 'X-TC-Timestamp')
    if (!isInt64(timestamp)) {
      throw malformed('X-TC-Timestamp is not 1 to 19 digits of at most 2^63-1')
    }
    const body = signedJson(request)
    return {
      input: withUri ? { body, timestamp, uri: request.originalUrl } : { body, timestamp },
      signature,
      timestamp,
      once: signature,
      covered: withUri ? coveredWithUri : covered
    }
  },
  /** Contiple's agent is told "access denied" for 403; it knows no 401. */
  failure: ({ status, code, message }: Failure): FailureReply => ({
    status: status === 401 ? 403 : status,
    body: { error: { code, message, detail: null } }
  }),
  openapi: ({ scheme, options }) => describeLookup(scheme, options.signedContent === 'uri+body'),
  schemas,
  functions: signFunctions
})

export default contiple

export interface ContipleOptions extends OptionsOfVendor<typeof contiple> {}
export interface ContipleDecorator extends DecoratorOf<typeof contiple> {}
/** What `request.verification` is behind this plugin's `verify`. */
export type ContipleVerification = VerificationOf<typeof contiple>

declare module 'fastify' {
  interface FastifyInstance {
    contiple: ContipleDecorator
  }
}

/** Throw it from a handler where the caller is no customer: Contiple's agent sees "no result". */
export const NoSuchCustomer = createError('FST_CC_NO_SUCH_CUSTOMER', 'No such customer', 400)
