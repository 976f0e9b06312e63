import type { FastifyRequest } from 'fastify'
import { SignatureInvalid, SignatureMalformed } from '../../../plugins/kit/errors.ts'
import { isBase64Sha256 } from '../../../plugins/kit/wire/mac.ts'
import { mostSignatures, readSignatures } from '../../../plugins/standard-webhooks/scheme.ts'
import { readWebhook } from '../../../plugins/vonage/read.ts'
import { answerSubscription } from '../../../plugins/whatsapp/subscription.ts'
import { answerValidation } from '../../../plugins/zoom/validation.ts'
import type { Target } from '../target.ts'
import { mustHold, mustNotPollute, catchRefusal } from './must.ts'

const mac = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

/** The parsed signatures are those that the senders' libraries would check. */
export const webhookSignatures: Target = {
  name: 'webhook-signatures',
  about: ['plugins/standard-webhooks/scheme.ts'],
  tokens: [
    `v1,${mac}`,
    `v1,${mac} v1,${mac}`,
    'v1a,AAAA',
    'v2,x',
    ' ',
    ',',
    'v1',
    'v01,',
    '=',
    '\n'
  ],
  check (bytes) {
    const text = bytes.toString('latin1')
    const signatures = readSignatures(text)
    if (signatures === null) return
    const librarySignatures = text.split(' ').filter(signature => signature.split(',')[0] === 'v1')
    mustHold(
      signatures.join(' ') === librarySignatures.join(' '),
      'other signatures were read than libraries read'
    )
    mustHold(
      signatures.length > 0 && text.split(' ').length <= mostSignatures,
      'too few or too many signatures'
    )
    mustHold(
      signatures.every(signature => isBase64Sha256(signature.slice(3))),
      'another spelling was read'
    )
  }
}

const part = (text: string): string => Buffer.from(text).toString('base64url')
const token = `${part('{"alg":"HS256"}')}.${part('{"iat":1,"jti":"1"}')}.${mac.slice(0, -1)}`
  .replaceAll('+', '-').replaceAll('/', '_')

/** A parsed token has one spelling: serializing it gives the same text. */
export const tokens: Target = {
  name: 'tokens',
  about: ['plugins/vonage/read.ts', 'plugins/vonage/scheme.ts'],
  tokens: [
    token,
    token.slice(0, -1),
    part('{"iat":1,"jti":"1","exp":2}'),
    '.',
    '=',
    'AA',
    '-_',
    ' '
  ],
  check (bytes) {
    const text = bytes.toString('latin1')
    const request = {
      raw: { rawHeaders: ['Authorization', `Bearer ${text}`] },
      method: 'GET',
      originalUrl: '/'
    } as unknown as FastifyRequest
    const webhook = catchTokenRefusal(() =>
      readWebhook(request, { apiKey: undefined, strict: true })
    )
    if (webhook === undefined) return
    const { input: { header, claims }, signature } = webhook
    mustHold(
      `${part(header)}.${part(claims)}.${signature}` === text,
      'a token has another spelling'
    )
    mustNotPollute()
  }
}

function catchTokenRefusal<T> (step: () => T): T | undefined {
  try {
    return catchRefusal(step)
  } catch (error) {
    if (error instanceof SignatureMalformed || error instanceof SignatureInvalid) return undefined
    throw error
  }
}

const verifyToken = 'a-verify-token-of-ours'

/**
 * Content signed or echoed for untrusted callers uses a safe alphabet and is exactly their input.
 */
export const handshakes: Target = {
  name: 'handshakes',
  about: ['plugins/zoom/validation.ts', 'plugins/whatsapp/subscription.ts'],
  tokens: [
    '{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event":"endpoint.url_validation"}',
    '{"payload":{"plainToken":"v0:1:{}"},"event":"endpoint.url_validation"}',
    '"endpoint.url_validation"',
    `hub.mode=subscribe&hub.verify_token=${verifyToken}&hub.challenge=1`,
    '&hub.challenge=<b>',
    '%3Cscript%3E',
    '+',
    '__proto__'
  ],
  check (bytes) {
    const answer = answerValidation(
      { input: { body: bytes, timestamp: '1' }, signature: '', once: '', covered: [] },
      'a-key-of-at-least-16'
    )
    if (answer !== undefined) {
      const { plainToken } = answer.body as { plainToken: string }
      mustHold(/^[\w+/=-]{1,256}$/.test(plainToken), 'something else than a token was signed')
    }
    const echo = answerSubscription(
      { method: 'GET', originalUrl: `/?${bytes.toString('latin1')}` } as FastifyRequest,
      verifyToken
    )
    if (echo !== undefined) {
      mustHold(
        /^[\w-]{1,128}$/.test(String(echo.body)),
        'something else than a challenge was echoed'
      )
      mustHold(echo.type?.startsWith('text/plain') === true, 'a challenge is text')
    }
    mustNotPollute()
  }
}
