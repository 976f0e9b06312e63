import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { IntercomInput } from './scheme.ts'

/** The header that carries Intercom's signature. */
export interface IntercomHeaders {
  'x-hub-signature': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /** The header of a request to send. Keys that are looked up need `request`. */
  signHeaders(
    body: Body,
    options?: { request?: FastifyRequest }
  ): Promise<IntercomHeaders>
  /** Hook for `onSend`: signs the payload and adds the header of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as Intercom does, for tests and simulators. */
export function signFunctions ({ sign }: VendorContext<IntercomInput>): SignFunctions {
  async function signHeaders (
    body: Body,
    { request }: { request?: FastifyRequest } = {}
  ): Promise<IntercomHeaders> {
    return { 'x-hub-signature': await sign({ body }, request) }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
