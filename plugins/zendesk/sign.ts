import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { ZendeskInput } from './scheme.ts'

/** The header with the signature. */
export const macHeader = 'X-Zendesk-Webhook-Signature'
/** The header with the signed time, in ISO 8601. */
export const timeHeader = 'X-Zendesk-Webhook-Signature-Timestamp'

/** The two headers that carry Zendesk's signature. */
export interface ZendeskHeaders {
  'x-zendesk-webhook-signature': string
  /** ISO 8601 in UTC, as signed. */
  'x-zendesk-webhook-signature-timestamp': string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /**
   * The headers of a request to send. `timestamp`, in ISO 8601 and whole seconds, defaults to now.
   * Keys that are looked up need `request`.
   */
  signHeaders(
    body: Body,
    options?: { timestamp?: string, request?: FastifyRequest }
  ): Promise<ZendeskHeaders>
  /** Hook for `onSend`: signs the payload and adds the headers of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as Zendesk does, for tests and simulators. */
export function signFunctions ({ now, sign }: VendorContext<ZendeskInput>): SignFunctions {
  async function signHeaders (
    body: Body,
    options: { timestamp?: string, request?: FastifyRequest } = {}
  ): Promise<ZendeskHeaders> {
    const {
      timestamp = `${new Date(now()).toISOString().slice(0, 'YYYY-MM-DDTHH:mm:ss'.length)}Z`,
      request
    } = options
    return {
      'x-zendesk-webhook-signature': await sign({ timestamp, body }, request),
      'x-zendesk-webhook-signature-timestamp': timestamp
    }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
