import {
  assertMediaType,
  capturedBody,
  type DecoratorOf,
  decodeBase64,
  decodeUtf8,
  defineVendor,
  flag,
  InputError,
  malformed,
  mediaType,
  type OptionsOfVendor,
  parseUrl,
  type Received,
  required,
  SignatureMissing,
  singleHeader
} from 'fastify-contact-center/kit'
import type { FastifyRequest } from 'fastify'
import { diagnosis } from './diagnosis.ts'
import { paramsOf } from './params.ts'
import { bodyHashes, createScheme, type TwilioInput } from './scheme.ts'

export { diagnosis } from './diagnosis.ts'
export { createScheme, scheme, type TwilioInput, type TwilioSchemeOptions } from './scheme.ts'

const twilio = defineVendor({
  name: 'twilio',
  options: {
    /**
     * Where Twilio reaches this server, such as `https://voice.example.com`: Twilio signs the
     * address, and what a request says about it is the caller's to choose.
     */
    publicUrl: required<string, string>((given, refuse) => {
      if (parseUrl(given) !== null && /^https?:[^?#]+$/i.test(given)) {
        return given.replace(/\/+$/, '')
      }
      return refuse('must be an http or https URL without query, as Twilio has it')
    }),
    /** False signs whatever Twilio's own code would; true (default) refuses what is ambiguous. */
    strict: flag(true)
  },
  keys: { published: ['12345'] },
  scheme: createScheme,
  sample: { url: 'https://example.com/' },
  diagnosis: () => diagnosis,
  readsBody: true,
  read (request, { options }) {
    const signature = singleHeader(request, 'X-Twilio-Signature')
    if (decodeBase64(signature, 20) === null) {
      throw malformed('X-Twilio-Signature is not 28 characters of padded standard base64')
    }
    if (!request.originalUrl.startsWith('/')) {
      throw new InputError('the request target is not a path')
    }
    const url = options.publicUrl + request.originalUrl
    return { ...signedParts(request, url), signature, once: signature }
  },
  /** Twilio's own middleware answers 403; Twilio shows the status in its debugger. */
  failure: ({ status, code, message }) => ({
    status: status === 401 ? 403 : status,
    body: { error: { code, message } }
  }),
  schemas: {},
  functions: ({ sign }) => ({
    /** The header of a request to send, for tests. Looked-up keys need the request. */
    async signHeaders (input: TwilioInput, request?: FastifyRequest) {
      return { 'x-twilio-signature': await sign(input, request) }
    }
  })
})

export default twilio

export interface TwilioOptions extends OptionsOfVendor<typeof twilio> {}
export interface TwilioDecorator extends DecoratorOf<typeof twilio> {}

declare module 'fastify' {
  interface FastifyInstance {
    twilio: TwilioDecorator
  }
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
  if (bodyHashes(url).length > 0) {
    // Content-Type is not signed: as a form, the handler would read other fields.
    if (body.length > 0) assertMediaType(request, 'application/json')
    return { input: { url, body }, covered: ['url', 'body'] }
  }
  if (body.length === 0) return { input: { url }, covered: ['url'] }
  if (mediaType(request) !== 'application/x-www-form-urlencoded') {
    throw new SignatureMissing({
      cause: new Error('bodySHA256 is missing: nothing signs the body')
    })
  }
  return { input: { url, params: paramsOf(decodeUtf8(body, 'body')) }, covered: ['url', 'params'] }
}
