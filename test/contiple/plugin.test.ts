import auth from '@fastify/auth'
import type { FastifyInstance } from 'fastify'
import contiple, {
  LookupQuery,
  LookupReplies,
  NoSuchCustomer,
  type ContipleDecorator,
  type ContipleOptions
} from 'fastify-contact-center/contiple'
import t from 'tap'
import { build, hearOutcomes, now } from '../helper.ts'

declare module 'fastify' {
  interface FastifyInstance {
    contipleSeoul: ContipleDecorator
  }
}

const keys = 'a-key-of-at-least-16'
const body = '{"callNum":"1"}'

async function service (
  app: FastifyInstance,
  options: Partial<ContipleOptions> = {}
): Promise<void> {
  await app.register(contiple, { keys, now: () => now, ...options })
  app.post('/customer', {
    preValidation: app.contiple.verify,
    schema: { body: LookupQuery, response: LookupReplies }
  }, async request => {
    const { callNum } = request.body as LookupQuery
    if (callNum === '404') throw new NoSuchCustomer()
    if (callNum === '500') throw new Error('the store said: secret things')
    return { data: { userName: callNum, id: request.verification?.keyId } }
  })
  app.post('/open', async request => ({ got: request.body, verification: request.verification }))
}

async function signed (app: FastifyInstance, text = body, timestamp = String(now)) {
  return {
    ...await app.contiple.signHeaders(text, { timestamp, uri: '/customer' }),
    'content-type': 'application/json'
  }
}

t.test('answers a signed lookup', async t => {
  const app = await build(t, service)
  const reply = await app.inject({
    method: 'POST',
    url: '/customer',
    headers: await signed(app),
    payload: body
  })
  t.equal(reply.statusCode, 200)
  t.strictSame(reply.json(), { data: { userName: '1', id: 'default' } })
})

t.test('logs the status that was sent', async t => {
  const lines: string[] = []
  const app = await build(t, service, {
    logger: {
      level: 'info',
      stream: {
        write: (line: string) => {
          lines.push(line)
        }
      }
    }
  })
  await app.inject({
    method: 'POST',
    url: '/customer',
    headers: { 'content-type': 'application/json' },
    payload: body
  })
  t.match(
    lines.map(line => JSON.parse(line) as { msg: string }).find(({ msg }) =>
      msg === 'request refused'
    ),
    { code: 'FST_CC_SIGNATURE_MISSING', status: 403 }
  )
})

t.test("every failure has the vendor's shape", async t => {
  const app = await build(t, service)
  const genuine = await signed(app)
  const at = async (timestamp: number | string, text = body) => ({
    headers: await signed(app, text, String(timestamp)),
    payload: text
  })
  const cases: Record<
    string,
    [{ headers: Record<string, string | string[]>, payload: string }, number, string]
  > = {
    'no Authorization': [
      { headers: { ...genuine, authorization: '' }, payload: body },
      403,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'no timestamp': [
      {
        headers: { authorization: genuine.authorization, 'content-type': 'application/json' },
        payload: body
      },
      403,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'a scheme word': [
      { headers: { ...genuine, authorization: 'HMAC ' + genuine.authorization }, payload: body },
      403,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a timestamp with letters': [
      { headers: { ...genuine, 'x-tc-timestamp': '1660095873001abc' }, payload: body },
      403,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a changed body': [
      { headers: genuine, payload: '{"callNum":"2"}' },
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'a re-serialised body': [
      { headers: genuine, payload: '{"callNum": "1"}' },
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'a time that was not signed': [
      { headers: { ...genuine, 'x-tc-timestamp': String(now + 1) }, payload: body },
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'too old': [await at(now - 300_001), 403, 'FST_CC_TIMESTAMP_OUT_OF_WINDOW'],
    'too new': [await at(now + 300_001), 403, 'FST_CC_TIMESTAMP_OUT_OF_WINDOW'],
    'the largest 64-bit time': [
      await at('9223372036854775807'),
      403,
      'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
    ],
    'a body that breaks the schema': [
      await at(now, '{"nation":"korea"}'),
      400,
      'FST_ERR_VALIDATION'
    ],
    'malformed JSON': [await at(now, '{"callNum":'), 400, 'FST_ERR_CTP_INVALID_JSON_BODY'],
    'another media type': [
      { headers: { ...genuine, 'content-type': 'application/xml' }, payload: body },
      415,
      'FST_ERR_CTP_INVALID_MEDIA_TYPE'
    ],
    'a compressed body': [
      { headers: { ...genuine, 'content-encoding': 'gzip' }, payload: body },
      415,
      'FST_CC_CONTENT_ENCODING'
    ],
    'too large a body': [
      await at(now, `{"callNum":"${'1'.repeat(2 ** 20)}"}`),
      413,
      'FST_ERR_CTP_BODY_TOO_LARGE'
    ],
    'no such customer': [await at(now, '{"callNum":"404"}'), 400, 'FST_CC_NO_SUCH_CUSTOMER'],
    'a crash in the handler': [await at(now, '{"callNum":"500"}'), 500, 'INTERNAL_SERVER_ERROR']
  }
  for (const [name, [request, status, code]] of Object.entries(cases)) {
    const reply = await app.inject({ method: 'POST', url: '/customer', ...request })
    t.equal(reply.statusCode, status, name)
    t.match(reply.json(), { error: { code, message: String, detail: null } }, name)
    t.notMatch(reply.body, /secret things|signed at/, name)
  }
})

t.test('both edges of the window are inside it', async t => {
  const app = await build(t, service)
  for (const timestamp of [now - 300_000, now + 300_000]) {
    const reply = await app.inject({
      method: 'POST',
      url: '/customer',
      headers: await signed(app, body, String(timestamp)),
      payload: body
    })
    t.equal(reply.statusCode, 200)
  }
})

t.test('any of several keys verifies, the first signs, and the result names the matching key', async t => {
  const old = { id: 'old', secret: 'the-key-of-last-year' }
  const app = await build(t, app => service(app, { keys: [{ id: 'new', secret: keys }, old] }))
  const before = await build(t, app => service(app, { keys: old }))
  for (const [signer, id] of [[app, 'new'], [before, 'old']] as const) {
    const reply = await app.inject({
      method: 'POST',
      url: '/customer',
      headers: await signed(signer),
      payload: body
    })
    t.equal(reply.json().data.id, id)
  }
  const input = { body, timestamp: '1' }
  t.equal(await app.contiple.verifyInput(input, app.contiple.scheme.sign(input, old.secret)), 'old')
  t.equal(await app.contiple.verifyInput(input, app.contiple.scheme.sign(input, "nobody's")), null)
})

t.test('leaves a sibling route unchanged', async t => {
  const app = await build(t, service)
  const reply = await app.inject({ method: 'POST', url: '/open', payload: { a: 1 } })
  t.strictSame(reply.json(), { got: { a: 1 }, verification: null })
  const broken = await app.inject({
    method: 'POST',
    url: '/open',
    headers: { 'content-type': 'application/json' },
    payload: '{'
  })
  t.equal(broken.json().code, 'FST_ERR_CTP_INVALID_JSON_BODY', "it keeps Fastify's own error shape")
})

t.test('a second account in the same scope, under its own name', async t => {
  const app = await build(t, async app => {
    await service(app)
    await app.register(contiple, {
      keys: 'the-key-of-the-other-one',
      as: 'contipleSeoul',
      now: () => now
    })
    app.post(
      '/seoul',
      { preValidation: app.contipleSeoul.verify },
      async request => request.verification
    )
  })
  const headers = {
    ...await app.contipleSeoul.signHeaders(body),
    'content-type': 'application/json'
  }
  t.match((await app.inject({ method: 'POST', url: '/seoul', headers, payload: body })).json(), {
    scheme: 'contiple',
    keyId: 'default',
    signedAt: now,
    duplicate: false,
    covered: ['body', 'timestamp']
  })
  t.equal(
    (await app.inject({ method: 'POST', url: '/customer', headers, payload: body })).statusCode,
    403
  )
})

t.test('regression: with app.auth, a route without the hook answered 500', async t => {
  const app = await build(t, async app => {
    await app.register(auth)
    await app.register(contiple, { keys, now: () => now })
    const preValidation = app.auth([app.contiple.verify])
    app.post('/customer', {
      preValidation,
      config: { contactCenter: { capture: true, replies: 'contiple' } }
    }, async () => ({ data: {} }))
    app.post(
      '/forgotten',
      { preValidation },
      async () => ({ data: {} })
    )
  })
  const request = { method: 'POST' as const, headers: await signed(app), payload: body }
  t.equal((await app.inject({ ...request, url: '/customer' })).statusCode, 200)
  const forged = await app.inject({ ...request, url: '/customer', payload: '{}' })
  t.equal(forged.statusCode, 403)
  t.equal(forged.json().error.code, 'FST_CC_SIGNATURE_INVALID')
  const forgotten = await app.inject({ ...request, url: '/forgotten' })
  t.equal(forgotten.statusCode, 200)
  const reply = await app.inject({ ...request, url: '/forgotten', payload: '{}' })
  t.equal(reply.statusCode, 403, "in the vendor's shape")
  t.equal(reply.json().error.code, 'FST_CC_SIGNATURE_INVALID')
})

t.test('signs the URI with signedContent: uri+body', async t => {
  const app = await build(t, app => service(app, { signedContent: 'uri+body' }))
  const request = { method: 'POST' as const, headers: await signed(app), payload: body }
  t.equal((await app.inject({ ...request, url: '/customer' })).statusCode, 200)
  t.equal((await app.inject({ ...request, url: '/customer?x=1' })).statusCode, 403)

  const combined = await build(t, async app => {
    await app.register(contiple, { keys, now: () => now, signedContent: 'uri+body' })
    app.get('/signed', { onSend: app.contiple.sign }, async () => body)
    app.post(
      '/signed',
      { preValidation: app.contiple.verify },
      async request => request.verification?.covered
    )
  })
  const headers = await combined.contiple.signHeaders(body, { uri: '/signed' })
  t.match(
    (await combined.inject('/signed')).headers,
    headers,
    'the hook signs the requested address'
  )
  t.strictSame(
    (await combined.inject({
      method: 'POST',
      url: '/signed',
      payload: body,
      headers: { ...headers, 'content-type': 'application/json' }
    })).json(),
    ['uri', 'body', 'timestamp']
  )
})

t.test('a reply signed by the sign hook', async t => {
  const app = await build(t, async app => {
    await app.register(contiple, { keys, now: () => now })
    app.get('/text', { onSend: app.contiple.sign }, async () => '{"callNum":"1"}')
    app.get('/bytes', { onSend: app.contiple.sign }, async () => Buffer.from(body))
    app.get(
      '/nothing',
      { onSend: app.contiple.sign },
      async (_request, reply) => reply.code(204).send()
    )
    app.get(
      '/null',
      { onSend: [async () => null, app.contiple.sign] },
      async () => 'replaced by an earlier hook'
    )
    app.get('/stream', { onSend: app.contiple.sign }, async () => new Response(body))
  })
  const { authorization, 'x-tc-timestamp': timestamp } = await app.contiple.signHeaders(body)
  for (const url of ['/text', '/bytes']) {
    t.match((await app.inject(url)).headers, { authorization, 'x-tc-timestamp': timestamp }, url)
  }
  for (const url of ['/nothing', '/null']) {
    t.match((await app.inject(url)).headers, await app.contiple.signHeaders(''), url)
  }
  t.equal(
    (await app.inject('/stream')).statusCode,
    500,
    'a stream cannot be signed before it is sent'
  )
})

t.test('refuses an ambiguous signed body, and names it', async t => {
  const app = await build(t, service)
  const loose = await build(t, app => service(app, { strict: false }))
  const reply = await app.inject({
    method: 'POST',
    url: '/customer',
    headers: await signed(loose, '1'),
    payload: '1'
  })
  t.equal(reply.statusCode, 400)
  t.equal(reply.json().error.code, 'FST_CC_INPUT_REFUSED')
})

t.test('misconfiguration stops the registration and names the option', async t => {
  const invalid: Record<string, [object, RegExp]> = {
    'an unknown signed content': [
      { signedContent: 'everything' },
      /"signedContent" must be one of 'body', 'uri\+body'/
    ],
    'an unknown option': [{ signedContents: 'body' }, /unknown option "signedContents"/],
    "the vendor's published key": [{ keys: 'bf7769e5321448de88838cdb' }, /published/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    await t.rejects(
      build(t, app => app.register(contiple, { keys, ...options } as ContipleOptions)),
      { code: 'FST_CC_OPTION_INVALID', message },
      name
    )
  }
})

t.test("publishes outcomes with the vendor's name", async t => {
  const outcomes = hearOutcomes(t)
  const app = await build(t, service)
  await app.inject({ method: 'POST', url: '/customer', headers: await signed(app), payload: body })
  t.strictSame(outcomes.map(({ vendor }) => vendor), ['contiple'])
})
