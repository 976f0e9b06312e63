import { createHash, randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type Body, signReply, type VendorContext } from '../kit/index.ts'
import type { SignHook } from '../kit/route/sign-reply.ts'
import type { VonageInput } from './scheme.ts'

/** The header that carries Vonage's token. */
export interface VonageHeaders {
  authorization: string
}

const header = '{"alg":"HS256","typ":"JWT"}'

/** The decorator's functions for signing. */
export interface SignFunctions {
  /**
   * The header of a request to send. `claims` override those that Vonage sends; an undefined claim
   * is left out. Keys that are looked up need `request`.
   */
  signHeaders(
    body: Body,
    options?: { claims?: Readonly<Record<string, unknown>>, request?: FastifyRequest }
  ): Promise<VonageHeaders>
  /** Hook for `onSend`: signs the payload and adds the header of `signHeaders` to the reply. */
  sign: SignHook
}

/** Signs as Vonage does, for tests and simulators. */
export function signFunctions (
  { now, sign, options: { apiKey } }: VendorContext<
    VonageInput,
    { readonly apiKey: string | undefined }
  >
): SignFunctions {
  async function signHeaders (
    body: Body,
    options: { claims?: Readonly<Record<string, unknown>>, request?: FastifyRequest } = {}
  ): Promise<VonageHeaders> {
    const claims = JSON.stringify({
      iat: Math.floor(now() / 1000),
      jti: randomUUID(),
      iss: 'Vonage',
      payload_hash: createHash('sha256').update(body).digest('hex'),
      api_key: apiKey,
      ...options.claims
    })
    const signature = await sign({ header, claims, body }, options.request)
    const [encodedHeader, encodedClaims] = [header, claims].map(text =>
      Buffer.from(text).toString('base64url')
    )
    return { authorization: `Bearer ${encodedHeader}.${encodedClaims}.${signature}` }
  }

  return {
    signHeaders,
    sign: signReply((body, request) => signHeaders(body, { request }))
  }
}
