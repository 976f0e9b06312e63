import { createHash, createHmac, generateKeyPairSync, sign, timingSafeEqual } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import intercom from 'fastify-contact-center/intercom'
import line from 'fastify-contact-center/line'
import standardWebhooks from 'fastify-contact-center/standard-webhooks'
import telnyx from 'fastify-contact-center/telnyx'
import vonage from 'fastify-contact-center/vonage'
import whatsapp from 'fastify-contact-center/whatsapp'
import zendesk from 'fastify-contact-center/zendesk'
import zoom from 'fastify-contact-center/zoom'
import { genesysAudiohookStranger } from './genesys-audiohook.ts'
import { load } from './packages.ts'
import { event, pick, type Random, respelled, rewritten, tampered, whole } from './random.ts'
import type { Case, Sent, Stranger } from './stranger.ts'
import { twilioStranger } from './twilio.ts'

const secret = 'the-secret-of-the-comparison'
const other = 'a-secret-of-somebody-else'
const hmac = (text: string | Uint8Array, key: string | Uint8Array = secret): Buffer =>
  createHmac('sha256', key).update(text).digest()
const invalidUtf8 = Buffer.from('{"event":"\xff"}', 'latin1')
const header = ({ headers }: Sent, name: string): string => headers[name] ?? ''

/** What can be wrong with the time of a request, beside what is signed. */
const times: Record<string, (seconds: number, random: Random) => string> = {
  stale: (at, random) => String(at - whole(random, 302, 100_000)),
  future: (at, random) => String(at + whole(random, 302, 100_000)),
  'past edge': at => String(at - 299),
  'future edge': at => String(at + 299),
  'time with zeros': at => `0${at}`,
  'time with letters': at => `${at}abc`,
  'time with a fraction': at => `${at}.5`,
  'time with a sign': at => `+${at}`,
  'time with a blank': at => ` ${at}`,
  'time in milliseconds': at => `${at}000`,
  'time in exponents': at => `${at / 1e9}e9`,
  'no time': () => ''
}

interface Parts {
  readonly body: string
  readonly time: string
  readonly key: string
  readonly signed: string
}

/**
 * A kind and the parts that it is made of: what is sent, and what is signed. Half of the requests
 * are genuine or on the edge of it.
 */
function parts (random: Random, now: number, timed: boolean): Parts & { kind: string } {
  const seconds = Math.floor(now / 1000)
  const body = event(random)
  const genuine = { body, signed: body, time: String(seconds), key: secret }
  const kinds = [
    'genuine',
    'genuine',
    'genuine, written otherwise',
    'tampered',
    'written otherwise after signing',
    'other key',
    ...timed ? Object.keys(times) : []
  ]
  const kind = pick(random, kinds)
  const written = rewritten(random, body)
  switch (kind) {
    case 'genuine, written otherwise':
      return { ...genuine, kind, body: written, signed: written }
    case 'tampered':
      return { ...genuine, kind, body: tampered(random, body) }
    case 'written otherwise after signing':
      return { ...genuine, kind, body: written }
    case 'other key':
      return { ...genuine, kind, key: other }
    default:
      return { ...genuine, kind, time: times[kind]?.(seconds, random) ?? genuine.time }
  }
}

/** What can be wrong with a header that is right. */
function mistreated (
  random: Random,
  one: Case,
  name: string,
  more: Readonly<Record<string, (signature: string) => string | readonly string[]>>
): Case {
  if (one.kind !== 'genuine' || random() < 0.5) return one
  const signature = String(one.headers[name])
  const all: typeof more = {
    'signature twice': text => [text, text],
    'signature changed': text =>
      text.slice(0, 12) + (text.charAt(12) === '7' ? '8' : '7') + text.slice(13),
    'signature cut': text => text.slice(0, -1),
    'no signature': () => '',
    ...more
  }
  const kind = pick(random, Object.keys(all))
  return { ...one, kind, headers: { ...one.headers, [name]: all[kind]?.(signature) ?? '' } }
}

const hexMistakes = {
  'upper-case hex': (text: string) => text.replace(/[0-9a-f]{64}/, hex => hex.toUpperCase()),
  'prefix missing': (text: string) => text.replace(/^[^=]*=/, ''),
  'prefix of another': (text: string) => text.replace(/^[^=]*=/, 'sha1='),
  'prefix twice': (text: string) => text.replace(/^[^=]*=/, '$&$&'),
  'blank before': (text: string) => ` ${text}`
}

const { AwsLambdaReceiver } = load('@zoom/rivet/phone') as {
  AwsLambdaReceiver: new(options: { webhooksSecretToken: string }) => {
    start(): (event: object, context: object) => Promise<{ statusCode: number }>
  }
}
const rivet = new AwsLambdaReceiver({ webhooksSecretToken: secret }).start()

/** Rivet writes every event to the console. */
async function quietly<T> (work: () => Promise<T>): Promise<T> {
  const { debug, error } = console
  console.debug = console.error = () => {}
  try {
    return await work()
  } finally {
    Object.assign(console, { debug, error })
  }
}

const noTime = 'the package looks at no time; captured requests verify for ever there'
const timeText = 'the package reads the time as a number; the text that is sent is what is signed'

const zoomStranger: Stranger = {
  vendor: 'zoom',
  packages: '@zoom/rivet',
  decorator: 'zoom',
  register: async (app, now) => {
    await app.register(zoom, { keys: secret, now })
  },
  request (random, now) {
    const { kind, body, time, key, signed } = parts(random, now, true)
    // As the package reads the time, for the kinds that it would take.
    const at = kind.startsWith('time ') && random() < 0.5 ? String(Number(time)) : time
    return mistreated(
      random,
      {
        kind,
        body,
        headers: {
          'x-zm-signature': `v0=${hmac(`v0:${at}:${signed}`, key).toString('hex')}`,
          'x-zm-request-timestamp': time
        }
      },
      'x-zm-signature',
      hexMistakes
    )
  },
  accepts: async ({ headers, body }) =>
    await quietly(async () =>
      (await rivet({ headers, body: body.toString(), isBase64Encoded: false }, {})).statusCode ===
        200
    ),
  stricter: {
    stale: noTime,
    future: noTime,
    'time in milliseconds': noTime,
    'time with zeros': timeText,
    'time with a fraction': timeText,
    'time with a sign': timeText,
    'time with a blank': timeText,
    'time in exponents': timeText,
    'time with letters': timeText,
    'no time': timeText,
    'written otherwise after signing':
      'the package writes the body anew before it signs, so changes of it pass'
  },
  faults: {
    'genuine, written otherwise':
      'the package writes the body anew before it signs: it refuses bytes that JavaScript would not write'
  }
}

const { generateXHub256Sig } = load('./node_modules/whatsapp/build/utils.js') as {
  generateXHub256Sig(body: string, appSecret: string): string
}

const whatsappStranger: Stranger = {
  vendor: 'whatsapp',
  packages: 'whatsapp',
  decorator: 'whatsapp',
  register: async (app, now) => {
    await app.register(whatsapp, { keys: secret, now })
  },
  request (random, now) {
    const { kind, body, key, signed } = parts(random, now, false)
    return mistreated(
      random,
      {
        kind,
        body,
        headers: { 'x-hub-signature-256': `sha256=${hmac(signed, key).toString('hex')}` }
      },
      'x-hub-signature-256',
      hexMistakes
    )
  },
  // The package's own server throws on every body; this is what it does before and after.
  accepts: sent =>
    generateXHub256Sig(sent.body.toString(), secret) ===
      header(sent, 'x-hub-signature-256').replace('sha256=', ''),
  stricter: {
    'prefix missing': 'the package takes a signature without sha256='
  }
}

const { validateSignature } = load('@line/bot-sdk') as {
  validateSignature(body: Buffer, channelSecret: string, signature: string): boolean
}
const lenient = 'the package takes any spelling of base64: a copy could look new to a replay store'

const lineStranger: Stranger = {
  vendor: 'line',
  packages: '@line/bot-sdk',
  decorator: 'line',
  register: async (app, now) => {
    await app.register(line, { keys: secret, now })
  },
  request (random, now) {
    const { kind, body, key, signed } = parts(random, now, false)
    if (kind === 'genuine' && random() < 0.05) {
      return {
        kind: 'not UTF-8',
        body: invalidUtf8,
        headers: { 'x-line-signature': hmac(invalidUtf8).toString('base64') }
      }
    }
    return mistreated(
      random,
      {
        kind,
        body,
        headers: { 'x-line-signature': hmac(signed, key).toString('base64') }
      },
      'x-line-signature',
      {
        'base64 respelled': text => respelled(random, text),
        hex: text => Buffer.from(text, 'base64').toString('hex'),
        'prefix of another': text => `sha256=${text}`
      }
    )
  },
  accepts: sent => validateSignature(sent.body, secret, header(sent, 'x-line-signature')),
  stricter: {
    'base64 respelled': lenient,
    'signature cut': lenient,
    'signature twice': 'the package gets both as one text, of which Node decodes the first',
    'not UTF-8': 'a handler would see other text than was signed'
  }
}

const keyBytes = Buffer.from('the bytes of the key of standard')
const whsec = `whsec_${keyBytes.toString('base64')}`
type WebhookClass = new(secret: string) => {
  verify(payload: Buffer, headers: object): unknown
}
const { Webhook } = load('standardwebhooks') as { Webhook: WebhookClass }
const svix = load('svix') as { Webhook: WebhookClass }
const verifiers = [new Webhook(whsec), new svix.Webhook(whsec)]
const parsed = 'the package reads the time by parseInt; the text that is sent is what is signed'
const junk = 'the package passes over text that is no signature; no sender writes it'

const standardStranger: Stranger = {
  vendor: 'standard-webhooks',
  packages: 'standardwebhooks, svix',
  decorator: 'standardWebhooks',
  register: async (app, now) => {
    await app.register(standardWebhooks, { keys: whsec, now, replay: false })
  },
  request (random, now) {
    const { kind, body, time, key, signed } = parts(random, now, true)
    const dotted = kind === 'genuine' && random() < 0.1
    const id = dotted ? 'msg.1' : `msg_${whole(random, 1, 1e6)}`
    // The packages sign the number that they read.
    const at = kind.startsWith('time ') && random() < 0.5 ? String(parseInt(time, 10)) : time
    const mac = (key_: string | Uint8Array): string =>
      `v1,${hmac(`${id}.${at}.${signed}`, key_).toString('base64')}`
    return mistreated(
      random,
      {
        kind: dotted ? 'full stop in the id' : kind,
        body,
        headers: {
          'webhook-id': id,
          'webhook-timestamp': time,
          'webhook-signature': mac(key === secret ? keyBytes : key)
        }
      },
      'webhook-signature',
      {
        'several signatures': text =>
          pick(random, [`${mac(other)} ${text}`, `${text} ${mac(other)}`]),
        'other versions too': text => `v1a,${'A'.repeat(86)}== ${text}`,
        'more than ten signatures': text => `${`${mac(other)} `.repeat(10)}${text}`,
        'only others': () => `${mac(other)} v1a,AAAA`,
        'blanks between': text => pick(random, [`${mac(other)}  ${text}`, `${text} `]),
        'junk beside': text => pick(random, [`junk ${text}`, `${text},junk`, `v1,x ${text}`]),
        'base64 respelled': text => `v1,${respelled(random, text.slice(3))}`,
        'prefix missing': text => text.slice(3),
        'prefix of another': text => `v1=${text.slice(3)}`,
        hex: text => `v1,${Buffer.from(text.slice(3), 'base64').toString('hex')}`
      }
    )
  },
  accepts ({ headers, body }) {
    const verdicts = verifiers.map(verifier => {
      try {
        verifier.verify(body, headers)
        return true
      } catch {
        return false
      }
    })
    if (new Set(verdicts).size > 1) throw new Error('the two packages disagree')
    return verdicts[0] === true
  },
  stricter: {
    'time with zeros': parsed,
    'time with letters': parsed,
    'time with a fraction': parsed,
    'time with a sign': parsed,
    'time with a blank': parsed,
    'full stop in the id': 'the border between id and time would be open',
    'more than ten signatures': 'each costs a comparison',
    'blanks between': junk,
    'junk beside': junk,
    'base64 respelled': `${junk}, such as a further blank`,
    'signature twice': 'two headers would have to be read as one'
  }
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519').privateKey
const telnyxKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
const { TelnyxWebhook } = load('telnyx/lib/webhooks') as {
  TelnyxWebhook: new(key: string) => { verify(payload: string, headers: object): Promise<void> }
}
const telnyxWebhook = new TelnyxWebhook(telnyxKey)

const telnyxStranger: Stranger = {
  vendor: 'telnyx',
  packages: 'telnyx',
  decorator: 'telnyx',
  register: async (app, now) => {
    await app.register(telnyx, { keys: telnyxKey, now })
  },
  request (random, now) {
    const { kind, body, time, key, signed } = parts(random, now, true)
    const signature = sign(
      null,
      Buffer.from(`${time}|${signed}`),
      key === secret ? privateKey : stranger
    )
    return mistreated(
      random,
      {
        kind,
        body,
        headers: {
          'telnyx-signature-ed25519': signature.toString('base64'),
          'telnyx-timestamp': time
        }
      },
      'telnyx-signature-ed25519',
      {
        'base64 respelled': text => respelled(random, text),
        hex: text => Buffer.from(text, 'base64').toString('hex'),
        'all zeros': () => Buffer.alloc(64).toString('base64')
      }
    )
  },
  async accepts ({ headers, body }) {
    await telnyxWebhook.verify(body.toString(), headers)
    return true
  },
  stricter: {
    'time with zeros': 'a time has one text',
    'base64 respelled': 'the package takes a last digit whose spare bits are not zero'
  }
}

const { verifySignature } = load('@vonage/jwt') as {
  verifySignature(token: string, secret: string): boolean
}
const b64url = (text: string): string => Buffer.from(text).toString('base64url')
const head = '{"alg":"HS256","typ":"JWT"}'
let tokens = 0

const vonageStranger: Stranger = {
  vendor: 'vonage',
  packages: '@vonage/jwt',
  decorator: 'vonage',
  register: async (app, now) => {
    await app.register(vonage, { keys: secret, now, apiKey: 'a1b2c3d4', replay: false })
  },
  request (random, now) {
    const { kind, body, key, signed } = parts(random, now, false)
    const iat = Math.floor(now / 1000)
    const claims: Record<string, unknown> = {
      iat,
      jti: `t${++tokens}`,
      iss: 'Vonage',
      payload_hash: createHash('sha256').update(signed).digest('hex'),
      api_key: 'a1b2c3d4'
    }
    const changes: Record<string, object> = {
      'expiry to come': { exp: iat + whole(random, 1, 1000) },
      expired: { exp: iat - whole(random, 0, 1000) },
      'expiry as text': { exp: String(iat + 10) },
      'expiry with a fraction': { exp: iat + 10.5 },
      'not before now': { nbf: iat - 1 },
      'not before later': { nbf: iat + 100 },
      stale: { iat: iat - whole(random, 302, 100_000) },
      future: { iat: iat + whole(random, 302, 100_000) },
      'no time': { iat: undefined },
      'no id': { jti: undefined },
      'no hash': { payload_hash: undefined },
      'other account': { api_key: 'ffffffff' }
    }
    const heads: Record<string, string> = {
      crit: '{"alg":"HS256","crit":["exp"]}',
      none: '{"alg":"none"}',
      HS512: '{"alg":"HS512"}',
      RS256: '{"alg":"RS256"}',
      'header in another order': '{"typ":"JWT","alg":"HS256"}'
    }
    const changed = kind === 'genuine' && random() < 0.6
      ? pick(random, [...Object.keys(changes), ...Object.keys(heads)])
      : kind
    const text = `${b64url(heads[changed] ?? head)}.${
      b64url(JSON.stringify({ ...claims, ...changes[changed] }))
    }`
    return mistreated(
      random,
      {
        kind: changed,
        body,
        headers: { authorization: `Bearer ${text}.${hmac(text, key).toString('base64url')}` }
      },
      'authorization',
      {
        'signature respelled': token => `${token}=`,
        'spare bits': token => {
          // Signed anew, so that only the spelling is odd.
          const odd = `${b64url(head)}.${oddSpelling(b64url(JSON.stringify(claims)))}`
          return token.startsWith('Bearer ')
            ? `Bearer ${odd}.${hmac(odd).toString('base64url')}`
            : token
        },
        'prefix in small letters': token => token.replace('Bearer', 'bearer'),
        'no signature in it': token => token.slice(0, token.lastIndexOf('.') + 1)
      }
    )
  },
  accepts: sent => verifySignature(header(sent, 'authorization').replace(/^bearer /i, ''), secret),
  stricter: {
    tampered: 'the package leaves the hash of the body to its user',
    'written otherwise after signing': 'the same',
    'no hash': 'the same',
    stale: 'the package does not look at iat',
    future: 'the same',
    'no time': 'the same',
    'no id': 'nothing would tell a copy',
    'other account': 'the account is configured here',
    'not before now': 'Vonage sends no nbf',
    'expiry with a fraction': 'times are whole seconds',
    crit: 'an extension that must be understood is not',
    'spare bits': 'a token has one spelling',
    'prefix in small letters': 'Vonage writes Bearer',
    'signature twice': 'Node keeps the first of two silently'
  }
}

/** Another spelling of the same bytes, where there is one. */
function oddSpelling (part: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.length % 4 === 0
    ? part
    : part.slice(0, -1) + digits.charAt(digits.indexOf(part.slice(-1)) ^ 1)
}

/**
 * What the PHP of cpazaras/zendesk-webhook-signature-verification-php does: `hash_equals` of the
 * header and `base64_encode(hash_hmac('sha256', $timestamp . $body, $secret, true))`.
 */
function phpAccepts (signature: string, timestamp: string, body: Buffer): boolean {
  const wanted = hmac(Buffer.concat([Buffer.from(timestamp), body])).toString('base64')
  return signature.length === wanted.length &&
    timingSafeEqual(Buffer.from(signature), Buffer.from(wanted))
}

/**
 * What simstudioai/sim does in apps/sim/lib/webhooks/providers/zendesk.ts: five minutes around what
 * `Date.parse` makes of the header, then the HMAC over the body decoded as text.
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
  stale: (now, random) => wholeIso(now - 1000 * whole(random, 302, 100_000)),
  future: (now, random) => wholeIso(now + 1000 * whole(random, 302, 100_000)),
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

/** What either of the two takes. */
const zendeskStranger: Stranger = {
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
    return mistreated(
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
        'base64 respelled': text => respelled(random, text),
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

const { default: XHubSignature } = await import(
  pathToFileURL(load.resolve('x-hub-signature')).href
) as {
  default: new(algorithm: string, secret: string) => {
    verify(expectedSignature: string, requestBody: Buffer): boolean
  }
}
const xHub = new XHubSignature('sha1', secret)

const intercomStranger: Stranger = {
  vendor: 'intercom',
  packages: 'x-hub-signature',
  decorator: 'intercom',
  register: async (app, now) => {
    await app.register(intercom, { keys: secret, now })
  },
  request (random, now) {
    const { kind, body, key, signed } = parts(random, now, false)
    const bytes = kind === 'genuine' && random() < 0.05 ? invalidUtf8 : undefined
    const mac = createHmac('sha1', key).update(bytes ?? signed).digest('hex')
    return mistreated(
      random,
      {
        kind: bytes === undefined ? kind : 'not UTF-8',
        body: bytes ?? body,
        headers: { 'x-hub-signature': `sha1=${mac}` }
      },
      'x-hub-signature',
      {
        'upper-case hex': text => text.replace(/[0-9a-f]{40}/, hex => hex.toUpperCase()),
        'prefix missing': text => text.slice('sha1='.length),
        'prefix of another': text => text.replace('sha1=', 'sha256='),
        'prefix twice': text => `sha1=${text}`,
        'SHA-256': () => `sha256=${hmac(signed).toString('hex')}`
      }
    )
  },
  accepts: sent => xHub.verify(header(sent, 'x-hub-signature'), sent.body),
  stricter: {
    'not UTF-8': 'a handler would see other text than was signed'
  }
}

export const strangers: readonly Stranger[] = [
  twilioStranger,
  genesysAudiohookStranger,
  zendeskStranger,
  intercomStranger,
  zoomStranger,
  whatsappStranger,
  lineStranger,
  standardStranger,
  telnyxStranger,
  vonageStranger
]
