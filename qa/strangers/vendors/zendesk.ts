import { timingSafeEqual } from 'node:crypto'
import zendesk from 'fastify-contact-center/zendesk'
import { header, hmac, invalidUtf8, addMistake, parts, secret } from '../parts.ts'
import { pick, type Random, respellBase64, randomInteger } from '../random.ts'
import type { Stranger } from '../stranger.ts'

/**
 * Reimplements the PHP of cpazaras/zendesk-webhook-signature-verification-php: `hash_equals` of the
 * header and `base64_encode(hash_hmac('sha256', $timestamp . $body, $secret, true))`.
 */
function phpAccepts (signature: string, timestamp: string, body: Buffer): boolean {
  const expected = hmac(Buffer.concat([Buffer.from(timestamp), body])).toString('base64')
  return signature.length === expected.length &&
    timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
}

/**
 * Reimplements simstudioai/sim, apps/sim/lib/webhooks/providers/zendesk.ts: five minutes around the
 * result of `Date.parse` on the header, then the HMAC over the body decoded as text.
 */
function simAccepts (signature: string, timestamp: string, body: Buffer): boolean {
  if (signature === '' || timestamp === '') return false
  const signedAt = Date.parse(timestamp)
  if (Number.isNaN(signedAt) || Math.abs(Date.now() - signedAt) > 300_000) return false
  return hmac(timestamp + body.toString()).toString('base64') === signature
}

const anyDate = 'the implementation takes any text that Date.parse reads; Zendesk writes one form'
const isoTimes: Record<string, (now: number, random: Random) => string> = {
  'with milliseconds': now => new Date(now).toISOString(),
  'with nanoseconds': now => new Date(now).toISOString().replace('Z', '456789Z'),
  stale: (now, random) => wholeIso(now - 1000 * randomInteger(random, 302, 100_000)),
  future: (now, random) => wholeIso(now + 1000 * randomInteger(random, 302, 100_000)),
  'past edge': now => wholeIso(now - 298_000),
  'future edge': now => wholeIso(now + 298_000),
  'time with an offset': now => wholeIso(now + 32_400_000).replace('Z', '+09:00'),
  'time with a blank': now => wholeIso(now).replace('T', ' '),
  'time as mail writes it': now => new Date(now).toUTCString(),
  'time in small letters': now => wholeIso(now).toLowerCase(),
  'time in seconds': now => String(Math.floor(now / 1000)),
  'time in milliseconds': String,
  'no such month': now => wholeIso(now).replace(/-..-/, '-13-'),
  'no time': () => ''
}

function wholeIso (time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '')
}

/** Accepts what either of the two accepts. */
export const zendeskStranger: Stranger = {
  vendor: 'zendesk',
  packages: 'cpazaras (PHP), simstudioai/sim',
  decorator: 'zendesk',
  register: async (app, now) => {
    await app.register(zendesk, { keys: secret, now })
  },
  request (random, now) {
    const { kind: first, body, key, signed } = parts(random, now, false)
    const kind = first === 'genuine' && random() < 0.5
      ? pick(random, Object.keys(isoTimes))
      : first
    const time = (isoTimes[kind] ?? wholeIso)(now, random)
    if (kind === 'genuine' && random() < 0.05) {
      return {
        kind: 'not UTF-8',
        body: invalidUtf8,
        headers: {
          'x-zendesk-webhook-signature': hmac(Buffer.concat([Buffer.from(time), invalidUtf8]))
            .toString('base64'),
          'x-zendesk-webhook-signature-timestamp': time
        }
      }
    }
    const order = kind === 'genuine' && random() < 0.1 ? 'body before time' : kind
    const text = order === 'body before time' ? signed + time : time + signed
    return addMistake(
      random,
      {
        kind: order,
        body,
        headers: {
          'x-zendesk-webhook-signature': hmac(text, key).toString('base64'),
          'x-zendesk-webhook-signature-timestamp': time
        }
      },
      'x-zendesk-webhook-signature',
      {
        'base64 respelled': text => respellBase64(random, text),
        hex: text => Buffer.from(text, 'base64').toString('hex'),
        'prefix of another': text => `sha256=${text}`
      }
    )
  },
  accepts (sent) {
    const signature = header(sent, 'x-zendesk-webhook-signature')
    const timestamp = header(sent, 'x-zendesk-webhook-signature-timestamp')
    return phpAccepts(signature, timestamp, sent.body) ||
      simAccepts(signature, timestamp, sent.body)
  },
  stricter: {
    stale: 'the PHP looks at no time; captured requests verify for ever there',
    future: 'the same',
    'time in seconds': 'the same',
    'time in milliseconds': 'the same',
    'no such month': 'the same',
    'no time': 'the same',
    'time with an offset': anyDate,
    'time with a blank': anyDate,
    'time as mail writes it': anyDate,
    'time in small letters': anyDate,
    'not UTF-8': 'a handler would see other text than was signed'
  }
}
