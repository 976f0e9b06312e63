import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { WhatsappInput } from './scheme.ts'

/** The header that carries Meta's signature. */
export interface WhatsappHeaders {
  'x-hub-signature-256': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /** The header of a request to send. Keys that are looked up need `request`. */
  signHeaders(
    body: Body,
    options?: { request?: FastifyRequest }
  ): Promise<WhatsappHeaders>
  /** Hook for `onSend`: signs the payload and adds the header of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as Meta does, for tests and simulators. */
export function signFunctions ({ sign }: VendorContext<WhatsappInput>): SignFunctions {
  async function signHeaders (
    body: Body,
    { request }: { request?: FastifyRequest } = {}
  ): Promise<WhatsappHeaders> {
    return { 'x-hub-signature-256': await sign({ body }, request) }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
