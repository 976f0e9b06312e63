import auth from '@fastify/auth'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import huaweiAicc, {
  CallbackReplies,
  ConnectionCallback,
  createScheme,
  ReleaseCallback,
  releaseReasons,
  success,
  voiceNotificationReasons,
  VoiceNotificationCallback,
  type HuaweiAiccDecorator,
  type HuaweiAiccOptions,
  type HuaweiAiccVerification
} from 'fastify-contact-center/huawei-aicc'
import t from 'tap'
import { build, hearOutcomes, now } from '../helper.ts'

declare module 'fastify' {
  interface FastifyInstance {
    huaweiAiccEurope: HuaweiAiccDecorator
  }
}

const keys = 'a-key-of-at-least-16'
const released = {
  callSerialNo: '1197765398201387012',
  serviceNo: '',
  called: '88880067',
  callData: null,
  releaseReason: '0',
  talkingTime: '2022/02/22,10:04:29:004',
  added: true
}
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }

async function service (
  app: FastifyInstance,
  options: Partial<HuaweiAiccOptions> = {}
): Promise<void> {
  await app.register(formbody)
  await app.register(huaweiAicc, { keys, now: () => now, ...options })
  app.post('/released', {
    preValidation: app.huaweiAicc.verify,
    schema: { body: ReleaseCallback, response: CallbackReplies }
  }, async request => {
    if ((request.body as ReleaseCallback).called === '500') {
      throw new Error('the store said: secret things')
    }
    return success
  })
  app.post(
    '/seen',
    { preValidation: app.huaweiAicc.verify, bodyLimit: 2 ** 20 },
    async request => ({ body: request.body, verification: request.verification })
  )
  app.post(
    '/seen-late',
    { preHandler: app.huaweiAicc.verify, schema: { body: ReleaseCallback } },
    async request => request.body
  )
  app.post('/open', async request => ({ got: request.body, verification: request.verification }))
}

let nonces = 0

/** JSON text of a signed callback, the parameters being JSON text too. */
function signedText (
  params: string,
  { timestamp = String(now), nonce = `n${++nonces}`, key = keys, options = {} } = {}
): string {
  const signature = createScheme(options).sign({ params, timestamp, nonce }, key)
  return `${params.slice(0, -1)}${
    params === '{}' ? '' : ','
  }"timestamp":"${timestamp}","nonce":"${nonce}","signature":"${signature}"}`
}

const genuine = signedText(JSON.stringify(released))

t.test('answers a signed callback, as JSON and as a form', async t => {
  const app = await build(t, service)
  const fields: Record<string, string> = {
    callSerialNo: '1197765398201387012',
    serviceNo: '',
    called: '88880067',
    callData: '',
    added: 'yes, now'
  }
  const signed = await app.huaweiAicc.signCallback(fields)
  for (
    const [name, headers, payload] of [['JSON', json, genuine], [
      'JSON by the decorator',
      json,
      JSON.stringify(signed)
    ], [
      'form',
      form,
      new URLSearchParams(await app.huaweiAicc.signCallback(fields)).toString()
    ]] as const
  ) {
    const reply = await app.inject({ method: 'POST', url: '/released', headers, payload })
    t.equal(reply.statusCode, 200, name)
    t.strictSame(reply.json(), { retCode: '0', retMsg: 'success' }, name)
  }
  for (const type of ['Application/JSON', 'application/json ; charset=utf-8']) {
    const payload = JSON.stringify(await app.huaweiAicc.signCallback(fields))
    t.equal(
      (await app.inject({
        method: 'POST',
        url: '/released',
        headers: { 'content-type': type },
        payload
      })).statusCode,
      200,
      type
    )
  }
})

t.test("every failure has the vendor's shape", async t => {
  const app = await build(t, service)
  const change = (changes: object, signed = genuine): string =>
    JSON.stringify({ ...JSON.parse(signed) as object, ...changes })
  const params = (changes: object): string =>
    signedText(JSON.stringify({ ...released, ...changes }))
  const at = (timestamp: number | string): string =>
    signedText('{"called":"1"}', { timestamp: String(timestamp) })
  const cases: Record<
    string,
    [{ headers: Record<string, string | string[]>, payload: string }, number, string]
  > = {
    'no signature': [
      { headers: json, payload: change({ signature: undefined }) },
      401,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'a null signature': [
      { headers: json, payload: change({ signature: null }) },
      401,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'an empty nonce': [
      { headers: json, payload: change({ nonce: '' }) },
      401,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'no content type': [{ headers: {}, payload: '' }, 401, 'FST_CC_SIGNATURE_MISSING'],
    'an empty form': [{ headers: form, payload: '' }, 401, 'FST_CC_SIGNATURE_MISSING'],
    'a signature in hex': [
      { headers: json, payload: change({ signature: 'ab'.repeat(32) }) },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a nonce that is a number': [
      { headers: json, payload: change({ nonce: 1 }) },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a timestamp with an exponent': [
      { headers: json, payload: genuine.replace(`"${now}"`, '1e3') },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a timestamp in a list': [
      { headers: json, payload: change({ timestamp: [String(now)] }) },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'regression: a control character in a number, which PostgreSQL cannot store': [
      { headers: json, payload: params({ called: '8888\u0000' }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a changed value': [
      { headers: json, payload: change({ called: '88880068' }) },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'an added parameter': [
      { headers: json, payload: change({ more: '' }) },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'another time': [
      { headers: json, payload: change({ timestamp: String(now + 1) }) },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'another nonce': [
      { headers: json, payload: change({ nonce: 'another' }) },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'another key': [
      { headers: json, payload: signedText('{}', { key: 'another-key-of-no-use' }) },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'the last of two values counts': [
      { headers: json, payload: genuine.replace('}', ',"called":"1"}') },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'too old': [
      { headers: json, payload: at(now - 300_001) },
      401,
      'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
    ],
    'too new': [
      { headers: json, payload: at(now + 300_001) },
      401,
      'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
    ],
    seconds: [
      { headers: json, payload: at(Math.trunc(now / 1000)) },
      401,
      'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
    ],
    'the head of the parameters moved into the nonce': [
      { headers: json, payload: change({ nonce: 'n1_added=true' }) },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a repeated form parameter': [
      { headers: form, payload: 'called=1&called=1' },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a list': [{ headers: json, payload: '[]' }, 400, 'FST_CC_INPUT_REFUSED'],
    'plain text': [
      { headers: { 'content-type': 'text/plain' }, payload: genuine },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'malformed JSON': [
      { headers: json, payload: '{"called":' },
      400,
      'FST_ERR_CTP_INVALID_JSON_BODY'
    ],
    'poisoned JSON': [
      { headers: json, payload: signedText('{"__proto__":{}}') },
      400,
      'FST_ERR_CTP_INVALID_JSON_BODY'
    ],
    'another media type': [
      { headers: { 'content-type': 'application/xml' }, payload: genuine },
      415,
      'FST_ERR_CTP_INVALID_MEDIA_TYPE'
    ],
    'a compressed body': [
      { headers: { ...json, 'content-encoding': 'gzip' }, payload: genuine },
      415,
      'FST_CC_CONTENT_ENCODING'
    ],
    'too large a body': [
      { headers: json, payload: params({ callData: 'x'.repeat(2 ** 20) }) },
      413,
      'FST_ERR_CTP_BODY_TOO_LARGE'
    ],
    'no serial number': [
      { headers: json, payload: params({ callSerialNo: undefined }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'another parameter inside a value': [
      { headers: json, payload: params({ callData: '1,callSerialNo=2' }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'another parameter inside an unknown value': [
      { headers: json, payload: params({ more: '1,callSerialNo=2' }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'another parameter inside a nested value': [
      { headers: json, payload: params({ more: { a: 1, b: 2 } }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a space in a name': [
      { headers: json, payload: params({ 'call ed': 1 }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a separator in a name': [
      { headers: json, payload: params({ 'a=1,b': 1 }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a separator in a number': [
      { headers: json, payload: params({ called: '1,2' }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a time in another format': [
      { headers: json, payload: params({ releaseTime: '2022-02-22T10:04:29Z' }) },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a crash in the handler': [
      { headers: json, payload: params({ called: '500' }) },
      500,
      'INTERNAL_SERVER_ERROR'
    ]
  }
  for (const [name, [request, status, code]] of Object.entries(cases)) {
    const reply = await app.inject({ method: 'POST', url: '/released', ...request })
    t.equal(reply.statusCode, status, name)
    const body = reply.json()
    t.strictSame(Object.keys(body), ['retCode', 'retMsg'], name)
    t.equal(body.retCode, String(status), name)
    t.ok(body.retMsg.startsWith(`${code}: `), `${name}: ${body.retMsg}`)
    t.notMatch(reply.body, 'secret things', name)
  }
})

t.test('the schema accepts unusual values', async t => {
  const app = await build(t, service)
  const cases: Record<string, object> = {
    'free text with commas': { callData: 'a, b, c' },
    'free text with an equals sign': { callData: 'a=b=c' },
    'JSON as text': { callData: '{"a":1,"b":[2,3]}' },
    'a time that never came': { talkingTime: '', alertingTime: null },
    'no service number': { serviceNo: null },
    'unknown plain values': { x: 1.5, y: null, z: '2022/02/22,10:04:29:004' }
  }
  for (const [name, changes] of Object.entries(cases)) {
    const reply = await app.inject({
      method: 'POST',
      url: '/released',
      headers: json,
      payload: signedText(JSON.stringify({ ...released, ...changes }))
    })
    t.equal(reply.statusCode, 200, name)
  }
})

t.test('both edges of the window are inside it', async t => {
  const app = await build(t, service)
  for (const timestamp of [now - 300_000, now + 300_000]) {
    const reply = await app.inject({
      method: 'POST',
      url: '/seen',
      headers: json,
      payload: signedText('{}', { timestamp: String(timestamp) })
    })
    t.equal(reply.statusCode, 200)
  }
})

t.test('the handler sees the digits that were signed', async t => {
  const app = await build(t, service)
  const text = signedText(
    '{"callSerialNo":1197765398201387012,"a":1.0,"b":9007199254740993,"c":9007199254740992,"d":1e400,"e":0.1,"f":-0,"g":100,"h":-1.25e-3,"i":1152921504606846976,"j":0.10000000000000000000,"k":123456789012345678901234,"l":1000000000000000000000000,"n":{"x":9007199254740993}}'
  )
    .replace(`"${now}"`, String(now))
  const { body, verification } =
    (await app.inject({ method: 'POST', url: '/seen', headers: json, payload: text })).json()
  t.match(body, {
    callSerialNo: '1197765398201387012',
    a: 1,
    b: '9007199254740993',
    c: 9007199254740992,
    d: '1e400',
    e: 0.1,
    g: 100,
    h: -0.00125,
    i: '1152921504606846976',
    j: 0.1,
    k: '123456789012345678901234',
    l: 1e24,
    timestamp: now
  })
  t.strictSame(verification, {
    scheme: 'huawei-aicc',
    keyId: 'default',
    signedAt: now,
    nonce: `n${nonces}`,
    duplicate: false,
    covered: [
      'a',
      'b',
      'c',
      'callSerialNo',
      'd',
      'e',
      'f',
      'g',
      'h',
      'i',
      'j',
      'k',
      'l',
      'n',
      'timestamp',
      'nonce'
    ]
  })

  const late = signedText('{"callSerialNo":1197765398201387012,"serviceNo":"","called":"1"}')
  t.match(
    (await app.inject({ method: 'POST', url: '/seen-late', headers: json, payload: late })).json(),
    { callSerialNo: /^1197765398201387012$/ },
    'after validation, too'
  )

  const asForm = await app.inject({
    method: 'POST',
    url: '/seen',
    headers: form,
    payload: new URLSearchParams(
      await app.huaweiAicc.signCallback<Record<string, string>>({ a: '1.0', b: '' })
    ).toString()
  })
  t.match(asForm.json(), { body: { a: '1.0', b: '' } })
})

t.test('keeps numbers that a double represents exactly, and turns others into text', async t => {
  const app = await build(t, service)
  const numbers = [
    '0',
    '-0',
    '0.0',
    '-0.0',
    '0e5',
    '0.0e5',
    '0.0e-999',
    '0.00000000000000000',
    '1',
    '-1',
    '-12',
    '100',
    '1.0',
    '-1.50',
    '0.1',
    '-0.5',
    '-0.050',
    '0.001',
    '123.4560',
    '0.10000000000000000000',
    '1E3',
    '1e+3',
    '1.0e+2',
    '10e-1',
    '-10E-1',
    '-1.25e-3',
    '0.00001e5',
    '9007199254740992',
    '1000000000000000000',
    '1152921504606847000',
    '-9223372036854776000',
    '100000000000000000000',
    '1e21',
    '1000000000000000000000',
    '1000000000000000000000000',
    '1.7976931348623157e308',
    '5e-324',
    '-5E-324',
    '0.00000000000000000000000000000000001',
    `1.${'0'.repeat(500)}`,
    `1${'0'.repeat(300)}`
  ]
  const texts = [
    '9007199254740993',
    '-9007199254740993',
    '1152921504606846976',
    '1197765398201387012',
    '9223372036854775807',
    '-9223372036854775808',
    '123456789012345678901',
    '1234567890123456789012',
    '-0.10000000000000000001',
    '1.00000000000000000001',
    '4.9e-324',
    '3e-324',
    '-7e-324',
    '1e-400',
    '-1E-400',
    '1e400',
    '-1e400',
    `1${'0'.repeat(309)}`,
    `0.${'0'.repeat(400)}1`,
    '1.7976931348623157e309'
  ]
  const receivedBy = async (list: string[]): Promise<unknown[]> => {
    const payload = signedText(`{${list.map((text, at) => `"n${at}":${text}`).join()}}`)
    const { body } = (await app.inject({ method: 'POST', url: '/seen', headers: json, payload }))
      .json()
    return list.map((_, at) => body[`n${at}`])
  }
  t.strictSame(
    await receivedBy(numbers),
    numbers.map(text => JSON.parse(text) as unknown).map(number =>
      Object.is(number, -0) ? 0 : number
    )
  )
  t.strictSame(await receivedBy(texts), texts)
})

t.test('regression: a number with very many zeros blocked the process for minutes', async t => {
  const app = await build(t, service)
  const zeros = '0'.repeat(300_000)
  const before = process.cpuUsage()
  const { body } = (await app.inject({
    method: 'POST',
    url: '/seen',
    headers: json,
    payload: signedText(`{"a":1.${zeros}1,"b":1.${zeros}}`)
  })).json()
  t.ok(process.cpuUsage(before).user < 10_000_000)
  t.strictSame([body.a, body.b], [`1.${zeros}1`, 1])
})

t.test('regression: a handler got the text 1 where the list [1] was signed', async t => {
  const touched: Record<string, boolean> = {}
  const app = await build(t, async app => {
    await service(app, { unsigned: { addresses: ['127.0.0.1'] } })
    await app.register(auth)
    app.addHook('onRoute', ({ url, preHandler }) => {
      touched[url] = preHandler !== undefined
    })
    app.post('/sibling', async () => 'ok')
    app.post('/connected', {
      preValidation: app.huaweiAicc.verifyUnsigned,
      schema: { body: ConnectionCallback }
    }, async request => request.body)
    app.post('/connected-late', {
      preHandler: app.huaweiAicc.verifyUnsigned,
      schema: { body: ConnectionCallback }
    }, async request => request.body)
    app.post('/hidden', {
      preValidation: app.auth([app.huaweiAicc.verify]),
      preHandler: [async () => {}],
      config: { contactCenter: { capture: true, replies: 'huaweiAicc' } },
      schema: { body: ReleaseCallback }
    }, async request => request.body)
    app.post('/among-others', {
      preValidation: [async () => {}, app.huaweiAicc.verify],
      schema: { body: ReleaseCallback }
    }, async request => request.body)
    app.post('/lists', {
      preValidation: app.huaweiAicc.verify,
      schema: { body: { type: 'object', properties: { a: { type: 'array' } } } }
    }, async request => request.body)
    app.post('/gone', {
      preValidation: app.huaweiAicc.verify,
      preHandler: async request => request.body,
      schema: { body: { type: 'object', properties: { a: {} }, additionalProperties: false } }
    }, async request => request.body)
    app.post('/replaced', {
      preValidation: [app.huaweiAicc.verify, async request => {
        request.body = null
      }]
    }, async () => ({ replaced: true }))
  })
  const send = async (url: string, payload: string) =>
    await app.inject({ method: 'POST', url, headers: json, payload })
  const text = JSON.stringify({ ...released, callSerialNo: '[1]' })
  const swapped = {
    callSerialNo: signedText(text).replace('"[1]"', '["1"]'),
    added: signedText(JSON.stringify({ ...released, added: '[1]' })).replace('"[1]"', '[1]')
  }
  for (const [name, payload] of Object.entries(swapped)) {
    for (const url of ['/released', '/seen-late', '/hidden', '/among-others']) {
      const reply = await send(url, payload)
      t.equal(reply.statusCode, 400, `${url}, ${name}`)
      t.match(reply.json().retMsg, /^FST_CC_INPUT_REFUSED: /, `${url}, ${name}`)
    }
  }
  for (const url of ['/connected', '/connected-late']) {
    t.equal(
      (await send(url, '{"callSerialNo":["1"],"serviceNo":"","called":"1"}')).statusCode,
      400,
      url
    )
  }
  t.strictSame(
    (await send('/seen', signedText('{"a":[1],"b":[]}'))).json().body.a,
    [1],
    'a list stays a list without a schema'
  )
  t.strictSame(
    (await send('/lists', signedText('{"a":["1"]}'))).json().a,
    ['1'],
    "the user's schema may require lists"
  )
  t.equal(
    (await send('/gone', signedText('{"a":"1","b":[1]}'))).statusCode,
    200,
    'a value that the schema removes stays away'
  )
  t.strictSame((await send('/replaced', signedText('{"a":[1]}'))).json(), { replaced: true })
  t.strictSame(
    [touched['/sibling'], touched['/lists']],
    [false, true],
    'other routes are validated once'
  )
})

t.test("leaves a body that the user's parser transformed unchanged", async t => {
  const app = await build(t, async app => {
    await app.register(huaweiAicc, { keys, now: () => now })
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
      done(null, text)
    })
    for (const missing of [null, undefined]) {
      app.post(`/${missing}`, {
        preValidation: [async request => {
          request.body = missing
        }, app.huaweiAicc.verify]
      }, async request => ({ type: String(request.body) }))
    }
    app.post(
      '/text',
      { preValidation: app.huaweiAicc.verify },
      async request => ({ type: typeof request.body })
    )
  })
  t.strictSame(
    (await app.inject({ method: 'POST', url: '/text', headers: json, payload: genuine })).json(),
    { type: 'string' }
  )
  const long = signedText('{"callSerialNo":1197765398201387012}')
  const second = signedText('{"callSerialNo":1197765398201387012}')
  t.strictSame(
    (await app.inject({ method: 'POST', url: '/null', headers: json, payload: long })).json(),
    { type: 'null' }
  )
  t.strictSame(
    (await app.inject({ method: 'POST', url: '/undefined', headers: json, payload: second }))
      .json(),
    { type: 'undefined' }
  )
})

t.test('prints numbers like the JVM', async t => {
  const app = await build(t, app => service(app, { numbers: 'java' }))
  for (const [number, status] of [['1e3', 200], ['1000.0', 200], ['1000', 401]] as const) {
    const payload = signedText('{"a":1e3,"callSerialNo":1197765398201387012}', {
      options: { numbers: 'java' }
    }).replace('1e3', number)
    t.equal(
      (await app.inject({ method: 'POST', url: '/seen', headers: json, payload })).statusCode,
      status,
      number
    )
  }
})

t.test('any of several keys verifies, the first signs, and the result names the matching key', async t => {
  const old = { id: 'old', secret: 'the-key-of-last-year' }
  const app = await build(t, app => service(app, { keys: [{ id: 'new', secret: keys }, old] }))
  for (const [key, id] of [[keys, 'new'], [old.secret, 'old']] as const) {
    const reply = await app.inject({
      method: 'POST',
      url: '/seen',
      headers: json,
      payload: signedText('{}', { key })
    })
    t.equal(reply.json().verification.keyId, id)
  }
  const input = { params: {}, timestamp: now, nonce: 'n1' }
  t.equal(
    await app.huaweiAicc.verifyInput(input, app.huaweiAicc.scheme.sign(input, old.secret)),
    'old'
  )
  t.equal(
    await app.huaweiAicc.verifyInput(input, app.huaweiAicc.scheme.sign(input, "nobody's")),
    null
  )
  const { signature, nonce } = await app.huaweiAicc.signCallback({})
  t.equal(await app.huaweiAicc.verifyInput({ ...input, nonce }, signature), 'new')
  t.match(nonce, /^[0-9a-f]{32}$/)
})

t.test('accepts a callback once, unless the handler fails', async t => {
  const app = await build(t, service)
  const send = async (payload: string) =>
    await app.inject({ method: 'POST', url: '/released', headers: json, payload })
  const signedOnce = signedText(JSON.stringify(released))
  t.equal((await send(signedOnce)).statusCode, 200)
  const copy = await send(signedOnce)
  t.equal(copy.statusCode, 401)
  t.match(copy.json(), { retCode: '401', retMsg: /^FST_CC_REPLAYED: / })
  const failing = signedText(JSON.stringify({ ...released, called: '500' }))
  for (const attempt of ['first', 'second']) t.equal((await send(failing)).statusCode, 500, attempt)

  const marking = await build(t, app => service(app, { duplicates: 'mark' }))
  for (const duplicate of [false, true]) {
    const reply = await marking.inject({
      method: 'POST',
      url: '/seen',
      headers: json,
      payload: signedOnce
    })
    t.equal(reply.json().verification.duplicate, duplicate)
  }
})

t.test('the default store uses the clock of the options, and forgets callbacks that no longer verify', async t => {
  let at = now
  const app = await build(t, app => service(app, { now: () => at }))
  const send = async () =>
    (await app.inject({
      method: 'POST',
      url: '/seen',
      headers: json,
      payload: signedText('{"a":"1"}', { nonce: 'the-same', timestamp: String(at) })
    })).statusCode
  t.equal(await send(), 200)
  at += 600_000
  t.equal(await send(), 401)
  at += 1
  t.equal(await send(), 200)
})

t.test('leaves a sibling route unchanged', async t => {
  const app = await build(t, service)
  const reply = await app.inject({ method: 'POST', url: '/open', payload: { a: 1 } })
  t.strictSame(reply.json(), { got: { a: 1 }, verification: null })
  const broken = await app.inject({ method: 'POST', url: '/open', headers: json, payload: '{' })
  t.equal(broken.json().code, 'FST_ERR_CTP_INVALID_JSON_BODY', "it keeps Fastify's own error shape")
})

t.test('a second account in the same scope, under its own name', async t => {
  const app = await build(t, async app => {
    await service(app)
    await app.register(huaweiAicc, {
      keys: 'the-key-of-the-other-one',
      as: 'huaweiAiccEurope',
      now: () => now
    })
    app.post(
      '/europe',
      { preValidation: app.huaweiAiccEurope.verify },
      async request => request.verification
    )
  })
  const payload = signedText('{}', { key: 'the-key-of-the-other-one' })
  t.match((await app.inject({ method: 'POST', url: '/europe', headers: json, payload })).json(), {
    scheme: 'huawei-aicc',
    keyId: 'default'
  })
  t.equal(
    (await app.inject({ method: 'POST', url: '/released', headers: json, payload })).statusCode,
    401
  )
})

t.test('regression: with app.auth, a route without the hook answered 500', async t => {
  const app = await build(t, async app => {
    await app.register(auth)
    await app.register(huaweiAicc, { keys, now: () => now })
    const preValidation = app.auth([app.huaweiAicc.verify])
    app.post('/released', {
      preValidation,
      config: { contactCenter: { capture: true, replies: 'huaweiAicc' } }
    }, async () => success)
    app.post(
      '/forgotten',
      { preValidation },
      async () => success
    )
  })
  const request = { method: 'POST' as const, headers: json, payload: genuine }
  t.equal((await app.inject({ ...request, url: '/released' })).statusCode, 200)
  t.equal(
    (await app.inject({ ...request, url: '/released', payload: genuine.replace('8888', '9999') }))
      .statusCode,
    401
  )
  const payload = JSON.stringify(await app.huaweiAicc.signCallback({ callSerialNo: '1' }))
  const forgotten = await app.inject({ ...request, url: '/forgotten', payload })
  t.equal(forgotten.statusCode, 200)
  const copy = await app.inject({ ...request, url: '/forgotten', payload })
  t.match(copy.json(), { retCode: '401', retMsg: /^FST_CC_REPLAYED/ }, "in the vendor's shape")
})

t.test('a reply signed by the sign hook', async t => {
  const app = await build(t, async app => {
    await service(app)
    app.get('/callback', { preSerialization: app.huaweiAicc.sign }, async () => released)
    app.get('/list', { preSerialization: app.huaweiAicc.sign }, async () => [1])
    app.get('/unsafe', {
      preSerialization: app.huaweiAicc.sign,
      config: { contactCenter: { replies: 'huaweiAicc' } }
    }, async () => ({ a: '\ud800' }))
    app.get(
      '/refused/:status',
      { preSerialization: app.huaweiAicc.sign },
      async (request, reply) =>
        reply.code(Number((request.params as { status: string }).status)).send({ retCode: '1' })
    )
  })
  const { body: payload } = await app.inject('/callback')
  t.equal(
    (await app.inject({ method: 'POST', url: '/released', headers: json, payload })).statusCode,
    200
  )
  t.equal((await app.inject('/list')).statusCode, 500, 'a list has no parameters')
  t.match((await app.inject('/unsafe')).json(), {
    retCode: '400',
    retMsg: /^FST_CC_INPUT_REFUSED: /
  }, 'regression: it was 500')
  for (const status of [400, 503]) {
    t.strictSame(
      (await app.inject(`/refused/${status}`)).json(),
      { retCode: '1' },
      'regression: error replies were signed'
    )
  }
  t.match((await app.inject('/refused/399')).json(), { retCode: '1', signature: /^.{43}=$/ })
})

t.test('regression: a non-object was signed without its parameters', async t => {
  const { huaweiAicc } = await build(t, service)
  const nonObjects: Record<string, unknown> = {
    'a Map': new Map([['a', '1']]),
    'URLSearchParams': new URLSearchParams('a=1'),
    'a list': ['a'],
    'an object with toJSON': { toJSON: () => ({ a: '1' }) },
    'a date': new Date(0),
    text: '{"a":"1"}',
    null: null
  }
  for (const [name, params] of Object.entries(nonObjects)) {
    await t.rejects(huaweiAicc.signCallback(params as object), {
      name: 'TypeError',
      message: /^params must be an object whose properties/
    }, name)
  }
  t.match(await huaweiAicc.signCallback({ toJSON: 'a parameter of that name' }), {
    toJSON: 'a parameter of that name',
    signature: /^.{43}=$/
  })
  await t.rejects(
    huaweiAicc.signCallback({ a: '\ud800' }),
    { name: 'InputError' },
    'the function names the refused field'
  )
})

t.test('verifyInput rejects input that the scheme refuses', async t => {
  const { huaweiAicc } = await build(t, service)
  await t.rejects(huaweiAicc.verifyInput({ params: {}, timestamp: now, nonce: 'a_b' }, 'x'), {
    name: 'InputError',
    message: /underscore/
  })
})

t.test("request.verification has the vendor's type", async t => {
  const app = await build(t, async app => {
    await app.register(huaweiAicc, { keys, now: () => now })
    app.post('/typed', { preValidation: app.huaweiAicc.verify }, async request => {
      const { scheme, nonce, signedAt } = request.verification as HuaweiAiccVerification
      const names: 'huawei-aicc' = scheme
      return { names, nonce: nonce.length, signedAt: signedAt.toFixed() }
    })
  })
  t.strictSame(
    (await app.inject({
      method: 'POST',
      url: '/typed',
      headers: json,
      payload: signedText('{}', { nonce: 'four' })
    })).json(),
    { names: 'huawei-aicc', nonce: 4, signedAt: String(now) }
  )
})

t.test('the sign hook uses the keys of the request that it answers', async t => {
  const app = await build(t, async app => {
    await app.register(huaweiAicc, {
      keys: request => request.url === '/callback' ? [{ id: 'a', secret: keys }] : [],
      now: () => now
    })
    app.get('/callback', { preSerialization: app.huaweiAicc.sign }, async () => ({ a: '1' }))
  })
  const { signature, timestamp, nonce } = (await app.inject('/callback')).json()
  t.equal(signature, createScheme().sign({ params: { a: '1' }, timestamp, nonce }, keys))
})

t.test('misconfiguration stops the registration and names the option', async t => {
  const invalid: Record<string, [object, RegExp]> = {
    'an unknown value of numbers': [
      { numbers: 'double' },
      /"numbers" must be one of 'literal', 'java'/
    ],
    'an unknown option': [{ number: 'java' }, /unknown option "number"/],
    'a short secret': [{ keys: '0123456789abcde' }, /shorter than 16/],
    'an impossible tolerance': [{ tolerance: 0 }, /"tolerance"/],
    'a check that is not a function': [{ isKnownCall: true }, /"isKnownCall"/],
    'an address without a token': [{ url: 'https://aicc.example' }, /"accessToken"/],
    'a token without an address': [{ accessToken: 'token' }, /"url"/],
    'regression: the token went over plain http to any host': [{
      url: 'http://aicc.example',
      accessToken: 'token'
    }, /"url" must be https.*"allowHttp"/],
    'a permission that is not a boolean': [{
      url: 'https://aicc.example',
      accessToken: 'token',
      allowHttp: 'no'
    }, /"allowHttp" must be true or false/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    await t.rejects(
      build(t, app => app.register(huaweiAicc, { keys, ...options } as HuaweiAiccOptions)),
      { code: 'FST_CC_OPTION_INVALID', message },
      name
    )
  }
})

t.test('explains release reasons', async t => {
  t.match(releaseReasons['5'], /did not answer/)
  t.match(voiceNotificationReasons['999'], /conference/)
  const app = await build(t, async app => {
    await app.register(huaweiAicc, { keys, now: () => now })
    app.post('/notified', {
      preValidation: app.huaweiAicc.verify,
      schema: { body: VoiceNotificationCallback, response: CallbackReplies }
    }, async () => success)
  })
  const payload = signedText('{"callSerialNo":"1","releaseReason":"999","more":1}')
  t.equal(
    (await app.inject({ method: 'POST', url: '/notified', headers: json, payload })).statusCode,
    200
  )
})

t.test("publishes outcomes with the vendor's name", async t => {
  const outcomes = hearOutcomes(t)
  const app = await build(t, service)
  await app.inject({ method: 'POST', url: '/seen', payload: {} })
  t.strictSame(outcomes.map(({ vendor }) => vendor), ['huawei-aicc'])
})
