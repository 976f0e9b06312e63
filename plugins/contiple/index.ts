import { createError } from '@fastify/error'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  capturedBody,
  type CommonOptions,
  createVerify,
  type Failure,
  type FailureReply,
  flag,
  installVendor,
  isBase64Sha256,
  isInt64,
  matchingKey,
  oneOf,
  readCommonOptions,
  type Received,
  type Scheme,
  signingKey,
  malformed,
  singleHeader,
  type Verification,
  type WindowOption
} from '../kit/index.ts'
import { createExplainLog } from '../kit/explain/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { describeLookup } from './openapi.ts'
import { type ContipleInput, type ContipleSchemeOptions, createScheme } from './scheme.ts'
import * as schemas from './schemas.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { createScheme, scheme, type ContipleInput, type ContipleSchemeOptions } from './scheme.ts'
export * from './schemas.ts'

/** `tolerance` is 300000 ms on both sides by default, as Contiple has it. */
export interface ContipleOptions
  extends CommonOptions<ContipleDecorator>, WindowOption, ContipleSchemeOptions {}

export interface ContipleDecorator {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`: throws unless the request
   * is Contiple's.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /**
   * Hook for `onSend`: puts the headers of {@link ContipleDecorator.signHeaders} over the payload
   * on the reply.
   */
  sign: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>
  /**
   * The headers of a request to send. `timestamp` is now by default; `uri` is needed with
   * `signedContent: 'uri+body'`, `request` with looked-up keys.
   */
  signHeaders: (
    body: string | Uint8Array,
    options?: { uri?: string, timestamp?: string, request?: FastifyRequest }
  ) => Promise<SignedHeaders>
  /**
   * The id of the key that made the signature, or null. Looks at neither time nor replay. Looked-up
   * keys need the request.
   */
  verifyInput: (
    input: ContipleInput,
    signature: string,
    request?: FastifyRequest
  ) => Promise<string | null>
  readonly scheme: Scheme<ContipleInput>
  readonly schemas: typeof schemas
}

/** The two headers that carry Contiple's signature. */
export interface SignedHeaders {
  authorization: string
  'x-tc-timestamp': string
}

/** What `request.verification` is behind this plugin's `verify`. */
export type ContipleVerification = Verification & {
  readonly scheme: 'contiple',
  readonly signedAt: number
}

declare module 'fastify' {
  interface FastifyInstance {
    contiple: ContipleDecorator
  }
}

/**
 * Throw it from a handler where the caller is not a customer: Contiple's agent then sees "no
 * result".
 */
export const NoSuchCustomer = createError('FST_CC_NO_SUCH_CUSTOMER', 'No such customer', 400)

const contiple: FastifyPluginAsync<ContipleOptions> = async function contiple (app, options) {
  const settings = readCommonOptions(options, {
    vendor: 'contiple',
    decorator: 'contiple',
    own: ['signedContent', 'strict'],
    published: ['bf7769e5321448de88838cdb'],
    defaultTolerance: 300_000
  })
  const { keys, now } = settings
  const signedContent = oneOf('contiple', 'signedContent', options.signedContent ?? 'body', [
    'body',
    'uri+body'
  ])
  const withUri = signedContent === 'uri+body'
  const scheme = createScheme({
    signedContent,
    strict: flag('contiple', 'strict', options.strict ?? true)
  })

  const decorator: ContipleDecorator = {
    scheme,
    schemas,
    verify: createVerify({
      settings,
      scheme,
      read: request => read(request, withUri),
      explainLater: createExplainLog(settings, scheme, createDiagnosis({ signedContent }))
    }),
    async verifyInput (input, signature, request) {
      return matchingKey(scheme, input, signature, (await keys.at(now(), request)).keys)?.id ?? null
    },
    async signHeaders (body, { uri, timestamp = String(now()), request } = {}) {
      const { secret } = await signingKey(keys, now(), request)
      return {
        authorization: scheme.sign({ body, timestamp, ...uri !== undefined && { uri } }, secret),
        'x-tc-timestamp': timestamp
      }
    },
    async sign (request, reply, payload) {
      reply.headers({
        ...await decorator.signHeaders(bytesOf(payload), { uri: request.originalUrl, request })
      })
      return payload
    }
  }
  installVendor(app, {
    settings,
    scheme,
    sample: { body: '{}', timestamp: '0', uri: '/' },
    decorator,
    capture: true,
    replyTo,
    describe: describeLookup(scheme, withUri)
  })
}

export default fp(contiple, { fastify: '5.x', name: 'fastify-contact-center/contiple' })

function read (request: FastifyRequest, withUri: boolean): Received<ContipleInput> {
  const signature = singleHeader(request, 'Authorization')
  if (!isBase64Sha256(signature)) {
    throw malformed('Authorization is not 44 characters of padded standard base64')
  }
  const timestamp = singleHeader(request, 'X-TC-Timestamp')
  if (!isInt64(timestamp)) throw malformed('X-TC-Timestamp is not 1 to 19 digits of at most 2^63-1')
  const body = capturedBody(request)
  return {
    input: withUri ? { body, timestamp, uri: request.originalUrl } : { body, timestamp },
    signature,
    timestamp,
    once: signature,
    covered: withUri ? ['uri', 'body', 'timestamp'] : ['body', 'timestamp']
  }
}

function bytesOf (payload: unknown): string | Uint8Array {
  if (payload === null || payload === undefined) return ''
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
  throw new TypeError('a streamed payload cannot be signed')
}

/** Contiple's agent is told "access denied" for 403; it knows no 401. */
function replyTo ({ status, code, message }: Failure): FailureReply {
  return { status: status === 401 ? 403 : status, body: { error: { code, message, detail: null } } }
}
