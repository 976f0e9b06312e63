import type { FastifyRequest } from 'fastify'
import { stacklessError, SignatureInvalid } from '../kit/errors.ts'
import {
  type Body,
  decodeUtf8,
  malformed,
  parseQuery,
  type Received,
  signedJson,
  singleHeader
} from '../kit/index.ts'
import { readClaims, type VonageInput } from './scheme.ts'

/** Vonage's own tokens have some 400 characters. */
const mostCharacters = 4096
// Of 43 digits that encode 32 bytes, the last has two unused bits, which must be zero.
const bearer = /^Bearer ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/

/** Reads the signed parts of a request. */
export function readWebhook (
  request: FastifyRequest,
  { apiKey, strict }: { readonly apiKey: string | undefined, readonly strict: boolean }
): Received<VonageInput> {
  const authorization = singleHeader(request, 'Authorization')
  const [, encodedHeader = '', encodedClaims = '', signature = ''] =
    authorization.length > mostCharacters
      ? []
      : bearer.exec(authorization) ?? []
  if (signature === '') {
    throw malformed('Authorization is not Bearer and a token of three parts in url-safe base64')
  }
  const [header, claims] = [
    decodePart(encodedHeader, 'header'),
    decodePart(encodedClaims, 'claims')
  ]
  const { iat, exp, jti, api_key: account } = readClaims(claims, strict)
  if (apiKey !== undefined && account !== apiKey) {
    throw new SignatureInvalid({ cause: stacklessError('the token belongs to another account') })
  }
  const body = signedBody(request)
  return {
    input: { header, claims, ...body.bytes !== undefined && { body: body.bytes } },
    signature,
    timestamp: iat === undefined ? null : `${iat}000`,
    ...exp !== undefined && { notAfter: exp * 1000 - 1 },
    ...jti !== undefined && { nonce: jti },
    once: jti ?? signature,
    covered: ['claims', ...body.covered]
  }
}

/** Only the canonical spelling: another spelling would pass for another token. */
function decodePart (part: string, label: string): string {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) {
    throw malformed(`the ${label} of the token is not canonical url-safe base64`)
  }
  return decodeUtf8(bytes, label)
}

/** Of a GET, which has no body, Vonage hashes the query as a JSON object. */
function signedBody (
  request: FastifyRequest
): { bytes: Body | undefined, covered: readonly string[] } {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { bytes: signedJson(request), covered: ['body'] }
  }
  const query = parseQuery(request.originalUrl)
  return query.size === 0
    ? { bytes: undefined, covered: [] }
    : { bytes: JSON.stringify(Object.fromEntries(query)), covered: ['query'] }
}
