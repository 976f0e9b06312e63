import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  capturedBody,
  type CommonOptions,
  createVerify,
  decodeBase64,
  decodeUtf8,
  type Failure,
  type FailureReply,
  InputError,
  installVendor,
  malformed,
  matchingKey,
  OptionInvalid,
  parseUrl,
  readCommonOptions,
  type Received,
  type RememberOption,
  type Scheme,
  SignatureMissing,
  signingKey,
  singleHeader
} from 'fastify-contact-center/kit'
import { createExplainLog } from 'fastify-contact-center/explain'
import { diagnosis } from './diagnosis.ts'
import { paramsOf } from './params.ts'
import { bodyHashes, createScheme, type TwilioInput, type TwilioSchemeOptions } from './scheme.ts'

export { diagnosis } from './diagnosis.ts'
export { createScheme, scheme, type TwilioInput, type TwilioSchemeOptions } from './scheme.ts'

export interface TwilioOptions
  extends CommonOptions<TwilioDecorator>, RememberOption, TwilioSchemeOptions {
  /**
   * Where Twilio reaches this server, such as `https://voice.example.com`: Twilio signs the
   * address, and what a request says about it is the caller's to choose.
   */
  publicUrl: string
}

export interface TwilioDecorator {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`: throws unless the request
   * is Twilio's.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /** The header of a request to send, for tests. Looked-up keys need the request. */
  signHeaders: (
    input: TwilioInput,
    request?: FastifyRequest
  ) => Promise<{ 'x-twilio-signature': string }>
  /**
   * The id of the key that made the signature, or null. Looks at no replay. Looked-up keys need the
   * request.
   */
  verifyInput: (
    input: TwilioInput,
    signature: string,
    request?: FastifyRequest
  ) => Promise<string | null>
  readonly scheme: Scheme<TwilioInput>
}

declare module 'fastify' {
  interface FastifyInstance {
    twilio: TwilioDecorator
  }
}

const twilio: FastifyPluginAsync<TwilioOptions> = async function twilio (app, options) {
  const settings = readCommonOptions(options, {
    vendor: 'twilio',
    decorator: 'twilio',
    own: ['publicUrl', 'strict'],
    published: ['12345']
  })
  const { keys, now } = settings
  const base = checkedUrl(options.publicUrl)
  const scheme = createScheme({ strict: options.strict ?? true })

  const decorator: TwilioDecorator = {
    scheme,
    verify: createVerify({
      settings,
      scheme,
      read: request => read(request, base),
      explainLater: createExplainLog(settings, scheme, diagnosis)
    }),
    async verifyInput (input, signature, request) {
      return matchingKey(scheme, input, signature, (await keys.at(now(), request)).keys)?.id ?? null
    },
    async signHeaders (input, request) {
      return {
        'x-twilio-signature': scheme.sign(input, (await signingKey(keys, now(), request)).secret)
      }
    }
  }
  installVendor(app, {
    settings,
    scheme,
    sample: { url: `${base}/` },
    decorator,
    capture: true,
    replyTo
  })
}

export default fp(twilio, { fastify: '5.x', name: 'twilio' })

function checkedUrl (publicUrl: string): string {
  if (parseUrl(publicUrl) === null || !/^https?:[^?#]+$/i.test(publicUrl)) {
    throw new OptionInvalid(
      'twilio',
      'option "publicUrl" must be an http or https URL without query, as Twilio has it'
    )
  }
  return publicUrl.replace(/\/+$/, '')
}

function read (request: FastifyRequest, base: string): Received<TwilioInput> {
  const signature = singleHeader(request, 'X-Twilio-Signature')
  if (decodeBase64(signature, 20) === null) {
    throw malformed('X-Twilio-Signature is not 28 characters of padded standard base64')
  }
  if (!request.originalUrl.startsWith('/')) throw new InputError('the request target is not a path')
  return { ...signedParts(request, base + request.originalUrl), signature, once: signature }
}

/**
 * A form counts by its fields. Any other body counts by its hash in the URL, or it is not covered
 * at all.
 */
function signedParts (
  request: FastifyRequest,
  url: string
): Pick<Received<TwilioInput>, 'input' | 'covered'> {
  const body = capturedBody(request)
  if (bodyHashes(url).length > 0) return { input: { url, body }, covered: ['url', 'body'] }
  if (body.length === 0) return { input: { url }, covered: ['url'] }
  const [mediaType = ''] = singleHeader(request, 'Content-Type').split(';')
  if (mediaType.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new SignatureMissing({
      cause: new Error('bodySHA256 is missing: nothing signs the body')
    })
  }
  return { input: { url, params: paramsOf(decodeUtf8(body, 'body')) }, covered: ['url', 'params'] }
}

/** Twilio's own middleware answers 403; Twilio shows the status in its debugger. */
function replyTo ({ status, code, message }: Failure): FailureReply {
  return { status: status === 401 ? 403 : status, body: { error: { code, message } } }
}
