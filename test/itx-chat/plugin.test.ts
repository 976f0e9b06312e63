import { runInNewContext } from 'node:vm'
import auth from '@fastify/auth'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import itxChat, {
  ChatReplies,
  ChatSession,
  createScheme,
  embedHtml,
  type EmbedOptions,
  type ItxChatDecorator,
  type ItxChatOptions,
  type ItxChatVerification,
  type SessionData
} from 'fastify-contact-center/itx-chat'
import { memoryStore } from 'fastify-contact-center'
import t from 'tap'
import { build, hearOutcomes, now } from '../helper.ts'

declare module 'fastify' {
  interface FastifyInstance {
    itxChatOslo: ItxChatDecorator
  }
}

const keys = 'a-key-of-at-least-16'
const loose = createScheme({ strict: false })
const verifiedData = { name: 'John Doe', email: 'john@example.com' }

async function service (
  app: FastifyInstance,
  options: Partial<ItxChatOptions> = {}
): Promise<void> {
  await app.register(itxChat, { keys, now: () => now, ...options })
  app.post('/session', {
    preValidation: app.itxChat.verify,
    schema: {
      body: ChatSession,
      response: { '4xx': ChatReplies['4xx'], '5xx': ChatReplies['5xx'] }
    }
  }, async request => {
    if ((request.body as ChatSession).tag === '500') {
      throw new Error('the store said: secret things')
    }
    return request.verification
  })
  app.post(
    '/open',
    async request => ({
      got: request.body,
      verification: request.verification,
      verified: app.itxChat.verified(request)
    })
  )
}

/** A body of exactly this text, preceded by the hash over it. */
function wire (
  text: string,
  input: Parameters<typeof loose.sign>[0] = { verifiedData: text }
): { payload: string, headers: Record<string, string> } {
  return {
    payload: `{"extSystemHash":"${loose.sign(input, keys)}","verifiedData":${text}}`,
    headers: { 'content-type': 'application/json' }
  }
}

t.test('verifies a signed session, and reports what was covered', async t => {
  const app = await build(t, service)
  const session = await app.itxChat.session({
    verifiedData,
    extSystemId: '7',
    tag: '',
    name: null,
    unverifiedData: { page: '/' },
    hideInputFields: true
  })
  t.strictSame(session, {
    verifiedData,
    extSystemId: '7',
    tag: '',
    name: null,
    unverifiedData: { page: '/' },
    hideInputFields: true,
    extSystemHash: app.itxChat.scheme.sign({ verifiedData, extSystemId: '7' }, keys)
  })
  const reply = await app.inject({ method: 'POST', url: '/session', payload: session })
  t.equal(reply.statusCode, 200)
  t.strictSame(reply.json(), {
    scheme: 'itx-chat',
    keyId: 'default',
    duplicate: false,
    covered: ['verifiedData.name', 'verifiedData.email', 'extSystemId']
  })
  const later = await app.itxChat.verifySession(verifiedData)
  t.equal((await app.inject({ method: 'POST', url: '/session', payload: later })).statusCode, 200)
})

t.test('verifies the text on the wire, and gives it to the handler', async t => {
  const app = await build(t, async app => {
    await app.register(itxChat, { keys })
    app.post(
      '/session',
      { preValidation: app.itxChat.verify, schema: { body: ChatSession } },
      async request => {
        const input = app.itxChat.verified(request)
        return {
          same: app.itxChat.scheme.message(input ?? {}, 'KEY'),
          data: (request.body as ChatSession).verifiedData
        }
      }
    )
  }, { onProtoPoisoning: 'ignore' })
  const text = '{"id":12345678901234567890,"a":1.0,"b":{"2":-0,"1":1e3},"a":[1.50],"__proto__":"p"}'
  const reply = await app.inject({ method: 'POST', url: '/session', ...wire(text) })
  t.equal(reply.statusCode, 200)
  t.equal(reply.json().same, 'KEY-__proto__:p-a:[1.50]-b:{"2":-0,"1":1e3}-id:12345678901234567890')
  t.match(
    reply.json().data,
    { a: [1.5], b: { 1: 1000, 2: 0 } },
    'the parsed body has lost the text'
  )
  t.equal(
    (await app.inject({
      method: 'POST',
      url: '/session',
      ...wire('{"a":1}', { verifiedData: '{"a":1.0}' })
    })).statusCode,
    401,
    '1 is not 1.0'
  )
})

t.test('every failure has one shape, and reveals nothing', async t => {
  const app = await build(t, service)
  const genuine = await app.itxChat.session({ verifiedData, extSystemId: '7', tag: 'vip' })
  const json = { 'content-type': 'application/json' }
  const crash = await app.itxChat.session({ tag: '500' })
  const cases: Record<
    string,
    [{ payload: object | string, headers?: Record<string, string> }, number, string]
  > = {
    'no hash': [{ payload: { verifiedData } }, 401, 'FST_CC_SIGNATURE_MISSING'],
    'an empty hash': [
      { payload: { ...genuine, extSystemHash: '' } },
      401,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'null for a hash': [
      { payload: { ...genuine, extSystemHash: null } },
      401,
      'FST_CC_SIGNATURE_MISSING'
    ],
    'an upper-case hash': [
      { payload: { ...genuine, extSystemHash: genuine.extSystemHash.toUpperCase() } },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a longer hash': [
      { payload: { ...genuine, extSystemHash: `00${genuine.extSystemHash}` } },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a list for a hash': [
      { payload: { ...genuine, extSystemHash: [genuine.extSystemHash] } },
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'another name': [
      { payload: { ...genuine, verifiedData: { ...verifiedData, name: 'Jane Doe' } } },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'one entry less': [
      { payload: { ...genuine, verifiedData: { name: 'John Doe' } } },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'an added root value': [
      { payload: { ...genuine, email: 'x' } },
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'an entry moved into a value': [
      { payload: { ...genuine, verifiedData: { email: 'john@example.com-name:John Doe' } } },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a root value that is a number': [
      { payload: { ...genuine, extSystemId: 7 } },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'data as text': [
      { payload: { ...genuine, verifiedData: JSON.stringify(verifiedData) } },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a list for data': [{ payload: { ...genuine, verifiedData: [] } }, 400, 'FST_CC_INPUT_REFUSED'],
    'a lone surrogate': [
      {
        payload: '{"extSystemHash":"' + genuine.extSystemHash + '","verifiedData":{"a":"\\ud800"}}',
        headers: json
      },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a list for a body': [{ payload: [genuine] }, 400, 'FST_CC_INPUT_REFUSED'],
    'a body that is not JSON': [
      { payload: 'hello', headers: { 'content-type': 'text/plain' } },
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'malformed JSON': [{ payload: '{', headers: json }, 400, 'FST_ERR_CTP_INVALID_JSON_BODY'],
    'another media type': [
      { payload: '<a/>', headers: { 'content-type': 'application/xml' } },
      415,
      'FST_ERR_CTP_INVALID_MEDIA_TYPE'
    ],
    'a compressed body': [
      { payload: genuine, headers: { 'content-encoding': 'gzip' } },
      415,
      'FST_CC_CONTENT_ENCODING'
    ],
    'too large a body': [
      { payload: { verifiedData: { a: 'a'.repeat(2 ** 20) } } },
      413,
      'FST_ERR_CTP_BODY_TOO_LARGE'
    ],
    'a body that breaks the schema': [
      { payload: { ...genuine, hideInputFields: 'maybe' } },
      400,
      'FST_ERR_VALIDATION'
    ],
    'a crash in the handler': [{ payload: crash }, 500, 'INTERNAL_SERVER_ERROR']
  }
  for (const [name, [request, status, code]] of Object.entries(cases)) {
    const reply = await app.inject({ method: 'POST', url: '/session', ...request })
    t.equal(reply.statusCode, status, name)
    t.match(reply.json(), { verified: false, error: code, message: String }, name)
    t.notMatch(reply.body, /secret things|verifiedData|hex digits/, name)
  }
})

t.test('regression: a session was verified as JSON, and read as a form', async t => {
  const app = await build(t, async app => {
    await app.register(formbody)
    await service(app)
    app.post('/chat', { preValidation: app.itxChat.verify }, async request => request.body)
  })
  const signed = JSON.stringify(await app.itxChat.session({ verifiedData }))
  const payload = signed.replace(
    /}$/,
    ',"unverifiedData":{"x":"&name=Kari&extSystemLookupCode=victim-42&x="}}'
  )
  const send = async (type?: string) => {
    const reply = await app.inject({
      method: 'POST',
      url: '/chat',
      payload,
      headers: type === undefined ? {} : { 'content-type': type }
    })
    return [reply.statusCode, reply.json<{ error?: string }>().error]
  }
  t.strictSame(await send('application/json'), [200, undefined])
  t.strictSame(await send('Application/JSON ; charset=latin1'), [200, undefined])
  t.strictSame(await send('application/x-www-form-urlencoded'), [400, 'FST_CC_INPUT_REFUSED'])
  t.strictSame(await send('text/plain'), [400, 'FST_CC_INPUT_REFUSED'])
  t.strictSame(await send('multipart/form-data; boundary=x'), [
    415,
    'FST_ERR_CTP_INVALID_MEDIA_TYPE'
  ])
  t.strictSame(await send('application/json, application/x-www-form-urlencoded'), [
    415,
    'FST_ERR_CTP_INVALID_MEDIA_TYPE'
  ])
})

t.test('regression: an unsigned body filled the log with its text', async t => {
  let log = ''
  const app = await build(t, async app => {
    await service(app)
    const options = { preValidation: app.itxChat.verify, bodyLimit: 4 * 2 ** 20 }
    app.post('/large', options, async () => 'ok')
  }, {
    logger: {
      stream: {
        write: (line: string) => {
          log += line
        }
      }
    }
  })
  for (const name of ['n'.repeat(2 ** 20), 'quoted']) {
    for (const value of ['1-b:2', ['-b:2']]) {
      log = ''
      const reply = await app.inject({
        method: 'POST',
        url: '/large',
        payload: { verifiedData: { [name]: value }, extSystemHash: '0'.repeat(40) }
      })
      t.equal(reply.json().error, 'FST_CC_INPUT_REFUSED')
      t.match(log, /"reason":"entry 1 of verifiedData contains/)
      t.ok(log.length < 4096 && !log.includes(name), 'the log quotes no received data')
    }
  }
})

t.test('strict: false verifies like the portal', async t => {
  const app = await build(t, app => service(app, { strict: false }))
  for (const text of ['{"a":"1-b:2"}', '{"a-b":1}', 'null']) {
    t.equal(
      (await app.inject({ method: 'POST', url: '/session', ...wire(text) })).statusCode,
      200,
      text
    )
  }
  const hash = loose.sign({ tag: '7' }, keys)
  t.equal(
    (await app.inject({
      method: 'POST',
      url: '/session',
      payload: { tag: 7, extSystemHash: hash }
    })).statusCode,
    200
  )
})

t.test('any of several keys verifies, the newest signs, and the result names the matching key', async t => {
  const old = { id: 'old', secret: 'the-key-of-last-year' }
  const app = await build(t, app => service(app, { keys: [{ id: 'new', secret: keys }, old] }))
  const before = await build(t, app => service(app, { keys: old }))
  for (const [signer, id] of [[app, 'new'], [before, 'old']] as const) {
    const payload = await signer.itxChat.verifySession(verifiedData)
    t.equal((await app.inject({ method: 'POST', url: '/session', payload })).json().keyId, id)
    t.equal(await app.itxChat.verifyInput({ verifiedData }, payload.extSystemHash), id)
  }
  t.equal(
    await app.itxChat.verifyInput({ verifiedData }, loose.sign({ verifiedData }, "nobody's")),
    null
  )
})

t.test('looks keys up by the request', async t => {
  const app = await build(t, async app => {
    await service(app, { keys: request => [{ id: request.headers.host ?? '', secret: keys }] })
    app.get('/signed', { preSerialization: app.itxChat.sign }, async () => ({ verifiedData }))
    app.get('/session', async request => await app.itxChat.session({ verifiedData }, request))
    app.get('/later', async request => await app.itxChat.verifySession(verifiedData, request))
    app.get(
      '/embed',
      async request => await app.itxChat.embed({ verifiedData }, { src: '/w.js' }, request)
    )
    app.get(
      '/verify',
      async request => [
        await app.itxChat.verifyInput({ verifiedData }, loose.sign({ verifiedData }, keys), request)
      ]
    )
  })
  const extSystemHash = loose.sign({ verifiedData }, keys)
  for (const url of ['/signed', '/session', '/later']) {
    t.strictSame((await app.inject(url)).json(), { verifiedData, extSystemHash }, url)
  }
  t.match((await app.inject('/embed')).body, extSystemHash)
  t.strictSame((await app.inject({ url: '/verify', headers: { host: 'one' } })).json(), ['one'])
  await t.rejects(app.itxChat.session({ verifiedData }), TypeError)
})

t.test('refuses the second copy of a session with a one-time value', async t => {
  const app = await build(t, app => service(app, { replay: memoryStore(), rememberMs: 1000 }))
  const payload = await app.itxChat.verifySession({ ...verifiedData, sessionId: 'once' })
  t.equal((await app.inject({ method: 'POST', url: '/session', payload })).statusCode, 200)
  t.equal(
    (await app.inject({ method: 'POST', url: '/session', payload })).json().error,
    'FST_CC_REPLAYED'
  )
})

t.test('refuses a session after its end', async t => {
  let clock = now
  const app = await build(t, app => service(app, { expiresIn: 60_000, now: () => clock }))
  const session = await app.itxChat.session({ verifiedData })
  t.strictSame(session.verifiedData, { ...verifiedData, expiresAt: now + 60_000 })
  t.strictSame(await app.itxChat.session({ tag: 'vip' }), {
    tag: 'vip',
    verifiedData: { expiresAt: now + 60_000 },
    extSystemHash: loose.sign({ tag: 'vip', verifiedData: { expiresAt: now + 60_000 } }, keys)
  })
  const at = async (time: number) => {
    clock = time
    const reply = await app.inject({ method: 'POST', url: '/session', payload: session })
    return reply.json().error ?? reply.json().signedAt
  }
  t.equal(await at(now), now)
  t.equal(await at(now + 60_000), now, 'the last millisecond')
  t.equal(await at(now + 60_001), 'FST_CC_TIMESTAMP_OUT_OF_WINDOW')
  t.equal(await at(now - 60_000), now, 'a clock that is behind')
  t.equal(await at(now - 60_001), 'FST_CC_TIMESTAMP_OUT_OF_WINDOW')
  clock = now
  const cases: Record<string, string> = {
    '{"name":"John"}': 'FST_CC_SIGNATURE_MISSING',
    null: 'FST_CC_SIGNATURE_MISSING',
    '{"expiresAt":"1660095933001"}': 'FST_CC_SIGNATURE_MALFORMED',
    '{"expiresAt":16600959330.01e2}': 'FST_CC_SIGNATURE_MALFORMED',
    '{"expiresAt":1}': 'FST_CC_TIMESTAMP_OUT_OF_WINDOW',
    '{"expiresAt":9223372036854775807}': 'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
  }
  for (const [text, code] of Object.entries(cases)) {
    const reply = await app.inject({ method: 'POST', url: '/session', ...wire(text) })
    t.equal(reply.statusCode, 401, text)
    t.equal(reply.json().error, code, text)
  }
})

t.test('the sign hook completes a payload', async t => {
  const replies: Record<string, unknown> = {
    signed: {
      verifiedData: { ...verifiedData, since: new Date(0), gone: undefined },
      unverifiedData: { a: 1 }
    },
    'root-only': { extSystemId: '7' },
    anonymous: { unverifiedData: { a: 1 } },
    'no-data': { verifiedData: {} },
    list: [1],
    text: 'text',
    nothing: null
  }
  const app = await build(t, async app => {
    await service(app)
    for (const [name, payload] of Object.entries(replies)) {
      app.get(`/${name}`, { preSerialization: app.itxChat.sign }, async () => payload)
    }
    app.get(
      '/schema',
      { preSerialization: app.itxChat.sign, schema: { response: ChatReplies } },
      async () => replies['signed']
    )
    app.get(
      '/map',
      { preSerialization: app.itxChat.sign },
      async () => ({ verifiedData: new Map([['a', 'b']]) })
    )
    app.get('/confusable', {
      preSerialization: app.itxChat.sign,
      config: { contactCenter: { replies: 'itxChat' } }
    }, async () => ({ verifiedData: { a: '1-b:2' } }))
    app.get('/wrong', {
      preSerialization: app.itxChat.sign,
      config: { contactCenter: { replies: 'itxChat' } }
    }, async () => ({ verifiedData: 1 }))
    app.get('/odd', {
      preSerialization: app.itxChat.sign,
      config: { contactCenter: { replies: 'itxChat' } }
    }, async () => ({ verifiedData: [1] }))
    app.get('/error', {
      preSerialization: app.itxChat.sign,
      errorHandler: (_error, _request, reply) => {
        reply.code(400).send({ name: 'Error' })
      }
    }, async () => {
      throw new Error('no')
    })
  })
  const expected = {
    verifiedData: { ...verifiedData, since: '1970-01-01T00:00:00.000Z' },
    unverifiedData: { a: 1 }
  }
  const extSystemHash = loose.sign(expected, keys)
  t.strictSame((await app.inject('/signed')).json(), { ...expected, extSystemHash })
  t.strictSame(
    (await app.inject('/schema')).json(),
    { ...expected, extSystemHash },
    'the published schema drops nothing'
  )
  t.strictSame((await app.inject('/root-only')).json(), {
    extSystemId: '7',
    extSystemHash: loose.sign({ extSystemId: '7' }, keys)
  })
  t.strictSame((await app.inject('/anonymous')).json(), replies['anonymous'], 'nothing to cover')
  t.strictSame((await app.inject('/no-data')).json(), { verifiedData: {} })
  t.strictSame((await app.inject('/list')).json(), [1])
  t.equal((await app.inject('/text')).body, 'text')
  t.equal((await app.inject('/nothing')).body, 'null')
  t.strictSame((await app.inject('/error')).json(), { name: 'Error' }, 'an error is not signed')
  t.equal((await app.inject('/map')).statusCode, 500)
  t.match(
    (await app.inject('/odd')).json(),
    { verified: false, error: 'FST_CC_INPUT_REFUSED' },
    'regression: input refused before hashing was a 500'
  )
  t.equal((await app.inject('/odd')).statusCode, 400)
  t.match(
    (await app.inject('/wrong')).json(),
    { error: 'INTERNAL_SERVER_ERROR' },
    "a payload that is not a session is the handler's fault"
  )
  const confusable = { a: '1-b:secret value' }
  for (
    const signed of [
      app.itxChat.session({ verifiedData: confusable }),
      app.itxChat.verifySession(confusable),
      app.itxChat.embed({ verifiedData: confusable }, { src: 'https://portal.example/chat.js' })
    ] as Array<Promise<unknown>>
  ) {
    await t.rejects(signed, {
      code: 'FST_CC_INPUT_REFUSED',
      message: /^The signed input is refused: (?!.*secret value)/
    }, 'regression: the error gave no reason')
  }
  t.match((await app.inject('/confusable')).json(), {
    verified: false,
    error: 'FST_CC_INPUT_REFUSED',
    message: /^The signed input is refused$/
  })
})

t.test('the sign hook leaves an empty payload unchanged', async t => {
  const app = await build(t, async app => {
    await service(app)
    app.get(
      '/direct',
      async (request, reply) => ({
        payload: await app.itxChat.sign(request, reply, undefined) ?? 'still none'
      })
    )
  })
  t.strictSame((await app.inject('/direct')).json(), { payload: 'still none' })
})

t.test('signs only plain data for a page', async t => {
  const app = await build(t, service)
  for (const payload of ['{}', [], new Map(), new URLSearchParams('a=1'), 1]) {
    await t.rejects(app.itxChat.session({ verifiedData: payload } as SessionData), TypeError)
  }
  await t.rejects(app.itxChat.session({ verifiedData: { toJSON: () => '{"name":"x"}' } }), {
    name: 'TypeError',
    message: /plain object/
  }, 'regression: an object was signed, and text sent')
  await t.rejects(app.itxChat.verifySession({ toJSON: () => [1] }), TypeError)
  const sent = await app.itxChat.session({ verifiedData: { toJSON: () => ({ name: 'x' }) } })
  t.strictSame(sent, {
    verifiedData: { name: 'x' },
    extSystemHash: loose.sign({ verifiedData: { name: 'x' } }, keys)
  }, 'the page sends the signed data')
  await t.rejects(app.itxChat.embed({ verifiedData: [1] } as SessionData, { src: '/w.js' }), {
    code: 'FST_CC_INPUT_REFUSED'
  })
  await t.rejects(app.itxChat.session({ tag: 'name:John' }), {
    code: 'FST_CC_INPUT_REFUSED',
    cause: { message: /^tag has a name/ }
  })
  await t.rejects(
    app.itxChat.verifySession({ a: 1n }),
    TypeError,
    'a bigint would lose its digits in the browser'
  )
})

t.test('verifyInput rejects input that the scheme refuses', async t => {
  const app = await build(t, service)
  await t.rejects(app.itxChat.verifyInput({ tag: 'name:John' }, 'x'), {
    name: 'InputError',
    message: /^tag has a name/
  })
})

t.test("request.verification has the vendor's type", async t => {
  const app = await build(t, async app => {
    await app.register(itxChat, { keys })
    app.post('/typed', { preValidation: app.itxChat.verify }, async request => {
      const { scheme, signedAt } = request.verification as ItxChatVerification
      const names: 'itx-chat' = scheme
      return { names, signedAt: signedAt ?? null }
    })
  })
  t.strictSame((await app.inject({ method: 'POST', url: '/typed', ...wire('{"a":1}') })).json(), {
    names: 'itx-chat',
    signedAt: null
  })
})

t.test('no text in a session can end its script element', async t => {
  const app = await build(t, service)
  const options = { src: 'https://portal.example/itx-plugin.js?a=1&b="\'<>', nonce: 'r4nd0m"\'<>&' }
  const nasty = JSON.parse(
    '{"name":"</script><script>alert(1)</script><!--<script>\u2028\u2029&amp;\\"\'`\\\\","__proto__":"p","constructor":{"__proto__":[1]}}'
  ) as object
  const page = await app.itxChat.embed({ verifiedData: nasty, extSystemId: ']]>' }, options)
  const tags =
    /^<script nonce="([^"<>']*)">([^<>&\u2028\u2029]*)<\/script>\n<script id="itx-plugin" charset="utf-8" async src="([^"<>']*)" nonce="\1"><\/script>$/
      .exec(page)
  if (tags === null) return t.fail(page)
  t.equal(tags[1], 'r4nd0m&quot;&#39;&lt;&gt;&amp;')
  t.equal(tags[3], 'https://portal.example/itx-plugin.js?a=1&amp;b=&quot;&#39;&lt;&gt;')
  const window: { sent?: string } = {}
  runInNewContext(`${tags[2]}; window.sent = JSON.stringify(window.itxChat)`, { window })
  t.equal(
    window.sent,
    JSON.stringify(await app.itxChat.session({ verifiedData: nasty, extSystemId: ']]>' })),
    'the page sends the signed data, with __proto__'
  )
  t.equal(
    (await build(t, async app => {
      await app.register(itxChat, { keys })
      app.post('/session', { preValidation: app.itxChat.verify }, async () => 'ok')
    }, { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' }).then(app =>
      app.inject({
        method: 'POST',
        url: '/session',
        headers: { 'content-type': 'application/json' },
        payload: window.sent ?? ''
      })
    )).body,
    'ok'
  )

  t.notMatch(
    await app.itxChat.embed({ unverifiedData: {} }, options),
    'extSystemHash',
    'nothing to cover'
  )
  t.match(
    embedHtml({}, { src: '/itx-plugin.js' }),
    /^<script>window[^\n]*\n<script id="itx-plugin" charset="utf-8" async src="\/itx-plugin\.js"><\/script>$/
  )
  for (const src of ['http://portal.example/w.js', 'https://portal.example/w.js']) {
    t.match(embedHtml({}, { src }), `async src="${src}"`)
  }
  for (
    const src of [
      '',
      'javascript:alert(1)',
      'data:text/javascript,1',
      'https://',
      'xhttps://portal.example/w.js',
      undefined
    ]
  ) t.throws(() => embedHtml({}, { src } as EmbedOptions), TypeError, String(src))
})

t.test('leaves a sibling route unchanged', async t => {
  const app = await build(t, service)
  const reply = await app.inject({ method: 'POST', url: '/open', payload: { a: 1 } })
  t.strictSame(reply.json(), { got: { a: 1 }, verification: null, verified: null })
  const broken = await app.inject({
    method: 'POST',
    url: '/open',
    headers: { 'content-type': 'application/json' },
    payload: '{'
  })
  t.equal(broken.json().code, 'FST_ERR_CTP_INVALID_JSON_BODY', "it keeps Fastify's own error shape")
})

t.test('a second account in the same scope, and inside app.auth', async t => {
  const app = await build(t, async app => {
    await service(app)
    await app.register(auth)
    await app.register(itxChat, { keys: 'the-key-of-the-other-one', as: 'itxChatOslo' })
    app.post(
      '/oslo',
      { preValidation: app.itxChatOslo.verify },
      async request => request.verification
    )
    const preValidation = app.auth([app.itxChat.verify, app.itxChatOslo.verify])
    app.post(
      '/either',
      {
        preValidation,
        config: { contactCenter: { capture: true, replies: 'itxChat' } }
      },
      async request =>
        [app.itxChat, app.itxChatOslo].map(decorator => decorator.verified(request) !== null)
    )
    app.post(
      '/forgotten',
      { preValidation },
      async () => 'ok'
    )
  })
  const payload = await app.itxChatOslo.verifySession(verifiedData)
  const post = async (url: string, body: object = payload) =>
    await app.inject({ method: 'POST', url, payload: body })
  t.equal((await post('/oslo')).statusCode, 200)
  t.equal((await post('/session')).statusCode, 401)
  t.strictSame((await post('/either')).json(), [false, true])
  t.strictSame((await post('/either', await app.itxChat.verifySession(verifiedData))).json(), [
    true,
    false
  ])
  const forged = await post('/either', { ...payload, verifiedData: {} })
  t.equal(forged.statusCode, 401)
  t.match(forged.json(), { verified: false, error: 'FST_CC_SIGNATURE_INVALID' })
  t.equal((await post('/forgotten')).body, 'ok', 'a route without a declared guard')
  t.match((await post('/forgotten', { ...payload, verifiedData: {} })).json(), {
    verified: false,
    error: 'FST_CC_SIGNATURE_INVALID'
  })
})

t.test('misconfiguration stops the registration and names the option', async t => {
  const invalid: Record<string, [object, RegExp]> = {
    'a zero time': [{ expiresIn: 0 }, /"expiresIn" must be a positive integer/],
    'a placeholder as a secret': [{ keys: 'changeme' }, /placeholder/],
    'a tolerance, where no time is signed': [{ tolerance: 1000 }, /unknown option "tolerance"/],
    "the vendor's published secret": [{ keys: 'nawe21ASme2nasdzZcasxXA31nAQCXZha2m' }, /published/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    await t.rejects(
      build(t, app => app.register(itxChat, { keys, ...options } as ItxChatOptions)),
      { code: 'FST_CC_OPTION_INVALID', message },
      name
    )
  }
})

t.test("publishes outcomes with the vendor's name", async t => {
  const outcomes = hearOutcomes(t)
  const app = await build(t, service)
  await app.inject({ method: 'POST', url: '/session', payload: {} })
  t.strictSame(outcomes.map(({ vendor }) => vendor), ['itx-chat'])
})
