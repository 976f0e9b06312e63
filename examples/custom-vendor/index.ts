import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  capturedBody,
  type CommonOptions,
  createVerify,
  decodeUtf8,
  type Failure,
  type FailureReply,
  installVendor,
  isBase64Sha256,
  isInt64,
  malformed,
  readCommonOptions,
  type Received,
  type Scheme,
  signingKey,
  singleHeader,
  type WindowOption
} from 'fastify-contact-center/kit'
import { type AcmeInput, type AcmeSchemeOptions, createScheme } from './scheme.ts'

export { createScheme, scheme, type AcmeInput, type AcmeSchemeOptions } from './scheme.ts'

/** Every option of the kit, those of the scheme, and the plugin's own. */
export interface AcmeOptions
  extends CommonOptions<AcmeDecorator>, WindowOption, AcmeSchemeOptions {}

export interface AcmeDecorator {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`: throws unless the request
   * is Acme's.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /** The headers of a request to send. Looked-up keys need the request. */
  signHeaders: (
    body: string,
    request?: FastifyRequest
  ) => Promise<{ 'x-acme-signature': string, 'x-acme-time': string }>
  readonly scheme: Scheme<AcmeInput>
}

declare module 'fastify' {
  interface FastifyInstance {
    acme: AcmeDecorator
  }
}

const acme: FastifyPluginAsync<AcmeOptions> = async function acme (app, options) {
  const settings = readCommonOptions(options, {
    vendor: 'acme',
    decorator: 'acme',
    own: ['strict'],
    published: ['documented-example-key'],
    defaultTolerance: 300_000
  })
  const { keys, now } = settings
  const scheme = createScheme({ strict: options.strict ?? true })

  const decorator: AcmeDecorator = {
    scheme,
    verify: createVerify({ settings, scheme, read }),
    async signHeaders (body, request) {
      const { secret } = await signingKey(keys, now(), request)
      const time = String(now())
      return { 'x-acme-signature': scheme.sign({ body, time }, secret), 'x-acme-time': time }
    }
  }
  installVendor(app, {
    settings,
    scheme,
    sample: { body: '{}', time: '0' },
    decorator,
    capture: true,
    replyTo
  })
}

export default fp(acme, { fastify: '5.x', name: 'acme' })

/** Every part there once and well-shaped, or an error of the kit. Nothing is compared here. */
function read (request: FastifyRequest): Received<AcmeInput> {
  const signature = singleHeader(request, 'X-Acme-Signature')
  if (!isBase64Sha256(signature)) {
    throw malformed('X-Acme-Signature is not 44 characters of padded standard base64')
  }
  const time = singleHeader(request, 'X-Acme-Time')
  if (!isInt64(time)) throw malformed('X-Acme-Time is not epoch milliseconds')
  const body = decodeUtf8(capturedBody(request), 'body')
  return {
    input: { body, time },
    signature,
    timestamp: time,
    once: signature,
    covered: ['body', 'time']
  }
}

/** A failure as the vendor reads it: its statuses, its shape. */
function replyTo ({ status, code, message }: Failure): FailureReply {
  return { status, body: { error: code, message } }
}
