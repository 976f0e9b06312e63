import { createHash } from 'node:crypto'
import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacSha256Digests,
  missingParts,
  type Reason
} from '../kit/explain/index.ts'
import { readClaims, type VonageInput } from './scheme.ts'

/** Known mistakes in code that signs Vonage's requests. */
export function createDiagnosis (): Diagnosis<VonageInput> {
  return {
    ...hmacSha256Digests,
    spelling: 'base64url',
    timeFormat: 'seconds',
    timestamp ({ claims }) {
      const { iat } = readClaims(claims, false)
      return iat === undefined ? undefined : `${iat}000`
    },
    reasons: hashReasons,
    *variants ({ header, claims, body }) {
      const encode = (text: string, encoding: BufferEncoding): string =>
        Buffer.from(text).toString(encoding)
      yield {
        code: 'base64',
        text: 'The client encodes the header and the claims in standard base64.',
        fix: 'Encode both in url-safe base64 without padding.',
        message: `${encode(header, 'base64')}.${encode(claims, 'base64')}`
      }
      yield {
        code: 'not-encoded',
        text: 'The client signs the header and the claims as JSON.',
        fix: 'Sign both in url-safe base64, with a full stop between them.',
        message: `${header}.${claims}`
      }
      yield {
        code: 'header-missing',
        text: 'The signature does not cover the header.',
        fix: 'Sign the header and the claims, with a full stop between them.',
        message: encode(claims, 'base64url')
      }
      yield {
        code: 'separator',
        text: 'The signed text has no full stop between the header and the claims.',
        fix: 'Sign the header and the claims, with a full stop between them.',
        message: encode(header, 'base64url') + encode(claims, 'base64url')
      }
      const token = (text: string): string => `${encode(header, 'base64url')}.${text}`
      yield {
        code: 'claims-reserialised',
        text: 'The client rewrites the claims after signing them.',
        fix: 'Send the exact text that you sign.',
        message: token(encode(JSON.stringify(JSON.parse(claims)), 'base64url'))
      }
      yield {
        code: 'token-of-body',
        text: 'The client signs the body instead of the claims.',
        fix: 'Sign claims that hold the hash of the body as payload_hash.',
        message: token(encode(Buffer.from(body ?? '').toString(), 'base64url'))
      }
      yield {
        code: 'body-only',
        text: 'The client signs the body instead of a token.',
        fix: 'Sign a token whose claims hold the hash of the body as payload_hash.',
        message: body ?? ''
      }
    },
    extract ({ headers, body }) {
      const token = (headers.get('authorization') ?? '').replace(/^Bearer /i, '')
      const [header = '', claims = '', signature = ''] = token.split('.')
      const decode = (text: string): string => Buffer.from(text, 'base64url').toString()
      return {
        input: {
          header: decode(header),
          claims: decode(claims),
          ...body.length > 0 && { body }
        },
        signature
      }
    },
    missing: request => missingParts(headerPart(request, 'Authorization'))
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

const fix = 'Put the SHA-256 of the exact bytes that you send into payload_hash, in lower-case hex.'

/** The reasons why the claim payload_hash is not the hash of the body. */
function hashReasons ({ claims, body = '' }: VonageInput): Reason[] {
  const { payload_hash: claimedHash } = readClaims(claims, false)
  const text = Buffer.from(body).toString()
  const hash = (content: string): Buffer => createHash('sha256').update(content).digest()
  const correctHash = hash(text)
  if (claimedHash === correctHash.toString('hex') || (claimedHash === undefined && text === '')) {
    return []
  }
  if (claimedHash === undefined) {
    return [{ code: 'payload-hash-missing', text: 'The claim payload_hash is missing.', fix }]
  }
  const misspellings = [correctHash.toString('hex').toUpperCase(), correctHash.toString('base64')]
  if (misspellings.includes(claimedHash) || claimedHash === correctHash.toString('base64url')) {
    return [{ code: 'payload-hash-spelling', text: 'payload_hash is not lower-case hex.', fix }]
  }
  for (const [mistakenText, reason] of bodyMistakes(text)) {
    if (hash(mistakenText).toString('hex') === claimedHash) return [reason]
  }
  return [{ code: 'payload-hash', text: 'payload_hash is the hash of another body.', fix }]
}
