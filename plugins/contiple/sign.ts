import type { FastifyReply, FastifyRequest } from 'fastify'
import type { VendorContext } from '../kit/index.ts'
import { payloadBytes } from '../kit/route/sign-reply.ts'
import type { ContipleInput } from './scheme.ts'

/** The two headers that carry Contiple's signature. */
export interface SignedHeaders {
  authorization: string
  /** Epoch milliseconds, as signed. */
  'x-tc-timestamp': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /** Hook for `onSend`: signs the payload and adds the headers of `signHeaders` to the reply. */
  sign(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>
  /**
   * The headers of a request to send. `timestamp` defaults to now; `signedContent: 'uri+body'`
   * needs `uri`, and keys that are looked up need `request`.
   */
  signHeaders(
    body: string | Uint8Array,
    options?: { uri?: string, timestamp?: string, request?: FastifyRequest }
  ): Promise<SignedHeaders>
}

/** Signs lookups as Contiple does, for tests and simulators. */
export function signFunctions ({ now, sign }: VendorContext<ContipleInput>): SignFunctions {
  const signHeaders: SignFunctions['signHeaders'] = async (body, options = {}) => {
    const { uri, timestamp = String(now()), request } = options
    const input = { body, timestamp, ...uri !== undefined && { uri } }
    return { authorization: await sign(input, request), 'x-tc-timestamp': timestamp }
  }

  return {
    signHeaders,
    async sign (request, reply, payload) {
      const uri = request.originalUrl
      reply.headers({ ...await signHeaders(payloadBytes(payload), { uri, request }) })
      return payload
    }
  }
}
