import type { FastifyRequest } from 'fastify'
import {
  assertMediaType,
  capturedBody,
  decodeUtf8,
  InputError,
  missing,
  type Received,
  shapedHeader
} from '../kit/index.ts'
import { mediaType } from '../kit/wire/media-type.ts'
import { paramsOf } from './params.ts'
import { bodyHashes, type TwilioInput } from './scheme.ts'

// Of 27 digits that encode 20 bytes, the last has two unused bits, which must be zero.
const base64OfSha1 = /^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$/

/** Reads the signed parts of a request. */
export function readWebhook (request: FastifyRequest, publicUrl: string): Received<TwilioInput> {
  const signature = shapedHeader(
    request,
    'X-Twilio-Signature',
    base64OfSha1,
    '28 characters of padded standard base64'
  )
  if (!request.originalUrl.startsWith('/')) throw new InputError('the request target is not a path')
  const url = publicUrl + request.originalUrl
  return { ...signedParts(request, url), signature, once: signature }
}

/**
 * A form is signed by its fields, any other body by its hash in the URL. Without that hash it is
 * not covered.
 */
function signedParts (
  request: FastifyRequest,
  url: string
): Pick<Received<TwilioInput>, 'input' | 'covered'> {
  const body = capturedBody(request)
  if (bodyHashes(url).length > 0) {
    // Content-Type is not signed: sent as a form, the body would have other fields for the handler.
    if (body.length > 0) assertMediaType(request, 'application/json')
    return { input: { url, body }, covered: ['url', 'body'] }
  }
  if (body.length === 0) return { input: { url }, covered: ['url'] }
  if (mediaType(request) !== 'application/x-www-form-urlencoded') {
    throw missing('bodySHA256, for a body that is not a form,')
  }
  return { input: { url, params: paramsOf(decodeUtf8(body, 'body')) }, covered: ['url', 'params'] }
}
