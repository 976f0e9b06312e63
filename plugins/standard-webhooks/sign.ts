import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { HeaderNames } from './diagnosis.ts'
import type { StandardWebhooksInput } from './scheme.ts'

/** The three headers that carry a signature, by either of their names. */
export type StandardWebhooksHeaders = Record<
  `${HeaderNames}-${'id' | 'timestamp' | 'signature'}`,
  string
>

/** The decorator's functions for signing. */
export interface SignFunctions {
  /**
   * The headers of a request to send. `id` defaults to a new one: pass the same in each attempt.
   * `timestamp`, in epoch seconds, defaults to now. Keys that are looked up need `request`.
   */
  signHeaders(
    body: Body,
    options?: { id?: string, timestamp?: string, request?: FastifyRequest }
  ): Promise<Partial<StandardWebhooksHeaders>>
  /** Hook for `onSend`: signs the payload and adds the headers of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as a sender does, for your own webhooks, tests and simulators. */
export function signFunctions (
  { now, sign, options: { headers } }: VendorContext<
    StandardWebhooksInput,
    { readonly headers: HeaderNames }
  >
): SignFunctions {
  async function signHeaders (
    body: Body,
    options: { id?: string, timestamp?: string, request?: FastifyRequest } = {}
  ): Promise<Partial<StandardWebhooksHeaders>> {
    const {
      id = `msg_${randomUUID()}`,
      timestamp = String(Math.floor(now() / 1000)),
      request
    } = options
    return {
      [`${headers}-id`]: id,
      [`${headers}-timestamp`]: timestamp,
      [`${headers}-signature`]: await sign({ id, timestamp, body }, request)
    }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
