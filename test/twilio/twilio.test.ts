import { createHash, createHmac } from 'node:crypto'
import { type AddressInfo, connect } from 'node:net'
import { Value } from '@sinclair/typebox/value'
import formbody from '@fastify/formbody'
import fc from 'fast-check'
import { explain } from 'fastify-contact-center/explain'
import { InputError, parseUrl } from 'fastify-contact-center/kit'
import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import oracle from 'twilio/lib/webhooks/webhooks.js'
import twilio, {
  createDiagnosis,
  createScheme,
  diagnosis,
  scheme,
  TwilioCallStatus,
  TwilioIncomingMessage,
  TwilioMessageStatus,
  TwilioVoiceCall,
  twiml,
  type TwilioInput,
  type TwilioOptions
} from 'fastify-contact-center/twilio'
import { build, unlessRefused } from '../helper.ts'

const secret = 'a-token-of-32-characters-or-more'
const hash = (body: string): string => createHash('sha256').update(body).digest('hex')
const publicUrl = 'https://voice.example.com/hooks'
const runs = Number(process.env['PROPERTY_RUNS'] ?? 1000)
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 30)

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }).filter(text => text.isWellFormed()),
  fc.constantFrom('', ' ', '+', '%27', "'", '1', '10', '9', '__proto__', 'a', 'A')
)
const params = fc.dictionary(text, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 })), {
  maxKeys: 6
})
const urls = fc.record({
  protocol: fc.constantFrom('https', 'http', 'HTTPS'),
  user: fc.constantFrom('', 'user:pass@', 'user@'),
  host: fc.constantFrom('example.com', 'EXAMPLE.com', 'münchen.example', '192.0.2.7', '[::1]'),
  port: fc.constantFrom('', ':80', ':443', ':8443'),
  path: fc.constantFrom('', '/', '/voice', '/a/../b', "/it's here", '/ä', '/a//b/', '/a%2fb'),
  query: fc.oneof(
    fc.constant(''),
    fc.constant('?'),
    fc.array(
      fc.tuple(
        fc.constantFrom('a', "b'", 'ä', 'a b', ''),
        fc.constantFrom('1', "it's", 'a+b', '%20', 'ä', '[]', '~!()*', '')
      ),
      { maxLength: 3 }
    ).map(pairs => '?' + pairs.map(pair => pair.join('=')).join('&'))
  )
}).map(({ protocol, user, host, port, path, query }) =>
  `${protocol}://${user}${host}${port}${path}${query}`
)

const loose = createScheme({ strict: false })

t.test(`signs as the twilio package does, seed ${seed}`, async () => {
  fc.assert(
    fc.property(
      urls,
      params,
      text.filter(key => key !== ''),
      (url, params, secret) =>
        loose.sign({ url, params }, secret) ===
          oracle.getExpectedTwilioSignature(secret, url, params)
    ),
    { numRuns: runs, seed }
  )
})

t.test(`accepts exactly what the twilio package accepts, seed ${seed}`, async t => {
  let accepted = 0
  fc.assert(
    fc.property(
      urls,
      urls,
      fc.nat(7),
      params,
      fc.boolean(),
      (url, otherUrl, form, params, changed) => {
        const signature = oracle.getExpectedTwilioSignature(
          secret,
          asSigned(form === 7 ? otherUrl : url, form),
          params
        )
        const presented = changed ? { ...params, more: '1' } : params
        const expected = oracle.validateRequest(secret, signature, url, presented)
        if (expected) accepted++
        return loose.verify({ url, params: presented }, signature, secret) === expected
      }
    ),
    { numRuns: runs, seed }
  )
  t.ok(accepted > runs / 10, `${accepted} of ${runs} accepted`)
})

t.test(`strict: accepts unambiguous requests like the twilio package, and no others, seed ${seed}`, async t => {
  let accepted = 0
  fc.assert(
    fc.property(urls, params, fc.nat(2), (url, params, form) => {
      const signature = oracle.getExpectedTwilioSignature(secret, asSigned(url, form), params)
      const isUnambiguous = /^https?:\/\/[!"$-~]+$/i.test(url) &&
        Object.values(params).every(values =>
          typeof values === 'string' || new Set(values).size === values.length
        )
      const verified = unlessRefused(() => scheme.verify({ url, params }, signature, secret))
      if (verified === true) accepted++
      return verified ===
        (isUnambiguous ? oracle.validateRequest(secret, signature, url, params) : undefined)
    }),
    { numRuns: runs, seed }
  )
  t.ok(accepted > runs / 10, `${accepted} of ${runs} accepted`)
})

t.test(`bodies: accepts exactly what the twilio package accepts, seed ${seed}`, async t => {
  let accepted = 0
  fc.assert(
    fc.property(
      urls.filter(url => parseUrl(url) !== null),
      text,
      fc.nat(3),
      (base, body, mistake) => {
        const sent = mistake === 1 ? `${body} ` : body
        const url = `${base}${base.includes('?') ? '&' : '?'}${
          mistake === 2 ? 'other' : 'bodySHA256'
        }=${mistake === 3 ? hash(body).toUpperCase() : hash(body)}`
        const signature = oracle.getExpectedTwilioSignature(secret, url, {})
        const expected = oracle.validateRequestWithBody(secret, signature, url, sent)
        if (expected) accepted++
        return loose.verify({ url, body: sent }, signature, secret) === expected
      }
    ),
    { numRuns: runs, seed }
  )
  t.ok(accepted > runs / 10, `${accepted} of ${runs} accepted`)
})

/** The URL as Twilio's back ends sign it, in several forms. */
function asSigned (url: string, form: number): string {
  const parsed = parseUrl(url)
  switch (form) {
    case 1:
      return url.replace(/:[0-9]+(?=[/?]|$)/, '')
    case 2:
      return /:[0-9]+(?=[/?]|$)/.test(url)
        ? url
        : url.replace(
          /^(https?):\/\/([^/?]*)/i,
          (_all, protocol: string, authority: string) =>
            `${protocol}://${authority}:${protocol.toLowerCase() === 'https' ? 443 : 80}`
        )
    case 3:
      return parsed?.href ?? url
    case 4:
      return url.replaceAll("'", '%27')
    case 5:
      return url.toLowerCase()
    case 6:
      return `${url}x`
    default:
      return url
  }
}

async function start (t: Test, options: Partial<TwilioOptions> = {}) {
  const app = await build(t, async app => {
    await app.register(formbody)
    await app.register(twilio, { keys: { id: 'main', secret }, publicUrl, ...options })
    app.route({
      method: ['GET', 'POST'],
      url: '/*',
      preValidation: app.twilio.verify,
      handler: async request => ({ body: request.body, covered: request.verification?.covered })
    })
  })
  return { twilio: app.twilio, inject: async (request: InjectOptions) => await app.inject(request) }
}

t.test('verifies with the public URL, whatever host the request names', async t => {
  const { inject, twilio } = await start(t)
  const headers = await twilio.signHeaders({ url: `${publicUrl}/voice?a=1` })
  t.match((await inject({ url: '/voice?a=1', headers: { ...headers } })).json(), {
    covered: ['url']
  })
  t.equal(
    (await inject({
      url: '/voice?a=1',
      headers: { ...headers, host: 'elsewhere.example', 'x-forwarded-host': 'elsewhere.example' }
    })).statusCode,
    200
  )
  const foreign = await twilio.signHeaders({ url: 'https://elsewhere.example/voice?a=1' })
  t.equal(
    (await inject({ url: '/voice?a=1', headers: { ...foreign, host: 'elsewhere.example' } }))
      .statusCode,
    403
  )
})

t.test('the handler receives repeated names as signed', async t => {
  const { inject, twilio } = await start(t)
  const params = { 'MessagingBinding.Address': ['+18550000000', '+18330000000'], Source: 'SMS' }
  const payload =
    'MessagingBinding.Address=%2B18550000000&Source=SMS&MessagingBinding.Address=%2B18330000000'
  const headers = {
    ...await twilio.signHeaders({ url: `${publicUrl}/voice`, params }),
    'content-type': 'application/x-www-form-urlencoded'
  }
  t.equal(
    oracle.validateRequest(secret, headers['x-twilio-signature'], `${publicUrl}/voice`, params),
    true
  )
  t.same((await inject({ method: 'POST', url: '/voice', headers, payload })).json(), {
    body: params,
    covered: ['url', 'params']
  })
  t.equal(
    (await inject({ method: 'POST', url: '/voice', headers, payload: `${payload}&Source=SMS` }))
      .statusCode,
    400,
    'Twilio signs a copy only once, so it is refused'
  )
})

t.test('refuses an unsigned body, and an empty body in place of a signed one', async t => {
  const { inject, twilio } = await start(t)
  const headers = {
    ...await twilio.signHeaders({ url: `${publicUrl}/voice` }),
    'content-type': 'application/json'
  }
  const unsigned = await inject({ method: 'POST', url: '/voice', headers, payload: '{"a":1}' })
  t.equal(unsigned.statusCode, 403)
  t.equal(unsigned.json().code, 'FST_CC_SIGNATURE_MISSING')
  const target = `/voice?bodySHA256=${hash('{}')}`
  const signed = await twilio.signHeaders({ url: publicUrl + target, body: '{}' })
  t.equal(
    (await inject({
      method: 'POST',
      url: target,
      headers: { ...signed, 'content-type': 'application/json' },
      payload: '{}'
    })).statusCode,
    200
  )
  t.equal(
    (await inject({ url: target, headers: { ...signed } })).json().code,
    'FST_CC_SIGNATURE_INVALID',
    'the library falls back to "{}" here'
  )
  await t.rejects(twilio.signHeaders({ url: publicUrl + target, body: '{"a":1}' }), InputError)
})

t.test('registration fails without a valid publicUrl', async t => {
  for (
    const url of [
      '',
      'voice.example.com',
      'ftp://voice.example.com',
      'https://voice.example.com/?a=1',
      'https://voice.example.com/#a',
      undefined
    ]
  ) {
    await t.rejects(start(t, { publicUrl: url as string }), {
      code: 'FST_CC_OPTION_INVALID',
      message: /"publicUrl"/
    }, String(url))
  }
})

t.test('verifyInput names the key', async t => {
  const { twilio } = await start(t)
  const input: TwilioInput = { url: `${publicUrl}/voice`, params: { a: '1' } }
  t.equal(await twilio.verifyInput(input, scheme.sign(input, secret)), 'main')
  t.equal(await twilio.verifyInput(input, scheme.sign(input, `${secret}x`)), null)
})

t.test('a key of another kind stops the registration, and the message names the expected kind', async t => {
  const digits = '0123456789abcdef'.repeat(2)
  for (
    const [keys, message] of [[`AC${digits}`, /SID of an account/], [
      `sk${digits}`,
      /API key/
    ]] as const
  ) {
    await t.rejects(start(t, { keys }), {
      code: 'FST_CC_OPTION_INVALID',
      message: new RegExp(`must be the auth token, 32 hex digits.*${message.source}`)
    })
    t.ok(loose.sign({ url: publicUrl }, keys))
  }
  await t.rejects(start(t, { keys: '12345', minimumSecretLength: 1 }), { message: /published/ })
})

t.test('values of params must be text, or lists of text', t => {
  for (const params of [null, 1, '[]', '{"a":1}', { a: 1 }, { a: [1] }, { a: null }]) {
    t.throws(() => scheme.sign({ url: publicUrl, params: params as never }, secret), TypeError)
  }
  t.throws(() => scheme.sign({ url: publicUrl, params: 'a=1' }, secret), InputError)
  const params = { a: ['2', '1'], b: '' }
  t.equal(
    scheme.sign({ url: publicUrl, params: JSON.stringify(params) }, secret),
    scheme.sign({ url: publicUrl, params }, secret)
  )
  t.throws(() => scheme.sign({ url: publicUrl, body: 1 as never }, secret), TypeError)
  t.throws(() => scheme.sign({ url: 1 as never }, secret), TypeError)
  t.throws(() => scheme.sign({ url: publicUrl, params: {}, body: '' }, secret), InputError)
  // In the path, it is not a parameter.
  for (const rest of ['', `/&bodySHA256=${hash('{}')}`, `/?xbodySHA256=${hash('{}')}`]) {
    t.throws(() => scheme.sign({ url: publicUrl + rest, body: '{}' }, secret), {
      message: 'a body needs bodySHA256'
    }, rest)
  }
  t.end()
})

t.test('refuses malformed signatures, multipart bodies and malformed forms', async t => {
  const { inject, twilio } = await start(t)
  const signed = await twilio.signHeaders({ url: `${publicUrl}/voice` })
  const genuine = signed['x-twilio-signature']
  for (
    const malformed of [
      genuine.slice(0, -1),
      genuine.replace('=', ''),
      `sha1=${genuine}`,
      `${genuine}=`
    ]
  ) {
    const { statusCode, json } = await inject({
      url: '/voice',
      headers: { 'x-twilio-signature': malformed }
    })
    t.match([statusCode, json()], [403, { code: 'FST_CC_SIGNATURE_MALFORMED' }], malformed)
  }
  const multipart = await inject({
    method: 'POST',
    url: '/voice',
    headers: { ...signed, 'content-type': 'multipart/form-data; boundary=x' },
    payload: '--x--'
  })
  t.equal(multipart.statusCode, 415)
  const broken = await inject({
    method: 'POST',
    url: '/voice',
    headers: { ...signed, 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'a=%'
  })
  t.equal(broken.statusCode, 400)
})

t.test('refuses an absolute request target', async t => {
  const app = await build(t, async app => {
    await app.register(twilio, { keys: secret, publicUrl })
    app.get('/voice', { preValidation: app.twilio.verify }, async () => ({}))
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const status = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end(
        `GET http://x/voice HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: ${
          scheme.sign({ url: publicUrl }, secret)
        }\r\nConnection: close\r\n\r\n`
      )
    })
    socket.once('data', data => resolve(data.toString().slice(9, 12)))
    socket.once('error', reject)
  })
  t.match(status, /^4/)
})

t.test('the schemas accept the documented requests, and added fields', t => {
  const call = { CallSid: 'CA1', AccountSid: 'AC1', From: '+1', To: '+2', CallStatus: 'ringing' }
  const message = { MessageSid: 'SM1', AccountSid: 'AC1', From: '+1', To: '+2' }
  for (
    const [schema, valid, needed] of [
      [TwilioVoiceCall, { ...call, Direction: 'inbound', Added: '1' }, 'CallSid'],
      [TwilioCallStatus, { ...call, CallDuration: '12', SequenceNumber: '3' }, 'CallStatus'],
      [TwilioIncomingMessage, { ...message, Body: '', NumMedia: '0', Added: '1' }, 'Body'],
      [
        TwilioMessageStatus,
        { ...message, MessageStatus: 'sent', RawDlrDoneDate: '1' },
        'MessageStatus'
      ]
    ] as const
  ) {
    t.ok(Value.Check(schema, valid), needed)
    const { [needed as never]: _, ...invalid } = valid
    t.notOk(Value.Check(schema, invalid), needed)
  }
  t.end()
})

t.test('a value in TwiML cannot become markup', t => {
  t.equal(
    twiml`<Response><Say voice="${'a"b'}">${"<Dial>&'</Dial>\0\u0001\ud800"}${7}</Say></Response>`,
    '<?xml version="1.0" encoding="UTF-8"?><Response><Say voice="a&quot;b">' +
      '&lt;Dial&gt;&amp;&apos;&lt;/Dial&gt;\ufffd7</Say></Response>'
  )
  t.equal(
    twiml`<Say>${undefined as never}</Say>`,
    '<?xml version="1.0" encoding="UTF-8"?><Say></Say>',
    'undefined becomes empty text'
  )
  t.equal(twiml`<Response/>`, '<?xml version="1.0" encoding="UTF-8"?><Response/>')
  t.end()
})

t.test('with strict: false, text that is not a URL is signed unchanged', t => {
  for (const url of ['/voice', 'voice', '%', 'http://%']) {
    t.equal(loose.sign({ url }, secret), oracle.getExpectedTwilioSignature(secret, url, {}))
    t.ok(loose.verify({ url }, loose.sign({ url }, secret), secret))
    t.throws(() => loose.sign({ url, body: '{}' }, secret), {
      message: 'bodySHA256 in the query is not the hash of the body'
    })
    t.notOk(loose.verify({ url, body: '{}' }, loose.sign({ url }, secret), secret))
  }
  t.end()
})

t.test('twilio: classic mistakes', t => {
  const url = "https://voice.example.com/voice?z=1&who=it's%20me"
  const params = { From: '+14158675309', b: ' x ', B: '2', ä: '' }
  const signed = (url: string, from: Record<string, string | string[]> = params) =>
    oracle.getExpectedTwilioSignature(secret, url, from)
  const hmac = (algorithm: string, text: string): string =>
    createHmac(algorithm, secret).update(text).digest('base64')
  const message = scheme.message({ url, params }, secret) as string
  const unsorted = url + Object.entries(params).flat().join('')
  const sorted = new URLSearchParams(params)
  sorted.sort()
  const cases: Array<[code: string, signature: string]> = [
    ['url-protocol', signed(url.replace('https', 'http'))],
    ['url-port', signed(url.replace('.com', '.com:3000'))],
    ['url-slash', signed(url.replace('?', '/?'))],
    ['url-query', signed('https://voice.example.com/voice')],
    ['url-query-sorted', signed("https://voice.example.com/voice?who=it's%20me&z=1")],
    ['url-decoded', signed(url.replaceAll('%20', ' '))],
    ['url-escaped', signed(url.replaceAll("'", '%27'))],
    ['url-path-only', signed(url.replace('https://voice.example.com', ''))],
    ['params-missing', signed(url, {})],
    ['params-empty', signed(url, { From: '+14158675309', b: ' x ', B: '2' })],
    ['order-unsorted', hmac('sha1', unsorted)],
    ['value-trimmed', signed(url, { ...params, b: 'x' })],
    ['params-form', signed(url + new URLSearchParams(params).toString(), {})],
    ['params-form', signed(url + sorted.toString(), {})],
    ['params-json', signed(url + JSON.stringify(params), {})],
    ['hash-algorithm', hmac('sha256', message)],
    ['hash-not-hmac', createHash('sha1').update(message + secret).digest('base64')],
    ['hash-not-hmac', createHash('sha1').update(secret + message).digest('base64')],
    ['hmac-swapped', createHmac('sha1', message).update(secret).digest('base64')],
    ['spelling-hex', Buffer.from(signed(url), 'base64').toString('hex')],
    ['key-blanks', oracle.getExpectedTwilioSignature(`${secret}\n`, url, params)]
  ]
  // As curl -d sends them.
  const unescaped = new URLSearchParams('From=+14158675309&Body=a+b@example.com')
  t.equal(
    explain(
      scheme,
      diagnosis,
      { url, params: Object.fromEntries(unescaped) },
      signed(url, { From: '+14158675309', Body: 'a+b@example.com' }),
      [{ id: 'main', secret }]
    ).reasons[0]?.code,
    'plus-decoded'
  )
  t.ok(new Set(cases.map(([code]) => code)).size >= 8, 'at least eight kinds')
  for (const [code, signature] of cases) {
    t.equal(
      explain(scheme, diagnosis, { url, params }, signature, [{ id: 'main', secret }]).reasons[0]
        ?.code,
      code
    )
  }
  t.equal(
    explain(scheme, diagnosis, { url, params }, signed(url), [{ id: 'main', secret }]).matches,
    true
  )
  const otherKey = { id: 'subaccount', secret: 'the-token-of-the-subaccount' }
  const signature = oracle.getExpectedTwilioSignature(otherKey.secret, url, params)
  t.match(
    explain(scheme, diagnosis, { url, params }, signature, [{ id: 'main', secret }], {
      otherKeys: [otherKey]
    }).reasons,
    [{ code: 'key-other', text: /subaccount/ }]
  )
  const back = { url: 'http://voice.example.com/' }
  t.match(
    explain(scheme, diagnosis, back, signed('https://voice.example.com/', {}), [{
      id: 'main',
      secret
    }])
      .reasons,
    [{ code: 'url-protocol' }]
  )
  t.match(
    explain(scheme, diagnosis, back, signed('http://voice.example.com', {}), [{
      id: 'main',
      secret
    }])
      .reasons,
    [{ code: 'url-slash' }]
  )
  t.same(
    explain(scheme, diagnosis, { url: 'https://voice.example.com/%' }, signed('x', {}), [{
      id: 'main',
      secret
    }])
      .reasons,
    []
  )
  t.end()
})

t.test('explain names the mistake in a JSON body', t => {
  const body = '{"a": 1}'
  const url = 'https://voice.example.com/voice'
  const withHash = (text: string): string => `${url}?bodySHA256=${text}`
  for (
    const [code, called, signed] of [
      ['body-hash-missing', url, url],
      ['body-hash-spelling', withHash(hash(body).toUpperCase()), undefined],
      [
        'body-hash-spelling',
        withHash(encodeURIComponent(Buffer.from(hash(body), 'hex').toString('base64'))),
        undefined
      ],
      ['body-reserialised', withHash(hash('{"a":1}')), undefined],
      ['body-hash', withHash(hash('other')), undefined],
      ['body-signed', withHash(hash(body)), withHash(hash(body)) + body],
      ['body-signed', withHash(hash(body)), body]
    ] as const
  ) {
    const signature = oracle.getExpectedTwilioSignature(secret, signed ?? called, {})
    const { matches, reasons } = explain(loose, diagnosis, { url: called, body }, signature, [{
      id: 'main',
      secret
    }])
    t.match([matches, reasons[0]?.code], [false, code])
  }
  t.end()
})

t.test('explain reads a request from Twilio, with and without publicUrl', t => {
  const request = (type: string, body: string) => ({
    method: 'POST',
    target: '/voice?a=1',
    headers: new Map([['host', 'internal:3000'], ['content-type', type], [
      'x-twilio-signature',
      's'
    ]]),
    body: Buffer.from(body)
  })
  const byPublicUrl = createDiagnosis({ publicUrl: `${publicUrl}/` })
  const calledUrl = 'https://internal:3000/voice?a=1'
  const url = `${publicUrl}/voice?a=1`
  t.same(byPublicUrl.extract(request('application/x-www-form-urlencoded', 'a=1&b=2')), {
    input: { url, calledUrl, params: { a: '1', b: '2' } },
    signature: 's'
  })
  t.same(byPublicUrl.extract(request('application/json', '')), {
    input: { url, calledUrl },
    signature: 's'
  })
  t.same(diagnosis.extract({ ...request('application/json', '{}'), headers: new Map() }), {
    input: { url: 'https:///voice?a=1', calledUrl: 'https:///voice?a=1', body: Buffer.from('{}') },
    signature: ''
  })
  const input = { url, calledUrl, params: { a: '1' } }
  t.match(
    explain(
      scheme,
      byPublicUrl,
      input,
      oracle.getExpectedTwilioSignature(secret, calledUrl, { a: '1' }),
      [{
        id: 'main',
        secret
      }]
    ).reasons,
    [{ code: 'url-host' }]
  )
  t.end()
})
