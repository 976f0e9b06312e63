import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import huaweiAicc, {
  CallbackReplies,
  ConnectionCallback,
  success,
  type HuaweiAiccOptions,
  type Unsigned
} from 'fastify-contact-center/huawei-aicc'
import { assertProtected } from 'fastify-contact-center'
import t, { type Test } from 'tap'
import { build, hearOutcomes } from '../helper.ts'

const keys = 'a-key-of-at-least-16'
const token = 'gate-token-of-this-service'
const connected = { callSerialNo: '1197765398201387012', serviceNo: '', called: '88880067' }

async function service (
  t: Test,
  options: Partial<HuaweiAiccOptions>,
  server?: FastifyServerOptions
): Promise<FastifyInstance> {
  return await build(t, async app => {
    await app.register(formbody)
    await app.register(huaweiAicc, { keys, ...options })
    app.post('/connected/:gate', {
      preValidation: app.huaweiAicc.verifyUnsigned,
      schema: { body: ConnectionCallback, response: CallbackReplies }
    }, async request => {
      t.equal(request.verification, null, 'an unsigned callback is never verified')
      return success
    })
    app.post('/seen/:gate', {
      preHandler: [app.huaweiAicc.verifyUnsigned],
      config: { contactCenter: {} }
    }, async request => request.body)
    app.get('/health', async () => 'ok')
  }, server)
}

async function call (
  app: FastifyInstance,
  gate: string,
  request: { remoteAddress?: string, payload?: object | string, headers?: Record<string, string> } =
    {}
) {
  const reply = await app.inject({
    method: 'POST',
    url: `/connected/${gate}`,
    headers: { 'content-type': 'application/json' },
    payload: connected,
    ...request
  })
  const { retCode, retMsg } = reply.json()
  t.equal(retCode, reply.statusCode === 200 ? '0' : String(reply.statusCode))
  return `${reply.statusCode} ${String(retMsg).split(':')[0]}`
}

const refused = '403 FST_CC_UNSIGNED_REFUSED'
const accepted = '200 success'

t.test('refuses unsigned callbacks by default', async t => {
  t.equal(await call(await service(t, {}), token), refused)
  t.equal(await call(await service(t, { unsigned: 'refuse' }), token), refused)
})

t.test('accepts a token in the path', async t => {
  const app = await service(t, { unsigned: { token } })
  t.equal(await call(app, token), accepted)
  for (const token_ of ['', 'x', token + 'x', token.slice(1), 'é'.repeat(token.length)]) {
    t.equal(await call(app, encodeURIComponent(token_)), refused, token_)
  }
})

t.test('accepts callers by address', async t => {
  const app = await service(t, {
    unsigned: { addresses: ['192.0.2.7', '198.51.100.0/24', '2001:db8::/32', '2001:db9::1'] }
  })
  const cases: Record<string, string> = {
    '192.0.2.7': accepted,
    '192.0.2.8': refused,
    '198.51.100.200': accepted,
    '198.51.101.1': refused,
    '::ffff:192.0.2.7': accepted,
    '2001:db8:1::1': accepted,
    '2001:db9::1': accepted,
    '2001:db9::2': refused,
    'no address': refused
  }
  for (const [remoteAddress, outcome] of Object.entries(cases)) {
    t.equal(await call(app, 'any', { remoteAddress }), outcome, remoteAddress)
  }
  const spoofed = {
    remoteAddress: '203.0.113.1',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.7' }
  }
  t.equal(
    await call(app, 'any', spoofed),
    refused,
    'a forwarded address counts only from a trusted proxy'
  )
  const behindProxy = await service(t, { unsigned: { addresses: ['192.0.2.7'] } }, {
    trustProxy: '203.0.113.1'
  })
  t.equal(await call(behindProxy, 'any', spoofed), accepted)
})

t.test('refuses a caller without an address, as on a Unix socket', async t => {
  const app = await service(t, { unsigned: { addresses: ['192.0.2.7'] } })
  t.equal(await call(app, 'any', { remoteAddress: '/run/contact-center.sock' }), refused)
})

t.test('a route with an optional token refuses callers without a token', async t => {
  const app = await build(t, async app => {
    await app.register(huaweiAicc, { keys, unsigned: { token } })
    app.post('/maybe/:gate?', { preValidation: app.huaweiAicc.verifyUnsigned }, async () => success)
  })
  t.equal((await app.inject({ method: 'POST', url: '/maybe', payload: connected })).statusCode, 403)
  t.equal(
    (await app.inject({ method: 'POST', url: `/maybe/${token}`, payload: connected })).statusCode,
    200
  )
})

t.test('regression: unsigned callbacks published no outcome', async t => {
  const outcomes = hearOutcomes(t)
  const app = await service(t, { unsigned: { token } })
  await call(app, token)
  await call(app, 'wrong')
  t.match(outcomes, [{
    vendor: 'huawei-aicc',
    decorator: 'huaweiAicc',
    code: 'OK',
    duplicate: false
  }, { code: 'FST_CC_UNSIGNED_REFUSED' }])
  t.equal(outcomes.length, 2)
  t.notOk(outcomes.some(outcome => 'keyId' in outcome), 'no key was used')
})

t.test('requires token and address if both are set', async t => {
  const app = await service(t, { unsigned: { token, addresses: ['192.0.2.7'] } })
  t.equal(await call(app, token, { remoteAddress: '192.0.2.7' }), accepted)
  t.equal(await call(app, token, { remoteAddress: '192.0.2.8' }), refused)
  t.equal(await call(app, 'wrong', { remoteAddress: '192.0.2.7' }), refused)
})

t.test('accepts only calls that the service started', async t => {
  const lookups: string[] = []
  const app = await service(t, {
    unsigned: { token },
    isKnownCall: async callSerialNo => {
      lookups.push(callSerialNo)
      return callSerialNo === connected.callSerialNo
    }
  })
  t.equal(await call(app, 'wrong'), refused)
  t.strictSame(lookups, [], 'a caller without the token learns nothing about calls')
  t.equal(await call(app, token), accepted)
  t.equal(
    await call(app, token, {
      payload: JSON.stringify(connected).replace('"1197765398201387012"', '1197765398201387012')
    }),
    accepted,
    'a number of 19 digits'
  )
  t.equal(
    await call(app, token, { payload: { ...connected, callSerialNo: '2' } }),
    '404 FST_CC_UNKNOWN_CALL'
  )
  t.strictSame(lookups, ['1197765398201387012', '1197765398201387012', '2'])
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal(
    await call(app, token, { headers: form, payload: new URLSearchParams(connected).toString() }),
    accepted,
    'a form'
  )
  t.equal(
    await call(app, token, { headers: form, payload: 'callSerialNo=1&callSerialNo=1' }),
    '400 FST_CC_INPUT_REFUSED'
  )
  for (const payload of [{ called: '1' }, { callSerialNo: '' }, { callSerialNo: [1] }]) {
    t.equal(await call(app, token, { payload }), '400 FST_CC_INPUT_REFUSED')
  }
  const truthy = await service(t, {
    unsigned: { token },
    isKnownCall: () => 'yes' as unknown as boolean
  })
  t.equal(await call(truthy, token), '404 FST_CC_UNKNOWN_CALL', 'only true accepts a call')
})

t.test("failures have the vendor's shape, and keep digits", async t => {
  const app = await service(t, { unsigned: { token } })
  t.equal(await call(app, token, { payload: '{' }), '400 FST_ERR_CTP_INVALID_JSON_BODY')
  t.equal(await call(app, token, { payload: { called: '1' } }), '400 FST_ERR_VALIDATION')
  t.equal(
    await call(app, token, {
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' }
    }),
    '415 FST_CC_CONTENT_ENCODING'
  )
  const reply = await app.inject({
    method: 'POST',
    url: `/seen/${token}`,
    headers: { 'content-type': 'application/json' },
    payload: '{"callSerialNo":1197765398201387012}'
  })
  t.strictSame(reply.json(), { callSerialNo: '1197765398201387012' })
  t.equal((await app.inject('/health')).body, 'ok', 'leaves a sibling route unchanged')
})

t.test('regression: assertProtected before the plugin did not see a gate', async t => {
  const app = await build(t, async app => {
    assertProtected(app)
    await app.register(huaweiAicc, { keys, unsigned: { token } })
    app.post(
      '/connected/:gate',
      { preValidation: app.huaweiAicc.verifyUnsigned },
      async () => success
    )
  })
  t.equal(
    (await app.inject({ method: 'POST', url: `/connected/${token}`, payload: connected }))
      .statusCode,
    200
  )
})

t.test('misconfiguration stops the registration', async t => {
  const invalid: Record<string, unknown> = {
    'another word': 'allow',
    null: null,
    nothing: {},
    'an unknown member': { token, addreses: [] },
    'a short token': { token: 'short' },
    'a token of fifteen characters': { token: '123456789012345' },
    'a token with text after a newline': { token: `${token}\n` },
    'a token that a path cannot hold': { token: token + '/x' },
    'a token that is not text': { token: 12345678901234567890n },
    'no address': { addresses: [] },
    'no list': { addresses: '192.0.2.7' },
    'a host name': { addresses: ['localhost'] },
    'too long a prefix': { addresses: ['192.0.2.0/33'] },
    'a prefix with letters': { addresses: ['192.0.2.0/8x'] },
    'a prefix with something before it': { addresses: ['192.0.2.0/x8'] },
    'a prefix in hexadecimal': { addresses: ['192.0.2.0/0x18'] },
    'a prefix with a sign': { addresses: ['192.0.2.0/+8'] },
    everybody: { addresses: ['0.0.0.0/0'] },
    'an empty prefix': { addresses: ['192.0.2.0/'] },
    'two prefixes': { addresses: ['192.0.2.0/24/8'] },
    'an address with a zone': { addresses: ['fe80::1%eth0'] }
  }
  for (
    const fine of [{ token: '1234567890123456' }, { addresses: ['10.0.0.0/8'] }, {
      addresses: ['192.0.2.7/32']
    }, { addresses: ['2001:db8::1/128'] }]
  ) t.ok(await service(t, { unsigned: fine }))
  for (const [name, unsigned] of Object.entries(invalid)) {
    await t.rejects(service(t, { unsigned: unsigned as Unsigned }), {
      code: 'FST_CC_OPTION_INVALID',
      message: /"unsigned"/
    }, name)
  }
  const routes: Record<string, [string, string, RegExp]> = {
    'no path parameter for the token': [
      '/connected/:token',
      'preValidation',
      /POST \/connected\/:token.*":gate"/
    ],
    'before the body is read': [
      '/connected/:gate',
      'onRequest',
      /put it in preValidation or preHandler/
    ]
  }
  for (const [name, [url, slot, message]] of Object.entries(routes)) {
    await t.rejects(
      build(t, async app => {
        await app.register(huaweiAicc, { keys, unsigned: { token } })
        app.post(url, { [slot]: app.huaweiAicc.verifyUnsigned }, async () => success)
      }),
      { code: 'FST_CC_OPTION_INVALID', message },
      name
    )
  }
  t.ok(
    await build(t, async app => {
      await app.register(huaweiAicc, { keys, unsigned: { addresses: ['192.0.2.7'] } })
      app.post('/connected', { preValidation: app.huaweiAicc.verifyUnsigned }, async () => success)
    }),
    'addresses alone need no token'
  )
})
