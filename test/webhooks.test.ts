import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { explain, type Diagnosis } from 'fastify-contact-center/explain'
import type { Key } from 'fastify-contact-center'
import { isEpochSeconds, type Scheme, type Verifier } from 'fastify-contact-center/kit'
import intercom, * as intercomVendor from 'fastify-contact-center/intercom'
import line, * as lineVendor from 'fastify-contact-center/line'
import standardWebhooks, * as standardVendor from 'fastify-contact-center/standard-webhooks'
import telnyx, * as telnyxVendor from 'fastify-contact-center/telnyx'
import vonage, * as vonageVendor from 'fastify-contact-center/vonage'
import whatsapp, * as whatsappVendor from 'fastify-contact-center/whatsapp'
import zoom, * as zoomVendor from 'fastify-contact-center/zoom'
import zendesk, * as zendeskVendor from 'fastify-contact-center/zendesk'
import t, { type Test } from 'tap'
import { timeReasons } from '../plugins/kit/explain/time-reasons.ts'
import { build, now, unlessRefused } from './helper.ts'

// Tests of single webhook vendors: 'zoom', 'whatsapp', 'line', 'standard-webhooks', 'telnyx',
// 'vonage', 'zendesk' and 'intercom'. The contract suite and qa/strangers cover what they share.
// The tests of 'twilio' are in test/twilio/, those of 'genesys-audiohook' in
// test/genesys-audiohook/.

type Headers = Record<string, string>
type Content = string | Uint8Array

const secret = 'a-key-of-at-least-16'
const seconds = String(Math.floor(now / 1000))
const json = { 'content-type': 'application/json' }
const whsec = `whsec_${Buffer.from(secret).toString('base64')}`
const pair = generateKeyPairSync('ed25519')
const publicText = (key: KeyObject): string =>
  key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
const telnyxKey = publicText(pair.publicKey)
const hmac = (text: Content, key: Content = secret): Buffer =>
  createHmac('sha256', key).update(text).digest()
const hmacSha1 = (text: Content): string => createHmac('sha1', secret).update(text).digest('hex')
/** A time in whole seconds, as Zendesk writes it. */
const isoTime = (at = seconds): string =>
  new Date(Number(at) * 1000).toISOString().replace('.000', '')
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

interface Row {
  readonly plugin: FastifyPluginAsync<never>
  readonly decorator: 'zoom'
  readonly key: string
  /** The vendor's signature over a body, by hand. */
  readonly headers: (body: string, at?: string) => Headers
}

const header = '{"alg":"HS256","typ":"JWT"}'
const b64url = (text: string): string => Buffer.from(text).toString('base64url')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
function token (claims: object, head = header, key = secret): string {
  const signed = `${b64url(head)}.${b64url(JSON.stringify(claims))}`
  return `${signed}.${hmac(signed, key).toString('base64url')}`
}
let tokens = 0
const claimsOf = (body: string): Record<string, unknown> => ({
  iat: Number(seconds),
  jti: `token-${++tokens}`,
  payload_hash: sha256(body),
  api_key: 'a1b2c3d4'
})

const rows: Record<string, Row> = {
  zoom: {
    plugin: zoom as FastifyPluginAsync<never>,
    decorator: 'zoom',
    key: secret,
    headers: (body, at = seconds) => ({
      'x-zm-signature': `v0=${hex(hmac(`v0:${at}:${body}`))}`,
      'x-zm-request-timestamp': at
    })
  },
  whatsapp: {
    plugin: whatsapp as FastifyPluginAsync<never>,
    decorator: 'whatsapp' as 'zoom',
    key: secret,
    headers: body => ({ 'x-hub-signature-256': `sha256=${hex(hmac(body))}` })
  },
  line: {
    plugin: line as FastifyPluginAsync<never>,
    decorator: 'line' as 'zoom',
    key: secret,
    headers: body => ({ 'x-line-signature': base64(hmac(body)) })
  },
  'standard-webhooks': {
    plugin: standardWebhooks as FastifyPluginAsync<never>,
    decorator: 'standardWebhooks' as 'zoom',
    key: whsec,
    headers: (body, at = seconds) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': at,
      'webhook-signature': `v1,${base64(hmac(`msg_1.${at}.${body}`))}`
    })
  },
  telnyx: {
    plugin: telnyx as FastifyPluginAsync<never>,
    decorator: 'telnyx' as 'zoom',
    key: telnyxKey,
    headers: (body, at = seconds) => ({
      'telnyx-signature-ed25519': base64(sign(null, Buffer.from(`${at}|${body}`), pair.privateKey)),
      'telnyx-timestamp': at
    })
  },
  vonage: {
    plugin: vonage as FastifyPluginAsync<never>,
    decorator: 'vonage' as 'zoom',
    key: secret,
    headers: body => ({ authorization: `Bearer ${token(claimsOf(body))}` })
  },
  zendesk: {
    plugin: zendesk as FastifyPluginAsync<never>,
    decorator: 'zendesk' as 'zoom',
    key: secret,
    headers: (body, at = seconds) => {
      const time = isoTime(at)
      return {
        'x-zendesk-webhook-signature': base64(hmac(time + body)),
        'x-zendesk-webhook-signature-timestamp': time
      }
    }
  },
  intercom: {
    plugin: intercom as FastifyPluginAsync<never>,
    decorator: 'intercom' as 'zoom',
    key: secret,
    headers: body => ({ 'x-hub-signature': `sha1=${hmacSha1(body)}` })
  }
}

/** An app with the vendor's plugin, and a route that replies with the verification. */
async function service (
  t: Test,
  vendor: string,
  options: object = {}
): Promise<FastifyInstance> {
  const { plugin, decorator, key } = rows[vendor] as Row
  return await build(t, async app => {
    await app.register(plugin, { keys: key, now: () => now, ...options } as never)
    app.route({
      method: ['GET', 'POST'],
      url: '/hook',
      preValidation: app[decorator].verify,
      handler: async request => ({ verified: request.verification, body: request.body ?? null })
    })
  })
}

async function post (app: FastifyInstance, headers: Headers, payload: string) {
  const reply = await app.inject({
    method: 'POST',
    url: '/hook',
    headers: { ...json, ...headers },
    payload
  })
  return { status: reply.statusCode, json: reply.json() as Record<string, unknown> }
}

for (const [vendor, { headers, decorator, key, plugin }] of Object.entries(rows)) {
  t.test(`${vendor}: accepts a webhook signed by hand`, async t => {
    const app = await service(t, vendor)
    const payload = '{"name":"Åse 홍길동"}'
    const accepted = await post(app, headers(payload), payload)
    t.match(accepted, { status: 200, json: { verified: { scheme: vendor, keyId: 'default' } } })
    t.strictSame(
      await post(app, headers('{}'), payload),
      {
        status: 401,
        json: {
          statusCode: 401,
          code: 'FST_CC_SIGNATURE_INVALID',
          error: 'Unauthorized',
          message: 'The signature does not match'
        }
      },
      "a failure has Fastify's shape"
    )
  })

  t.test(`${vendor}: refuses a body with another media type`, async t => {
    const app = await service(t, vendor)
    app.log.level = 'silent'
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/xml']) {
      const payload = '{"a":"&b=1"}'
      const { status } = await post(app, { ...headers(payload), 'content-type': type }, payload)
      t.ok(status >= 400 && status < 500, `${type}: ${status}`)
    }
  })

  t.test(`${vendor}: refuses a valid signature if a signed header is repeated`, async t => {
    const app = await service(t, vendor)
    const signed = headers('{}')
    for (const name of Object.keys(signed)) {
      const reply = await app.inject({
        method: 'POST',
        url: '/hook',
        headers: { ...json, ...signed, [name]: [signed[name] ?? '', signed[name] ?? ''] },
        payload: '{}'
      })
      t.equal(reply.statusCode, 401, name)
    }
  })

  // Only Telnyx holds the private key.
  if (vendor === 'telnyx') continue
  t.test(`${vendor}: verifies what it signs`, async t => {
    const app = Fastify()
    t.after(() => app.close())
    await app.register(plugin, { keys: key, now: () => now } as never)
    const { sign, signHeaders, verify } = app[decorator]
    app.get('/signed', { onSend: sign }, async () => ({ a: 'å' }))
    app.get('/empty', { onSend: sign }, async (_request, reply) => await reply.send())
    app.get(
      '/stream',
      { onSend: sign },
      async (_request, reply) => await reply.type('text/plain').send(new ReadableStream())
    )
    app.post('/hook', { preValidation: verify }, async () => ({}))
    const { headers: replied, body } = await app.inject('/signed')
    const own = Object.fromEntries(
      Object.entries(replied).filter(([name]) => name in headers('{}'))
    )
    const reply = await app.inject({
      method: 'POST',
      url: '/hook',
      headers: { ...json, ...own as Headers },
      payload: body
    })
    t.equal(reply.statusCode, 200, 'the hook')
    t.equal((await app.inject('/empty')).statusCode, 200)
    t.equal((await app.inject('/stream')).statusCode, 500, 'a stream cannot be signed')
    const made = await app.inject({
      method: 'POST',
      url: '/hook',
      headers: { ...json, ...await signHeaders('{"b":1}') },
      payload: '{"b":1}'
    })
    t.equal(made.statusCode, 200, 'the function')
  })
}

t.test('a malformed key stops the registration, and the message names the expected form', async t => {
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const privatePem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const privateRaw = base64(Buffer.concat([
    pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32),
    pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  ]))
  const malformed: Array<[vendor: string, key: string, message: RegExp]> = [
    ['telnyx', pem.trim(), /32 bytes in base64, not a PEM/],
    ['telnyx', privatePem.trim(), /32 bytes in base64, not a PEM/],
    ['telnyx', privateRaw, /this is a private key/],
    ['telnyx', 'KEY0189A0B1C2D3E4F5_abcdefghijkl', /not an API key/],
    ['telnyx', telnyxKey.slice(0, -1), /32 bytes in base64/],
    ['telnyx', secret, /32 bytes in base64/],
    ['standard-webhooks', whsec.slice(6), /must be whsec_ and the key/],
    ['standard-webhooks', secret, /must be whsec_ and the key/],
    ['standard-webhooks', 'whsec_not base64 at all', /in padded standard base64/],
    ['standard-webhooks', whsec.replace(/=+$/, ''), /in padded standard base64/],
    ['standard-webhooks', `whsk_${base64(hmac('x'))}`, /half of a key pair/],
    ['standard-webhooks', `whpk_${base64(hmac('x'))}`, /half of a key pair/],
    ['standard-webhooks', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', /published/],
    ['zoom', token({ iss: 'client-id' }), /JSON Web Token; use the Secret Token/],
    ['zoom', pem.trim(), /Secret Token of the app, not a PEM/],
    ['zoom', 'fifteen-letters', /16/],
    ['zoom', '', /blank/],
    ['vonage', privatePem.trim(), /signature secret .* not a PEM/],
    ['whatsapp', `EAA${'Gb7'.repeat(30)}`, /access token; use the App Secret/],
    ['line', base64(Buffer.alloc(120, 7)), /channel access token; use the channel secret/],
    [
      'intercom',
      base64(Buffer.from(`tok:${'x'.repeat(50)}`)),
      /access token; use the client secret/
    ],
    ['zendesk', 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==', /published/]
  ]
  for (const [vendor, keys, message] of malformed) {
    const { plugin } = rows[vendor] as Row
    await t.rejects(
      build(t, app => app.register(plugin, { keys, now: () => now } as never)),
      { code: 'FST_CC_OPTION_INVALID', message },
      `${vendor}: ${String(message)}`
    )
  }
  const { plugin } = rows['whatsapp'] as Row
  await t.rejects(
    build(t, app => app.register(plugin, { keys: secret, verifyToken: 'short' } as never)),
    { code: 'FST_CC_OPTION_INVALID', message: /"verifyToken".*16 characters/ }
  )
  await t.rejects(
    build(
      t,
      app => app.register(rows['vonage']?.plugin as never, { keys: secret, apiKey: '' } as never)
    ),
    { code: 'FST_CC_OPTION_INVALID', message: /"apiKey"/ }
  )
  t.ok(whatsappVendor.createScheme({ strict: false }).sign({ body: '' }, `EAA${'Gb7'.repeat(30)}`))
  t.ok(lineVendor.createScheme({ strict: false }).sign({ body: '' }, base64(Buffer.alloc(120, 7))))
})

t.test('an unknown account looks like a wrong key, also for keys with a format', async t => {
  for (const vendor of ['telnyx', 'standard-webhooks']) {
    const app = await service(t, vendor, { keys: () => [], replay: false })
    const { headers } = rows[vendor] as Row
    t.match(await post(app, headers('{}'), '{}'), {
      status: 401,
      json: { code: 'FST_CC_SIGNATURE_INVALID' }
    }, vendor)
  }
})

t.test("zoom: the plugin answers Zoom's signed URL validation itself", async t => {
  const app = await service(t, 'zoom')
  const { headers } = rows['zoom'] as Row
  const event = (plainToken: unknown, more: object = {}): string =>
    JSON.stringify({
      payload: { plainToken },
      event_ts: 1,
      event: 'endpoint.url_validation',
      ...more
    })
  const plainToken = 'qgg8vlvZRS6UYooatFL8Aw'
  const body = event(plainToken)
  t.strictSame(await post(app, headers(body), body), {
    status: 200,
    json: { plainToken, encryptedToken: hex(hmac(plainToken)) }
  })
  t.equal((await post(app, { ...headers('{}') }, body)).status, 401, 'signed over another body')
  t.equal((await post(app, {}, body)).status, 401, 'unsigned')
  const old = String(Number(seconds) - 301)
  t.equal((await post(app, headers(body, old), body)).status, 401, 'outside the window')
  for (
    const unanswered of [
      event(`v0:${seconds}:{}`),
      event(''),
      event('a'.repeat(257)),
      event(1),
      event('<script>'),
      event(plainToken, { event: 'endpoint.url_validation ' }),
      event(plainToken, { more: 'x'.repeat(3000) }),
      '"endpoint.url_validation"',
      '{"event":"endpoint.url_validation"',
      'null',
      '{"event":"endpoint.url_validation"}'
    ]
  ) {
    const { status, json } = await post(app, headers(unanswered), unanswered)
    t.notOk('encryptedToken' in json, `${status}: ${unanswered.slice(0, 60)}`)
  }
  const rotated = await service(t, 'zoom', {
    keys: [{ id: 'new', secret: 'the-key-of-tomorrow', notBefore: 0 }, { id: 'old', secret }]
  })
  t.match(await post(rotated, headers(body), body), {
    json: { encryptedToken: hex(hmac(plainToken)) }
  }, 'uses the key that signed the request')
})

t.test('whatsapp: the plugin returns the challenge, as text, for the right verify token only', async t => {
  const verifyToken = 'a-verify-token-of-ours'
  const app = await service(t, 'whatsapp', { verifyToken })
  const verifyUrl = async (query: Headers, method: 'GET' | 'HEAD' | 'POST' = 'GET', app_ = app) =>
    await app_.inject({ method, url: `/hook?${new URLSearchParams(query).toString()}` })
  const genuine = {
    'hub.mode': 'subscribe',
    'hub.verify_token': verifyToken,
    'hub.challenge': '1158201444'
  }
  const reply = await verifyUrl(genuine)
  t.equal(reply.statusCode, 200)
  t.equal(reply.body, '1158201444')
  t.equal(reply.headers['content-type'], 'text/plain; charset=utf-8')
  for (
    const change of [
      { 'hub.verify_token': 'a-verify-token-of-ourz' },
      { 'hub.verify_token': '' },
      { 'hub.mode': 'unsubscribe' },
      { 'hub.challenge': '<script>alert(1)</script>' },
      { 'hub.challenge': '' },
      { 'hub.challenge': '1'.repeat(129) },
      { 'hub.challenge': 'é' }
    ]
  ) {
    const reply = await verifyUrl({ ...genuine, ...change })
    t.equal(reply.statusCode, 401, JSON.stringify(change).slice(0, 60))
    t.match(reply.json(), { code: 'FST_CC_SIGNATURE_MISSING' })
  }
  t.equal((await verifyUrl(genuine, 'POST')).statusCode, 401, 'a POST is signed')
  t.equal((await verifyUrl(genuine, 'HEAD')).statusCode, 401)
  const twice = await app.inject(
    `/hook?${new URLSearchParams(genuine).toString()}&hub.verify_token=other`
  )
  t.equal(twice.statusCode, 401, 'a repeated parameter')
  t.equal((await app.inject('/hook?%')).statusCode, 401)
  const signed = await app.inject({
    url: '/hook',
    headers: { ...json, 'x-hub-signature-256': `sha256=${hex(hmac(''))}` }
  })
  t.equal(signed.statusCode, 401, 'a GET with a signature')
  const without = await service(t, 'whatsapp')
  t.equal((await verifyUrl(genuine, 'GET', without)).statusCode, 401, 'without the option')
  t.equal((await verifyUrl({ ...genuine, 'hub.verify_token': '' }, 'GET', without)).statusCode, 401)
})

t.test('standard-webhooks: one valid signature of several is enough', async t => {
  const body = '{"a":1}'
  const app = await service(t, 'standard-webhooks', { replay: false })
  const signed = (rows['standard-webhooks'] as Row).headers(body)
  const genuine = signed['webhook-signature'] ?? ''
  const foreign = `v1,${base64(hmac('other'))}`
  const asymmetric = `v1a,${base64(Buffer.alloc(64, 1))}`
  const statusOf = async (signature: string) =>
    (await post(app, { ...signed, 'webhook-signature': signature }, body)).status
  for (
    const accepted of [
      `${foreign} ${genuine}`,
      `${genuine} ${foreign}`,
      `${asymmetric} ${genuine}`,
      `v2,abc ${genuine}`,
      [...Array<string>(9).fill(foreign), genuine].join(' ')
    ]
  ) t.equal(await statusOf(accepted), 200, accepted.slice(0, 30))
  for (
    const refused of [
      foreign,
      asymmetric,
      `${asymmetric} ${foreign}`,
      `${genuine.slice(3)}`,
      `v1 ${genuine}`,
      `${genuine}  ${foreign}`,
      `${genuine},${foreign}`,
      `${genuine} `,
      `v1,x ${genuine}`,
      `V1,${genuine.slice(3)}`,
      `v01,${genuine.slice(3)}`,
      [...Array<string>(10).fill(foreign), genuine].join(' '),
      `${genuine} ${'v2,x'.repeat(600)}`
    ]
  ) t.equal(await statusOf(refused), 401, refused.slice(0, 30))
})

t.test('standard-webhooks: accepts a message once, whichever of its signatures a copy has', async t => {
  const body = '{"a":1}'
  const newer = `whsec_${base64(Buffer.from('the-key-of-tomorrow'))}`
  const app = await service(t, 'standard-webhooks', {
    keys: [{ id: 'newer', secret: newer }, { id: 'older', secret: whsec }]
  })
  const signed = (rows['standard-webhooks'] as Row).headers(body)
  const older = signed['webhook-signature'] ?? ''
  const text = `msg_1.${seconds}.${body}`
  const bothSignatures = `v1,${base64(hmac(text, Buffer.from('the-key-of-tomorrow')))} ${older}`
  const send = async (signature: string) =>
    await post(app, { ...signed, 'webhook-signature': signature }, body)
  t.match(await send(bothSignatures), { status: 200, json: { verified: { keyId: 'newer' } } })
  for (
    const copy of [
      older,
      bothSignatures,
      bothSignatures.replace(` ${older}`, ''),
      `${older} ${older}`
    ]
  ) {
    t.match(await send(copy), { status: 401, json: { code: 'FST_CC_REPLAYED' } })
  }
})

t.test("standard-webhooks: headers: 'svix' reads Svix's headers only", async t => {
  const app = await service(t, 'standard-webhooks', { headers: 'svix' })
  const signed = (rows['standard-webhooks'] as Row).headers('{}')
  t.equal((await post(app, signed, '{}')).status, 401)
  const named = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace('webhook', 'svix'), value])
  )
  t.match(await post(app, named, '{}'), { status: 200, json: { verified: { nonce: 'msg_1' } } })
  t.match(await post(app, named, '{}'), { status: 401, json: { code: 'FST_CC_REPLAYED' } })
})

t.test('zendesk: requires a time in ISO 8601, in UTC and within the window', async t => {
  const app = await service(t, 'zendesk')
  const outcomeOf = async (time: string, target = app) => {
    const signature = base64(hmac(`${time}{}`))
    const { status, json } = await post(target, {
      'x-zendesk-webhook-signature': signature,
      'x-zendesk-webhook-signature-timestamp': time
    }, '{}')
    return `${status} ${String(json['code'] ?? 'ok')}`
  }
  const at = (ms: number): string => new Date(now + ms).toISOString()
  t.equal(await outcomeOf(at(0)), '200 ok')
  t.equal(await outcomeOf(isoTime()), '200 ok', 'whole seconds')
  t.equal(await outcomeOf(at(0).replace('Z', '456789Z')), '200 ok', 'nanoseconds')
  t.equal(await outcomeOf(at(-300_000)), '200 ok', 'the edge')
  t.equal(await outcomeOf(at(-300_001)), '401 FST_CC_TIMESTAMP_OUT_OF_WINDOW')
  t.equal(await outcomeOf(at(300_001)), '401 FST_CC_TIMESTAMP_OUT_OF_WINDOW')
  t.equal(await outcomeOf('0000-01-01T00:00:00Z'), '401 FST_CC_TIMESTAMP_OUT_OF_WINDOW')
  const loose = await service(t, 'zendesk', { strict: false })
  const offset = at(9 * 3_600_000).replace('Z', '+09:00')
  t.equal(await outcomeOf(offset), '401 FST_CC_SIGNATURE_MALFORMED')
  t.equal(await outcomeOf(offset, loose), '200 ok')
  for (
    const malformed of [
      seconds,
      String(now),
      at(0).slice(0, -1),
      at(0).replace('T', ' '),
      at(0).toLowerCase(),
      `${at(0)}{`,
      '2022-08-10',
      '2022-13-10T01:44:33Z',
      '2022-08-10T01:44:61Z',
      'Wed, 10 Aug 2022 01:44:33 GMT'
    ]
  ) {
    t.equal(await outcomeOf(malformed), '401 FST_CC_SIGNATURE_MALFORMED', malformed)
    t.equal(
      await outcomeOf(malformed, loose),
      '401 FST_CC_SIGNATURE_MALFORMED',
      `loose: ${malformed}`
    )
  }
})

t.test('zendesk: with strict: false, text can move between time and body', async t => {
  const { createScheme, scheme } = zendeskVendor
  const loose = createScheme({ strict: false })
  const signature = loose.sign({ timestamp: 'a', body: 'bc' }, secret)
  t.ok(loose.verify({ timestamp: 'ab', body: 'c' }, signature, secret))
  t.ok(loose.limits.includes('no-separator'))
  t.notOk(scheme.limits.includes('no-separator'))
  t.throws(() => loose.sign({ timestamp: '', body: 'c' }, secret), { code: 'ERR_CC_INPUT' })
  t.throws(() => scheme.sign({ timestamp: 1 as never, body: 'c' }, secret), TypeError)
})

t.test('intercom: answers an unsigned HEAD, and no other unsigned request', async t => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(intercom, { keys: secret })
  let handled = 0
  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url: '/hook',
    exposeHeadRoute: false,
    preValidation: app.intercom.verify,
    handler: async () => ++handled
  })
  const reply = await app.inject({ method: 'HEAD', url: '/hook' })
  t.match(reply, { statusCode: 200, body: '' })
  t.equal((await app.inject('/hook')).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: '/hook' })).statusCode, 401)
  t.equal(handled, 0)
})

t.test('vonage: checks every claim and the spelling of the token', async t => {
  const body = '{"status":"answered"}'
  const app = await service(t, 'vonage', { apiKey: 'a1b2c3d4' })
  const send = async (claims: object, head = header, key = secret) =>
    await post(app, { authorization: `Bearer ${token(claims, head, key)}` }, body)
  const claims = (more: object = {}) => ({ ...claimsOf(body), ...more })
  const iat = Number(seconds)
  t.match(await send(claims()), {
    status: 200,
    json: { verified: { covered: ['claims', 'body'] } }
  })
  t.throws(
    () =>
      vonageVendor.scheme.sign({ header, claims: JSON.stringify(claims()), body: '{}' }, secret),
    { name: 'InputError', message: /^payload_hash is not the SHA-256 of the body/ },
    'signing refuses the hash of another body'
  )
  const once = claims()
  t.equal((await send(once)).status, 200)
  t.match(await send(once), { status: 401, json: { code: 'FST_CC_REPLAYED' } })
  const cases: Array<[name: string, claims: object, status: number, head?: string]> = [
    ['an expiry in the future', claims({ exp: iat + 60 }), 200],
    ['an expiry of now', claims({ exp: iat }), 401],
    ['an expiry in the past', claims({ exp: iat - 1 }), 401],
    ['an expiry of another type', claims({ exp: String(iat + 60) }), 400],
    ['no time', claims({ iat: undefined }), 400],
    ['a time of another type', claims({ iat: seconds }), 400],
    ['no id', claims({ jti: undefined }), 400],
    ['an id with a blank', claims({ jti: 'a b' }), 400],
    ['not before', claims({ nbf: iat }), 400],
    ['another account', claims({ api_key: 'ffffffff' }), 401],
    ['no account', claims({ api_key: undefined }), 401],
    ['no hash', claims({ payload_hash: undefined }), 401],
    ['the hash of another body', claims({ payload_hash: sha256('{}') }), 401],
    ['the hash in upper case', claims({ payload_hash: sha256(body).toUpperCase() }), 401],
    ['too old', claims({ iat: iat - 301 }), 401],
    ['too new', claims({ iat: iat + 301 }), 401],
    ['another algorithm', claims(), 400, '{"alg":"HS512"}'],
    ['none', claims(), 400, '{"alg":"none"}'],
    ['none in mixed case', claims(), 400, '{"alg":"nOnE"}'],
    ['an extension', claims(), 400, '{"alg":"HS256","crit":["b64"],"b64":false}'],
    ['the algorithm twice', claims(), 400, '{"alg":"HS256","alg":"none"}']
  ]
  for (const [name, changed, status, head] of cases) {
    t.equal((await send(changed, head)).status, status, name)
  }
  const genuine = token(claims())
  const [first = '', second = '', third = ''] = genuine.split('.')
  for (
    const authorization of [
      `bearer ${genuine}`,
      `Bearer  ${genuine}`,
      genuine,
      `Bearer ${genuine}=`,
      `Bearer ${first}.${second}.`,
      `Bearer ${first}.${second}`,
      `Bearer ${genuine}.${third}`,
      `Bearer ${first}=.${second}.${third}`,
      `Bearer ${b64url('\ufffd').slice(0, -1)}.${second}.${third}`,
      `Bearer ${first}.${second}${'A'.repeat(5000)}.${third}`
    ]
  ) {
    t.equal(
      (await post(app, { authorization }, body)).status,
      401,
      authorization.slice(0, 40)
    )
  }
})

t.test('vonage: covers the query of a GET, as JSON', async t => {
  const app = await service(t, 'vonage')
  const get = async (query: string, signed: string | undefined) =>
    await app.inject({
      url: `/hook${query}`,
      headers: {
        authorization: `Bearer ${
          token({
            ...claimsOf(''),
            payload_hash: signed === undefined ? undefined : sha256(signed)
          })
        }`
      }
    })
  t.match((await get('?from=4799&to=%2B1', '{"from":"4799","to":"+1"}')).json(), {
    verified: { covered: ['claims', 'query'] }
  })
  t.equal((await get('?from=4799&to=%2B2', '{"from":"4799","to":"+1"}')).statusCode, 401)
  t.equal((await get('?from=4799', undefined)).statusCode, 401)
  t.equal((await get('?a=1&a=2', '{"a":"2"}')).statusCode, 400)
  t.match((await get('', undefined)).json(), { verified: { covered: ['claims'] } })
  t.equal((await get('', '')).statusCode, 200)
})

t.test("vonage: strict: false accepts what Vonage's library accepts, but no other algorithm", async t => {
  const app = await service(t, 'vonage', { strict: false })
  const statusOf = async (claims: object, head = header) =>
    (await post(app, { authorization: `Bearer ${token(claims, head)}` }, '{}')).status
  t.equal(await statusOf({ sub: 'x' }), 200)
  t.equal(await statusOf({ sub: 'x' }), 401, 'a copy')
  t.equal(await statusOf({ payload_hash: sha256('{"a":1}') }), 401, 'a wrong hash')
  t.equal(await statusOf({}, '{"alg":"none"}'), 400)
})

t.test('strict: false accepts leading zeros in times, but only digits', async t => {
  for (const vendor of ['zoom', 'telnyx', 'standard-webhooks']) {
    const { headers } = rows[vendor] as Row
    const zero = headers('{}', `0${seconds}`)
    t.equal((await post(await service(t, vendor), zero, '{}')).status, 400, vendor)
    const loose = await service(t, vendor, { strict: false })
    t.equal((await post(loose, zero, '{}')).status, 200, vendor)
    t.equal((await post(loose, headers('{}', '1e9'), '{}')).status, 401, vendor)
  }
})

t.test('the schemas accept the documented webhooks, and added fields', async t => {
  const { Value } = await import('@sinclair/typebox/value')
  const cases: Array<[schema: never, good: object, bad: object]> = [
    [
      zoomVendor.EngagementEvent as never,
      {
        event: 'contact_center.engagement_user_answered',
        event_ts: 1,
        payload: { account_id: 'a', object: { engagement_id: 'e', added: true } }
      },
      { event: 'meeting.started', event_ts: 1, payload: { account_id: 'a', object: {} } }
    ],
    [
      zoomVendor.PhoneCallEvent as never,
      {
        event: 'phone.callee_ringing',
        event_ts: 1,
        payload: {
          account_id: 'a',
          object: { call_id: '1', caller: { phone_number: '+1', extension_number: 7 } }
        }
      },
      { event: 'phone.callee_ringing', event_ts: 1, payload: { account_id: 'a', object: {} } }
    ],
    [
      whatsappVendor.WhatsappNotification as never,
      {
        object: 'whatsapp_business_account',
        entry: [{
          id: '1',
          changes: [{ field: 'account_update', value: { event: 'X' } }, {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '1', phone_number_id: '2' },
              statuses: [{ id: 'wamid', status: 'delivered', timestamp: '1', added: {} }]
            }
          }]
        }]
      },
      {
        object: 'whatsapp_business_account',
        entry: [{ id: '1', changes: [{ field: 'messages', value: {} }] }]
      }
    ],
    [
      lineVendor.LineWebhook as never,
      {
        destination: 'U',
        events: [{
          type: 'follow',
          webhookEventId: '1',
          timestamp: 1,
          mode: 'active',
          deliveryContext: { isRedelivery: false },
          follow: { isUnblocked: false }
        }]
      },
      {
        destination: 'U',
        events: [{
          type: 'message',
          webhookEventId: '1',
          timestamp: 1,
          mode: 'active',
          deliveryContext: { isRedelivery: false }
        }]
      }
    ],
    [
      standardVendor.WebhookEventOf('call.started', standardVendor.WebhookEvent) as never,
      {
        type: 'call.started',
        timestamp: 't',
        data: { type: 'x', timestamp: 't', data: {}, more: 1 }
      },
      { type: 'call.ended', timestamp: 't', data: {} }
    ],
    [
      telnyxVendor.TelnyxMessageEvent as never,
      {
        data: {
          id: '1',
          record_type: 'event',
          occurred_at: 't',
          event_type: 'message.received',
          payload: { id: '1', from: { phone_number: '+1' }, to: [], text: null }
        },
        meta: { attempt: 1, delivered_to: 'https://x' }
      },
      { data: { event_type: 'message.received' } }
    ],
    [
      vonageVendor.VonageInboundMessage as never,
      {
        message_uuid: '1',
        channel: 'sms',
        timestamp: 't',
        from: '1',
        to: '2',
        message_type: 'text',
        text: 'x',
        sms: {}
      },
      { channel: 'sms' }
    ],
    ...zendeskCases(),
    ...intercomCases()
  ]
  for (const [schema, valid, invalid] of cases) {
    t.ok(Value.Check(schema, valid), JSON.stringify(valid).slice(0, 70))
    t.notOk(Value.Check(schema, invalid), JSON.stringify(invalid).slice(0, 70))
  }
})

type SchemaCase = [schema: never, good: object, bad: object]

function zendeskCases (): SchemaCase[] {
  const event = (type: string, detail: object, event: object): object => ({
    type: `zen:event-type:${type}`,
    account_id: 21825834,
    id: '01JQMQH83YNAKWSWJ8B1QH2NSC',
    subject: 'zen:ticket:141',
    time: '2025-02-11T14:32:05.254571515Z',
    zendesk_event_version: '2022-11-06',
    detail,
    event,
    added: null
  })
  const ticket = { id: '141', status: 'OPEN', priority: null, via: { channel: 'web' }, tags: [] }
  const assigned = { current: '235324', previous: null }
  return [
    [
      zendeskVendor.ZendeskTicketEvent as never,
      event('ticket.comment_added', ticket, { comment: { body: 'x' } }),
      event('user.created', ticket, {})
    ],
    [
      zendeskVendor.ZendeskTicketStatusChanged as never,
      event('ticket.status_changed', ticket, { current: 'SOLVED', previous: 'OPEN', meta: {} }),
      event('ticket.status_changed', ticket, { previous: 'OPEN' })
    ],
    [
      zendeskVendor.ZendeskTicketAssigned as never,
      event('ticket.agent_assignment_changed', ticket, assigned),
      event('ticket.status_changed', ticket, assigned)
    ],
    [
      zendeskVendor.ZendeskMessageAdded as never,
      event('messaging_ticket.message_added', { id: '141' }, {
        actor: { id: 'zd:answerBot', name: 'Tests', type: 'system' },
        conversation_id: '67ab5f53a96f98663935c3f2',
        message: { body: 'Hi there.', id: '67ab5f55155becd183e284cb' }
      }),
      event('messaging_ticket.message_added', { id: '141' }, {})
    ],
    [
      zendeskVendor.ZendeskAgentEvent as never,
      event('agent.state_changed', { account_id: '2', agent_id: '10011', version: '3' }, {
        updated_at: '2023-04-05T23:30:58.642630335Z',
        previous_state: 'offline',
        new_state: 'online',
        channel: 'support'
      }),
      event('agent.state_changed', {}, {})
    ],
    [
      zendeskVendor.ZendeskEvent as never,
      event('organization.created', {}, {}),
      { type: 'zen:event-type:x' }
    ]
  ]
}

function intercomCases (): SchemaCase[] {
  const item = {
    type: 'conversation',
    id: '215469538',
    admin_assignee_id: null,
    source: { type: 'conversation', body: '<p>Hi</p>', author: { type: 'user', id: '1' } },
    conversation_parts: { type: 'x', conversation_parts: [{ id: 1, body: null }] },
    added: true
  }
  const notice = (topic: string, item: object): object => ({
    type: 'notification_event',
    app_id: 'a86dr8yl',
    id: null,
    topic,
    created_at: 1660095873,
    data: { type: 'notification_event_data', item },
    links: {}
  })
  const conversations: Array<[schema: object, topic: string, other: string]> = [
    [intercomVendor.ConversationOpened, 'conversation.user.created', 'ping'],
    [intercomVendor.ConversationReplied, 'conversation.admin.replied', 'conversation.deleted'],
    [intercomVendor.ConversationAssigned, 'conversation.admin.assigned', 'ping'],
    [intercomVendor.ConversationClosed, 'conversation.admin.closed', 'ping'],
    [intercomVendor.ConversationEvent, 'conversation.admin.noted', 'contact.created']
  ]
  return [
    ...conversations.map(([schema, topic, content]): SchemaCase => [
      schema as never,
      notice(topic, item),
      notice(content, item)
    ]),
    [
      intercomVendor.IntercomPing as never,
      notice('ping', { type: 'ping', message: 'something something interzen' }),
      notice('pong', {})
    ],
    [
      intercomVendor.IntercomNotification as never,
      notice('contact.user.created', {}),
      { type: 'notification_event' }
    ]
  ]
}

/** Asserts the reason that explain gives for each wrong client's request. */
function mistakes<Input> (
  t: Test,
  { scheme, diagnosis }: { scheme: Verifier<Input>, diagnosis: Diagnosis<Input> },
  key: string,
  cases: Array<[code: string, headers: Headers, body?: string]>,
  { body: sent = '{"a":1}', otherKey = 'the-key-before-that-one' } = {}
): void {
  t.ok(new Set(cases.map(([code]) => code)).size >= 8, 'at least eight kinds')
  const keys: [Key] = [{ id: 'current', secret: key }]
  for (const [code, headers, body = sent] of cases) {
    const { input, signature } = diagnosis.extract({
      method: 'POST',
      target: '/',
      headers: new Map(Object.entries(headers)),
      body: Buffer.from(body)
    })
    const { matches, reasons } = explain(scheme, diagnosis, input, signature, keys, {
      otherKeys: [{ id: 'previous', secret: otherKey }],
      now,
      window: { pastMs: 300_000, futureMs: 300_000 }
    })
    t.equal(reasons[0]?.code, code, code)
    // The signature matches if only the time is wrong.
    t.equal(matches, /^The time (?:is|looks)/.test(reasons[0]?.text ?? ''), `${code}, matches`)
    t.match(reasons[0]?.fix, /\w.*\.$/, `${code} names the fix`)
  }
}

const pretty = '{\n  "a": 1\n}'

t.test('zoom: classic mistakes', async t => {
  const sent = (signature: string, at = seconds): Headers => ({
    'x-zm-signature': signature,
    'x-zm-request-timestamp': at
  })
  const signed = (text: string, key = secret): Headers => sent(`v0=${hex(hmac(text, key))}`)
  const body = '{"a":1}'
  const genuine = hmac(`v0:${seconds}:${body}`)
  mistakes(t, zoomVendor as never, secret, [
    ['prefix-missing', sent(hex(genuine))],
    ['prefix-colon', sent(`v0:${hex(genuine)}`)],
    ['spelling-base64', sent(`v0=${base64(genuine)}`)],
    ['spelling-hex-case', sent(`v0=${hex(genuine).toUpperCase()}`)],
    ['key-other', signed(`v0:${seconds}:${body}`, 'the-key-before-that-one')],
    ['version-missing', signed(`${seconds}:${body}`)],
    ['version-equals', signed(`v0=${seconds}:${body}`)],
    ['separator', signed(`v0.${seconds}.${body}`)],
    ['no-separator', signed(`v0${seconds}${body}`)],
    ['order', signed(`v0:${body}:${seconds}`)],
    ['time-missing', signed(body)],
    ['time-milliseconds', signed(`v0:${seconds}000:${body}`)],
    ['hash-not-hmac', sent(`v0=${sha256(`v0:${seconds}:${body}`)}`)],
    ['body-reserialised', signed(`v0:${seconds}:${body}`), pretty]
  ])
})

t.test('regression: explain took milliseconds for microseconds where the vendor sends seconds', async t => {
  const options = { now, window: { pastMs: 300_000, futureMs: 300_000 } }
  const body = '{}'
  for (
    const [sent, code, fix] of [
      [`${seconds}000`, 'time-milliseconds', 'Send epoch seconds.'],
      [`${seconds}000000`, 'time-microseconds', 'Send epoch seconds.'],
      [`${seconds}000000000`, 'time-nanoseconds', 'Send epoch seconds.'],
      ['1.5', 'time-malformed', 'Send epoch seconds in digits.'],
      ['1660000000', 'time-outside-window', /NTP/],
      ['5', 'time-outside-window', /NTP/]
    ] as const
  ) {
    for (
      const [name, reason] of Object.entries({
        zoom: timeReasons(zoomVendor.diagnosis, { body, timestamp: sent }, options)[0],
        telnyx: timeReasons(telnyxVendor.diagnosis, { body, timestamp: sent }, options)[0],
        'standard-webhooks': timeReasons(
          standardVendor.diagnosis,
          { id: 'msg_1', body, timestamp: sent },
          options
        )[0],
        // The scheme itself refuses others.
        ...isEpochSeconds(sent) && {
          vonage:
            timeReasons(vonageVendor.diagnosis, { claims: `{"iat":${sent}}` } as never, options)[0]
        }
      })
    ) t.match(reason, { code, fix }, `${name}: ${sent}`)
  }
  for (
    const [sent, code, fix] of [
      [seconds, 'time-malformed', 'Send ISO 8601, such as 2026-01-31T09:30:00Z.'],
      ['2022-08-09T00:00:00Z', 'time-outside-window', /NTP/]
    ] as const
  ) {
    t.match(
      timeReasons(zendeskVendor.diagnosis, { body, timestamp: sent }, options),
      [{ code, fix }],
      `zendesk: ${sent}`
    )
  }
})

t.test('regression: explain told a client that signs seconds to send milliseconds', async t => {
  const reasonOf = (time: string, sent: string) =>
    explain(
      zoomVendor.scheme,
      zoomVendor.diagnosis,
      { body: '{}', timestamp: sent },
      `v0=${hex(hmac(`v0:${time}:{}`))}`,
      [{ id: 'current', secret }]
    ).reasons
  t.match(reasonOf(`${seconds}000`, seconds), [{
    code: 'time-milliseconds',
    fix: 'Sign the time exactly as you send it.'
  }])
  t.match(reasonOf(seconds, `${seconds}000`), [{
    code: 'time-seconds',
    fix: 'Send the time in seconds, as you sign it.'
  }])
  t.match(reasonOf(String(Number(seconds) - 1), seconds), [{
    code: 'time-read-twice',
    text: /the signed time is 1 s before/
  }])
})

t.test('whatsapp: classic mistakes', async t => {
  const sent = (signature: string): Headers => ({ 'x-hub-signature-256': signature })
  const body = '{"a":1}'
  const escaped = '{"a":"\\u00c5 \\/"}'
  mistakes(t, whatsappVendor as never, secret, [
    ['prefix-missing', sent(hex(hmac(body)))],
    ['prefix-sha1', sent(`sha1=${hex(hmac(body))}`)],
    ['prefix-colon', sent(`sha256:${hex(hmac(body))}`)],
    ['hash-algorithm', sent(`sha256=${createHmac('sha1', secret).update(body).digest('hex')}`)],
    ['spelling-base64', sent(`sha256=${base64(hmac(body))}`)],
    ['key-other', sent(`sha256=${hex(hmac(body, 'the-key-before-that-one'))}`)],
    ['key-blanks', sent(`sha256=${hex(hmac(body, `${secret}\n`))}`)],
    ['hash-not-hmac', sent(`sha256=${sha256(body)}`)],
    ['hmac-swapped', sent(`sha256=${hex(hmac(secret, body))}`)],
    ['body-reserialised', sent(`sha256=${hex(hmac(body))}`), pretty],
    ['unescaped', sent(`sha256=${hex(hmac('{"a":"Å \\/"}'))}`), escaped],
    ['slash-unescaped', sent(`sha256=${hex(hmac('{"a":"\\u00c5 /"}'))}`), escaped]
  ])
})

t.test('line: classic mistakes', async t => {
  const sent = (signature: string): Headers => ({ 'x-line-signature': signature })
  const body = '{"destination":"U","events":[{"type":"follow"}]}'
  mistakes(t, lineVendor as never, secret, [
    ['spelling-hex', sent(hex(hmac(body)))],
    ['spelling-unpadded', sent(base64(hmac(body)).replace(/=+$/, ''))],
    ['prefix', sent(`sha256=${base64(hmac(body))}`)],
    ['hash-algorithm', sent(createHmac('sha1', secret).update(body).digest('base64'))],
    ['key-other', sent(base64(hmac(body, 'the-key-before-that-one')))],
    ['key-blanks', sent(base64(hmac(body, ` ${secret}`)))],
    ['body-part', sent(base64(hmac('[{"type":"follow"}]')))],
    ['body-part', sent(base64(hmac('{"type":"follow"}')))],
    ['body-newline', sent(base64(hmac(`${body}\n`)))],
    ['body-reserialised', sent(base64(hmac('{"a":1}'))), pretty],
    ['hash-not-hmac', sent(createHash('sha256').update('nothing').digest('base64')), 'nothing']
  ], { body })
})

t.test('standard-webhooks: classic mistakes', async t => {
  const sent = (signature: string): Headers => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': seconds,
    'webhook-signature': signature
  })
  const signed = (text: string, key: Content = secret): Headers =>
    sent(`v1,${base64(hmac(text, key))}`)
  const body = '{"a":1}'
  const text = `msg_1.${seconds}.${body}`
  const otherKey = `whsec_${base64(Buffer.from('the-key-before-that-one'))}`
  mistakes(t, standardVendor as never, whsec, [
    ['prefix-missing', sent(base64(hmac(text)))],
    ['prefix-equals', sent(`v1=${base64(hmac(text))}`)],
    ['spelling-hex', sent(`v1,${hex(hmac(text))}`)],
    ['key-as-text', signed(text, whsec)],
    ['key-not-decoded', signed(text, whsec.slice(6))],
    ['key-prefix-decoded', signed(text, Buffer.from(whsec, 'base64'))],
    ['key-other', signed(text, 'the-key-before-that-one')],
    ['id-missing', signed(`${seconds}.${body}`)],
    ['order', signed(`${seconds}.msg_1.${body}`)],
    ['separator', signed(`msg_1${seconds}${body}`)],
    ['separator', signed(`msg_1:${seconds}:${body}`)],
    ['body-only', signed(body)],
    ['time-milliseconds', signed(`msg_1.${seconds}000.${body}`)],
    ['hash-not-hmac', sent(`v1,${createHash('sha256').update(text).digest('base64')}`)],
    ['body-reserialised', signed(text), pretty]
  ], { otherKey })
  const { input } = standardVendor.createDiagnosis({ headers: 'svix' }).extract({
    method: 'POST',
    target: '/',
    headers: new Map([['svix-id', 'msg_2']]),
    body: Buffer.from('')
  })
  t.equal(input.id, 'msg_2')
})

t.test('standard-webhooks: explain names the matching signature of several, or says that none matches', async t => {
  const { scheme, diagnosis } = standardVendor
  const input = { id: 'msg_1', timestamp: seconds, body: '{"a":1}' }
  const text = `msg_1.${seconds}.{"a":1}`
  const genuine = `v1,${base64(hmac(text))}`
  const foreign = `v1,${base64(hmac('other'))}`
  const explainHeader = (header: string) =>
    explain(scheme, diagnosis, input, header, [{ id: 'now', secret: whsec }])
  t.match(explainHeader(`${foreign} ${genuine}`), {
    matches: true,
    signature: { number: 2, of: 2 }
  })
  t.match(explainHeader(`${genuine} ${foreign} v1a,AAAA`), {
    matches: true,
    signature: { number: 1, of: 3 }
  })
  t.match(explainHeader(`${foreign} v1,${base64(hmac('{"a":1}'))}`), {
    matches: false,
    signature: { number: 2, of: 2 },
    reasons: [{ code: 'body-only' }]
  })
  t.match(explainHeader(`${foreign} ${foreign}`), {
    matches: false,
    keyId: undefined,
    signature: { number: null, of: 2 },
    reasons: []
  })
  t.match(explainHeader(`${genuine}  ${foreign}`), {
    matches: false,
    signature: { number: 1, of: 3 },
    reasons: [{ code: 'signatures-malformed' }]
  })
  t.notOk('signature' in explainHeader(genuine), 'a single signature gets no number')
})

t.test('explain names the header that a capture lacks', async t => {
  const diagnoses: Record<string, Pick<Diagnosis<never>, 'missing'>> = {
    zoom: zoomVendor.diagnosis,
    whatsapp: whatsappVendor.diagnosis,
    line: lineVendor.diagnosis,
    'standard-webhooks': standardVendor.diagnosis,
    telnyx: telnyxVendor.diagnosis,
    vonage: vonageVendor.diagnosis,
    zendesk: zendeskVendor.diagnosis,
    intercom: intercomVendor.diagnosis
  }
  for (const [vendor, diagnosis] of Object.entries(diagnoses)) {
    const headers = new Map(Object.entries((rows[vendor] as Row).headers('{}')))
    const missing = (headers: Map<string, string>) => {
      const { signature, others = [] } =
        diagnosis.missing?.({ method: 'POST', target: '/', headers, body: Buffer.from('{}') }) ?? {}
      return [...signature === undefined ? [] : [signature], ...others].map(text =>
        /^the request has no ([\w-]+) header$/.exec(text)?.[1]?.toLowerCase()
      )
    }
    t.strictSame(missing(headers), [], `${vendor}: complete`)
    for (const name of headers.keys()) {
      const fewer = new Map(Array.from(headers).filter(([header]) => header !== name))
      t.strictSame(missing(fewer), [name], `${vendor}: without ${name}`)
    }
  }
})

t.test('telnyx: classic mistakes, with the public key alone', async t => {
  const signed = (text: Content, key = pair.privateKey): Buffer =>
    sign(null, Buffer.from(text), key)
  const sent = (signature: string): Headers => ({
    'telnyx-signature-ed25519': signature,
    'telnyx-timestamp': seconds
  })
  const body = '{"a":1}'
  const text = `${seconds}|${body}`
  const otherPair = generateKeyPairSync('ed25519')
  mistakes(t, telnyxVendor as never, telnyxKey, [
    ['spelling-hex', sent(hex(signed(text)))],
    ['spelling-unpadded', sent(base64(signed(text)).replace(/=+$/, ''))],
    ['spelling-percent-encoded', sent(encodeURIComponent(base64(signed(text))))],
    ['key-other', sent(base64(signed(text, otherPair.privateKey)))],
    ['separator', sent(base64(signed(`${seconds}.${body}`)))],
    ['separator', sent(base64(signed(seconds + body)))],
    ['order', sent(base64(signed(`${body}|${seconds}`)))],
    ['time-missing', sent(base64(signed(body)))],
    ['time-milliseconds', sent(base64(signed(`${seconds}000|${body}`)))],
    ['prehashed', sent(base64(signed(createHash('sha256').update(text).digest())))],
    ['prehashed', sent(base64(signed(createHash('sha512').update(text).digest())))],
    ['body-reserialised', sent(base64(signed(text))), pretty]
  ], { otherKey: publicText(otherPair.publicKey) })
})

t.test('vonage: classic mistakes', async t => {
  const body = '{"a":1}'
  const claims = { iat: Number(seconds), jti: '1', payload_hash: sha256(body) }
  const text = JSON.stringify(claims)
  const sent = (signature: string, body = text): Headers => ({
    authorization: `Bearer ${b64url(header)}.${b64url(body)}.${signature}`
  })
  const signed = (text: string, key = secret): Headers =>
    sent(hmac(text, key).toString('base64url'))
  const genuine = `${b64url(header)}.${b64url(text)}`
  const withHash = (hash: string | undefined): Headers => ({
    authorization: `Bearer ${token({ ...claims, payload_hash: hash })}`
  })
  mistakes(t, vonageVendor as never, secret, [
    ['spelling-hex', sent(hex(hmac(genuine)))],
    ['spelling-base64', sent(base64(hmac(genuine)))],
    ['key-other', signed(genuine, 'the-key-before-that-one')],
    ['base64', signed(`${base64(Buffer.from(header))}.${base64(Buffer.from(text))}`)],
    ['not-encoded', signed(`${header}.${text}`)],
    ['header-missing', signed(b64url(text))],
    ['separator', signed(b64url(header) + b64url(text))],
    ['token-of-body', signed(`${b64url(header)}.${b64url(body)}`)],
    ['body-only', signed(body)],
    [
      'claims-reserialised',
      sent(hmac(genuine).toString('base64url'), JSON.stringify(claims, null, 2))
    ],
    ['payload-hash', withHash(sha256('other'))],
    ['payload-hash-missing', withHash(undefined)],
    ['payload-hash-spelling', withHash(sha256(body).toUpperCase())],
    ['payload-hash-spelling', withHash(createHash('sha256').update(body).digest('base64'))],
    ['body-newline', withHash(sha256(`${body}\n`))]
  ])
})

t.test('regression: explain read a token over another body as a malformed list', t => {
  const { scheme, diagnosis } = vonageVendor
  const claims = JSON.stringify({ iat: Number(seconds), jti: '1', payload_hash: sha256('{"a":1}') })
  const signature = hmac(`${b64url(header)}.${b64url(claims)}`).toString('base64url')
  const { keyId, reasons } = explain(
    scheme,
    diagnosis,
    { header, claims, body: '{"a": 1}' },
    signature,
    [{ id: 'current', secret }]
  )
  t.equal(keyId, 'current')
  t.strictSame(reasons.map(({ code }) => code), ['body-reserialised'])
  t.end()
})

t.test('zendesk: classic mistakes', async t => {
  const time = isoTime()
  const sent = (signature: string): Headers => ({
    'x-zendesk-webhook-signature': signature,
    'x-zendesk-webhook-signature-timestamp': time
  })
  const signed = (text: string, key: Content = secret): Headers => sent(base64(hmac(text, key)))
  const body = '{"a":1}'
  const text = time + body
  mistakes(t, zendeskVendor as never, secret, [
    ['spelling-hex', sent(hex(hmac(text)))],
    ['spelling-unpadded', sent(base64(hmac(text)).replace(/=+$/, ''))],
    ['prefix', sent(`sha256=${base64(hmac(text))}`)],
    ['key-other', signed(text, 'the-key-before-that-one')],
    ['key-base64-decoded', signed(text, Buffer.from(secret, 'base64'))],
    ['order', signed(body + time)],
    ['separator', signed(`${time}.${body}`)],
    ['time-missing', signed(body)],
    ['body-missing', signed(time)],
    ['time-text', signed(seconds + body)],
    ['time-text', signed(`${seconds}000${body}`)],
    ['time-text', signed(new Date(now).toISOString().replace(/\.\d+/, '.000') + body)],
    ['hash-not-hmac', sent(createHash('sha256').update(text).digest('base64'))],
    ['hash-algorithm', sent(createHmac('sha1', secret).update(text).digest('base64'))],
    ['body-reserialised', signed(text), pretty]
  ])
  const published = zendeskVendor.diagnosis.extract({
    method: 'POST',
    target: '/',
    headers: new Map([
      ['x-zendesk-webhook-signature', 'tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw='],
      ['x-zendesk-webhook-signature-timestamp', '2021-07-25T10:00:00Z']
    ]),
    body: Buffer.from('{"say": "hello"}')
  })
  t.match(
    explain(zendeskVendor.scheme, zendeskVendor.diagnosis, published.input, published.signature, [{
      id: 'of the page',
      secret: 'HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA='
    }]),
    { matches: false, reasons: [{ code: 'order' }] },
    "the example of Zendesk's older page"
  )
  t.strictSame(
    Array.from(
      zendeskVendor.diagnosis.variants({ timestamp: 'soon', body }, secret)
    ).filter(({ code }) => code === 'time-text'),
    []
  )
})

t.test('intercom: classic mistakes', async t => {
  const sent = (signature: string): Headers => ({ 'x-hub-signature': signature })
  const body = '{"data":{"item":{"a":1}}}'
  const sha1 = (text: string, key = secret): string =>
    createHmac('sha1', key).update(text).digest('hex')
  const genuine = sha1(body)
  mistakes(t, intercomVendor as never, secret, [
    ['prefix-missing', sent(genuine)],
    ['prefix-sha256', sent(`sha256=${genuine}`)],
    ['prefix-colon', sent(`sha1:${genuine}`)],
    ['hash-algorithm', sent(`sha1=${hex(hmac(body))}`)],
    ['hash-not-hmac', sent(`sha1=${createHash('sha1').update(body).digest('hex')}`)],
    ['hmac-swapped', sent(`sha1=${sha1(secret, body)}`)],
    ['spelling-hex-case', sent(`sha1=${genuine.toUpperCase()}`)],
    ['spelling-base64', sent(`sha1=${Buffer.from(genuine, 'hex').toString('base64')}`)],
    ['key-other', sent(`sha1=${sha1(body, 'the-key-before-that-one')}`)],
    ['key-blanks', sent(`sha1=${sha1(body, `${secret}\n`)}`)],
    ['body-part', sent(`sha1=${sha1('{"item":{"a":1}}')}`)],
    ['body-part', sent(`sha1=${sha1('{"a":1}')}`)],
    ['body-newline', sent(`sha1=${sha1(`${body}\n`)}`)],
    ['body-reserialised', sent(`sha1=${sha1('{"a":1}')}`), pretty],
    ['hash-not-hmac', sent(`sha1=${createHash('sha1').update('no').digest('hex')}`), 'no']
  ], { body })
})

const wanted = process.env['PROPERTY_RUNS']
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 30)
const id = fc.stringMatching(/^[!-\-/-~]{1,40}$/)
const text = fc.string({ unit: 'binary', maxLength: 60 })
const time = fc.integer({ min: 1, max: 1e15 - 1 }).map(String)

/** Random inputs for each vendor, and how the vendor signs them. */
const inputs: Record<string, {
  vendor: { createScheme: (options: object) => Verifier<never> },
  input: fc.Arbitrary<object>,
  key: fc.Arbitrary<string>
}> = {
  zoom: {
    vendor: zoomVendor,
    input: fc.record({ body: text, timestamp: time }),
    key: fc.string({ minLength: 1 })
  },
  whatsapp: {
    vendor: whatsappVendor,
    input: fc.record({ body: text }),
    key: fc.string({ minLength: 1 })
  },
  intercom: {
    vendor: intercomVendor,
    input: fc.record({ body: text }),
    key: fc.string({ minLength: 1 })
  },
  zendesk: {
    vendor: zendeskVendor,
    input: fc.record({
      timestamp: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map(date => date.toISOString()),
      body: text
    }),
    key: fc.string({ minLength: 1 })
  },
  line: { vendor: lineVendor, input: fc.record({ body: text }), key: fc.string({ minLength: 1 }) },
  'standard-webhooks': {
    vendor: standardVendor,
    input: fc.record({ id, timestamp: time, body: text }),
    key: fc.uint8Array({ minLength: 1, maxLength: 64 }).map(bytes => `whsec_${base64(bytes)}`)
  },
  vonage: {
    vendor: vonageVendor,
    input: fc.tuple(text, id, fc.integer({ min: 1, max: 1e9 })).map(([body, jti, iat]) => ({
      header,
      claims: JSON.stringify({ iat, jti, payload_hash: sha256(body) }),
      body
    })),
    key: fc.string({ minLength: 1 })
  },
  telnyx: {
    vendor: telnyxVendor,
    input: fc.record({ body: text, timestamp: time }),
    key: fc.constant(telnyxKey)
  }
}

for (const [vendor, { vendor: { createScheme }, input, key }] of Object.entries(inputs)) {
  t.test(`${vendor}: a signed input verifies, and no input with a flipped bit, seed ${seed}`, {
    timeout: 900_000
  }, async () => {
    type Fields = Record<string, string>
    fc.assert(
      fc.property(
        input,
        key,
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        (input, key, strict, part, at, bit) => {
          const scheme = createScheme({ strict }) as Verifier<Fields> | Scheme<Fields>
          const fields = input as Fields
          const signature = 'sign' in scheme
            ? unlessRefused(() => scheme.sign(fields, key))
            : base64(sign(null, Buffer.from(scheme.message(fields, key)), pair.privateKey))
          if (signature === undefined) return true
          if (!scheme.verify(fields, signature, key)) return false
          if (scheme.verify(fields, flip(signature, at, bit), key)) return false
          const names = Object.keys(fields).filter(name => fields[name] !== '')
          const name = names[part % names.length]
          if (name === undefined) return true
          const changed = { ...fields, [name]: flip(fields[name] ?? '', at, bit) }
          return unlessRefused(() => scheme.verify(changed, signature, key)) !== true
        }
      ),
      wanted === undefined
        ? { seed, numRuns: 1000, interruptAfterTimeLimit: 1000 }
        : { seed, numRuns: Number(wanted) }
    )
  })
}

/** Flips one bit of one UTF-16 code unit. */
function flip (text: string, at: number, bit: number): string {
  const index = at % text.length
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ 1 << bit % 16) +
    text.slice(index + 1)
}
