import type { FastifyRequest } from 'fastify'
import { stacklessError, SignatureInvalid } from '../kit/errors.ts'
import {
  capturedBody,
  decodeUtf8,
  isInt64,
  parseForm,
  parseQuery,
  malformed,
  missing
} from '../kit/index.ts'
import { isBase64Sha256 } from '../kit/wire/mac.ts'
import { mediaType } from '../kit/wire/media-type.ts'
import { isBlank } from './blank.ts'
import { type OnlineContactInput, signedValues } from './fields.ts'

/**
 * Reads a member and the token from a request: from the query of the GET type, where the service is
 * the route parameter `service` or the option, else from the form in the body.
 */
export function readMember (
  request: FastifyRequest,
  configuredService: string | undefined
) {
  const fromLink = request.method === 'GET' || request.method === 'HEAD'
  const fields = fromLink ? parseQuery(request.url) : readForm(request)
  const service = fromLink ? readService(request) ?? configuredService : fields.get('service')
  const input: OnlineContactInput = {
    service: requirePart('service', service),
    usercode: requirePart('usercode', fields.get('usercode')),
    time: requirePart('time', fields.get('time'))
  }
  for (const name of ['username', 'email', 'phone', 'memberno', 'returnUrl'] as const) {
    const value = fields.get(name)
    // The GET type has no returnUrl, so one in the query is not signed.
    if (value !== undefined && !(fromLink && name === 'returnUrl')) input[name] = value
  }
  if (fromLink && isBlank(input.email ?? '')) throw missing('email')
  const token = readToken(requirePart('token', fields.get('token')), fromLink)
  if (token === null) throw malformed('token is not 44 characters of padded standard base64')
  const timestamp = String(input.time)
  if (!isInt64(timestamp)) throw malformed('time is not 1 to 19 digits of at most 2^63-1')
  // Several help centres may share one organization's key: refuse tokens for the others.
  if (configuredService !== undefined && input.service !== configuredService) {
    throw new SignatureInvalid({ cause: stacklessError('the token is for another service') })
  }
  return {
    input,
    signature: token,
    timestamp,
    once: token,
    covered: signedValues(input).map(([name]) => name)
  }
}

/**
 * A token in its one canonical spelling, or null. In a query string, a space is a `+` that was not
 * encoded.
 */
export function readToken (text: string, inQuery: boolean): string | null {
  const token = inQuery ? text.replaceAll(' ', '+') : text
  return isBase64Sha256(token) ? token : null
}

function readForm (request: FastifyRequest): Map<string, string> {
  // With any other media type, the handler would see other fields than were verified.
  if (mediaType(request) !== 'application/x-www-form-urlencoded') {
    throw malformed('the body is not application/x-www-form-urlencoded')
  }
  return parseForm(decodeUtf8(capturedBody(request), 'body'), 'body')
}

function readService (request: FastifyRequest): string | undefined {
  const { service } = request.params as { service?: string }
  return service
}

function requirePart (name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw missing(name)
  return value
}
