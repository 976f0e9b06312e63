import { createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { createScheme as intercom } from '../../../plugins/intercom/index.ts'
import { SignatureMalformed, SignatureMissing } from '../../../plugins/kit/errors.ts'
import { signatureHeader } from '../../../plugins/kit/index.ts'
import { createScheme as zendesk } from '../../../plugins/zendesk/index.ts'
import type { Target } from '../target.ts'
import { mustHold, mustVerify, catchRefusal } from './must.ts'

const secret = 'a-key-of-at-least-16'
const [strict, loose] = [zendesk(), zendesk({ strict: false })]
const notifications = intercom()
const forms = {
  zendesk: { encoding: 'base64', byteLength: 32 },
  intercom: { encoding: 'hex', byteLength: 20, prefix: 'sha1=' }
} as const

/**
 * Zendesk's and Intercom's webhooks: a signed text of time and body splits at one place only, and
 * each accepted signature has one spelling.
 */
export const hooks: Target = {
  name: 'hooks',
  about: [
    'plugins/zendesk/scheme.ts',
    'plugins/intercom/scheme.ts',
    'plugins/kit/hmac-scheme.ts',
    'plugins/kit/wire/headers.ts'
  ],
  tokens: [
    '2024-04-17T17:18:10Z\n{"id":1}',
    '2024-04-17T17:18:10.123456789Z\nZ',
    '2024-04-17T17:18:10+09:00\n',
    '2024-04-17T17:18:10',
    'Z',
    '.',
    '\n',
    'sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'sha256=',
    'DA39A3EE',
    '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    '=',
    ' ',
    '\u00e9'
  ],
  check (bytes) {
    const lineEnd = bytes.indexOf(0x0a)
    const first = (lineEnd < 0 ? bytes : bytes.subarray(0, lineEnd)).toString()
    const body = lineEnd < 0 ? Buffer.alloc(0) : bytes.subarray(lineEnd + 1)
    for (const scheme of [strict, loose]) mustVerify(scheme, { timestamp: first, body })
    const message = catchRefusal(() => String(strict.message({ timestamp: first, body }, secret)))
    mustHold(
      message === undefined || message.slice(0, message.indexOf('Z') + 1) === first,
      'the time ends elsewhere'
    )
    const signed = catchRefusal(() => notifications.sign({ body }, secret))
    mustHold(
      signed === undefined ||
        signed === `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
      'other bytes were signed'
    )
    mustHold(isReadable(first, 'zendesk') === isOneSpelling(first), 'a base64 signature')
    mustHold(
      isReadable(first, 'intercom') === /^sha1=[0-9a-f]{40}$/.test(first),
      'a hex signature'
    )
  }
}

function isOneSpelling (text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 && bytes.toString('base64') === text
}

function isReadable (text: string, form: keyof typeof forms): boolean {
  const request = { raw: { rawHeaders: ['X', text] } } as FastifyRequest
  try {
    return signatureHeader(request, 'X', forms[form]) === text
  } catch (error) {
    if (error instanceof SignatureMissing || error instanceof SignatureMalformed) return false
    throw error
  }
}
