import type { FastifyRequest } from 'fastify'
import type { VendorContext } from '../kit/index.ts'
import type { TwilioInput } from './scheme.ts'

/** The header that carries Twilio's signature. */
export interface TwilioHeaders {
  'x-twilio-signature': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /** The header of a request to send. Keys that are looked up need `request`. */
  signHeaders(input: TwilioInput, options?: { request?: FastifyRequest }): Promise<TwilioHeaders>
}

/** Signs as Twilio does, for tests and simulators. */
export function signFunctions ({ sign }: VendorContext<TwilioInput>): SignFunctions {
  return {
    async signHeaders (input, { request } = {}) {
      return { 'x-twilio-signature': await sign(input, request) }
    }
  }
}
