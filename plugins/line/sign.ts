import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { LineInput } from './scheme.ts'

/** The header that carries LINE's signature. */
export interface LineHeaders {
  'x-line-signature': string
}

export interface SignFunctions {
  /** The header of a request to send. Looked-up keys need `request`. */
  signHeaders(
    body: Body,
    options?: { request?: FastifyRequest }
  ): Promise<LineHeaders>
  /** Hook for `onSend`: puts the header of `signHeaders` over the payload on the reply. */
  sign: SignHook
}

/** What LINE's side does: for tests and simulators. */
export function signFunctions ({ sign }: VendorContext<LineInput>): SignFunctions {
  async function signHeaders (
    body: Body,
    { request }: { request?: FastifyRequest } = {}
  ): Promise<LineHeaders> {
    return { 'x-line-signature': await sign({ body }, request) }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
