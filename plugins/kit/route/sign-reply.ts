import type { FastifyReply, FastifyRequest } from 'fastify'

/** A hook for `onSend`. */
export type SignHook = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown
) => Promise<unknown>

/**
 * Makes a hook for `onSend` that signs the payload and adds the headers to the reply. Replies of
 * status 400 and above stay unsigned.
 */
export function signReply (
  headersOf: (body: string | Uint8Array, request: FastifyRequest) => Promise<object>
): SignHook {
  return async function sign (request, reply, payload) {
    if (reply.statusCode < 400) {
      reply.headers({ ...await headersOf(payloadBytes(payload), request) })
    }
    return payload
  }
}

/**
 * The body that a payload will be sent as.
 * @throws {TypeError} on a stream, whose bytes are not known yet
 */
export function payloadBytes (payload: unknown): string | Uint8Array {
  if (payload === null || payload === undefined) return ''
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
  throw new TypeError('a streamed payload cannot be signed')
}
