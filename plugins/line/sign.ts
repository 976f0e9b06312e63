import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { LineInput } from './scheme.ts'

/** The header that carries LINE's signature. */
export interface LineHeaders {
  'x-line-signature': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /** The header of a request to send. Keys that are looked up need `request`. */
  signHeaders(
    body: Body,
    options?: { request?: FastifyRequest }
  ): Promise<LineHeaders>
  /** Hook for `onSend`: signs the payload and adds the header of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as LINE does, for tests and simulators. */
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
