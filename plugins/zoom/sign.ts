import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { ZoomInput } from './scheme.ts'

/** The two headers that carry Zoom's signature. */
export interface ZoomHeaders {
  'x-zm-signature': string
  /** Epoch seconds, as signed. */
  'x-zm-request-timestamp': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /**
   * The headers of a request to send. `timestamp`, in epoch seconds, defaults to now. Keys that are
   * looked up need `request`.
   */
  signHeaders(
    body: Body,
    options?: { timestamp?: string, request?: FastifyRequest }
  ): Promise<ZoomHeaders>
  /** Hook for `onSend`: signs the payload and adds the headers of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as Zoom does, for tests and simulators. */
export function signFunctions ({ now, sign }: VendorContext<ZoomInput>): SignFunctions {
  async function signHeaders (
    body: Body,
    options: { timestamp?: string, request?: FastifyRequest } = {}
  ): Promise<ZoomHeaders> {
    const { timestamp = String(Math.floor(now() / 1000)), request } = options
    return {
      'x-zm-signature': await sign({ body, timestamp }, request),
      'x-zm-request-timestamp': timestamp
    }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
