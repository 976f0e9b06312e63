import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import formbody from '@fastify/formbody'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify'
import { captureBody } from '../../plugins/kit/route/capture.ts'
import { createVerify } from '../../plugins/kit/route/verify.ts'
import { readCommonOptions } from '../../plugins/kit/route/options.ts'
import { SignatureInvalid } from 'fastify-contact-center'
import t, { type Test } from 'tap'
import { build } from '../helper.ts'
import { secret, toy, toyHeaders, type ToyInput, toyScheme } from './toy.ts'

const bodyLimit = 1000

async function listen (
  t: Test,
  set: (app: FastifyInstance) => unknown,
  options: FastifyServerOptions = {}
): Promise<{ app: FastifyInstance, url: string, port: number }> {
  const app = await build(t, set, { bodyLimit, ...options })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, port: (app.server.address() as AddressInfo).port }
}

/** Writes raw parts, and returns everything that the server sends back. */
async function sendRaw (port: number, ...parts: Array<string | Uint8Array>): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let reply = ''
  socket.on('data', chunk => {
    reply += chunk.toString()
  })
  socket.on('error', () => {})
  const closed = new Promise(resolve => socket.on('close', resolve))
  for (const part of parts) {
    socket.write(part)
    await wait(2)
  }
  await closed
  return reply
}

function head (headers: Record<string, string>): string {
  return [
    'POST /signed HTTP/1.1',
    'Host: localhost',
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    ''
  ].join('\r\n')
}

async function signedRoute (app: FastifyInstance): Promise<void> {
  toy(app)
  app.post(
    '/signed',
    { preValidation: app.toy.verify },
    async request => ({ body: request.body ?? null, key: request.verification?.keyId })
  )
}

t.test("waits for a vendor's own check of an accepted request, which may refuse it", async t => {
  const settings = readCommonOptions({ keys: secret }, {
    vendor: 'toy',
    decorator: 'toy',
    published: []
  })
  const received = {
    input: { body: Buffer.from('{}'), time: '1' },
    signature: toyScheme.sign({ body: Buffer.from('{}'), time: '1' }, secret),
    once: '1',
    covered: []
  }
  const verify = createVerify<ToyInput>({
    settings,
    scheme: toyScheme,
    read: () => received,
    accepted: async () => {
      throw new SignatureInvalid()
    }
  })
  const request = {} as FastifyRequest
  await t.rejects(verify(request), { code: 'FST_CC_SIGNATURE_INVALID' })
  t.equal(request.verification, null)
})

t.test('regression: a step that threw nothing let the request through', async t => {
  const settings = readCommonOptions({ keys: secret }, {
    vendor: 'toy',
    decorator: 'toy',
    published: []
  })
  const body = Buffer.from('{}')
  const signature = toyScheme.sign({ body, time: '1' }, secret)
  const received = { input: { body, time: '1' }, signature, once: '1', covered: [] }
  const sound = { settings, scheme: toyScheme, read: () => received }
  for (const falsy of [undefined, null, false, 0, '']) {
    const throwNothing = (): never => {
      throw falsy
    }
    const brokenSteps = {
      read: { read: throwNothing },
      'scheme.verify': { scheme: { ...toyScheme, verify: throwNothing } },
      accepted: { accepted: throwNothing },
      'accepted, later': {
        accepted: async () => {
          await wait(1)
          throwNothing()
        }
      },
      'handshake.unsigned': { handshake: { unsigned: throwNothing } }
    }
    for (const [name, broken] of Object.entries(brokenSteps)) {
      const verify = createVerify<ToyInput>({ ...sound, ...broken })
      let handled = 0
      const app = await build(t, async app => {
        app.decorateRequest('verification', null)
        app.post('/hook', { preValidation: verify }, async () => ++handled)
        app.post('/in-handler', async request => {
          await verify(request)
          return ++handled
        })
      })
      for (const url of ['/hook', '/in-handler']) {
        const { statusCode } = await app.inject({ method: 'POST', url, payload: {} })
        t.equal(statusCode, 500, `${name} throws ${String(falsy)}, ${url}`)
      }
      t.equal(handled, 0)
    }
  }
})

t.test('captures the bytes, whatever parser reads them', async t => {
  const { url } = await listen(t, async app => {
    await app.register(formbody)
    app.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => body.toString('hex')
    )
    app.addContentTypeParser('application/x-own', (_request, stream, done) => {
      let size = 0
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length
      }).on('end', () => done(null, { size }))
    })
    await signedRoute(app)
  })
  const cases: Array<[string, string | Uint8Array, unknown]> = [
    ['application/json', '{"a": "Å"}', { a: 'Å' }],
    ['application/json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['text/plain', 'hello', 'hello'],
    ['text/plain', '', ''],
    ['application/x-www-form-urlencoded', 'a=1&b=+', { a: '1', b: ' ' }],
    ['application/octet-stream', new Uint8Array([0, 255, 128, 13, 10]), '00ff800d0a'],
    ['application/x-own', 'a stream parser that reads to the end', { size: 37 }]
  ]
  for (const [type, body, parsed] of cases) {
    const reply = await fetch(`${url}/signed`, {
      method: 'POST',
      headers: { 'content-type': type, ...toyHeaders(body) },
      body: body as string
    })
    t.same(await reply.json(), { body: parsed, key: 'default' }, type)
    const forged = await fetch(`${url}/signed`, {
      method: 'POST',
      headers: { 'content-type': type, ...toyHeaders('x') },
      body: body as string
    })
    t.equal(forged.status, 401, `${type}, forged`)
  }
})

t.test('verifies a body that arrives byte by byte or in chunks', async t => {
  const { port } = await listen(t, signedRoute)
  const body = '{"name":"Åse"}'
  const bytes = Buffer.from(body)
  const byByte = await sendRaw(
    port,
    head({
      'Content-Type': 'application/json',
      'Content-Length': String(bytes.length),
      ...toyHeaders(body)
    }),
    ...Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
  )
  t.match(byByte, 'HTTP/1.1 200')
  const chunked = await sendRaw(
    port,
    head({
      'Content-Type': 'application/json',
      'Transfer-Encoding': 'chunked',
      ...toyHeaders(body)
    }),
    `3\r\n${body.slice(0, 3)}\r\n`,
    Buffer.concat([
      Buffer.from(`${(bytes.length - 3).toString(16)}\r\n`),
      bytes.subarray(3),
      Buffer.from('\r\n')
    ]),
    '0\r\n\r\n'
  )
  t.match(chunked, 'HTTP/1.1 200')
})

t.test('treats a body as empty only if the headers say so', async t => {
  const { port, app } = await listen(t, signedRoute)
  const streamed = await app.inject({
    method: 'POST',
    url: '/signed',
    headers: { 'content-type': 'text/plain', ...toyHeaders('hello') },
    payload: Readable.from([Buffer.from('hello')])
  })
  t.equal(streamed.statusCode, 200, 'an injected stream has no length header, and is read')
  const empty = toyHeaders('')
  t.match(
    await sendRaw(port, head({ 'Content-Length': '0', ...empty })),
    'HTTP/1.1 200',
    'length 0 without a type: no parser runs'
  )
  t.match(await sendRaw(port, head(empty)), 'HTTP/1.1 200', 'no length at all')
  t.match(
    await sendRaw(
      port,
      head({ 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked', ...empty }),
      '0\r\n\r\n'
    ),
    'HTTP/1.1 200',
    'chunked and empty'
  )
  const smuggled = await sendRaw(
    port,
    head({ 'Content-Type': 'text/plain', 'Content-Length': '5', ...empty }),
    'hello'
  )
  t.match(smuggled, 'HTTP/1.1 401', 'a signature over an empty body authenticates no text')
  t.match(
    await sendRaw(
      port,
      head({ 'Content-Type': 'application/json', 'Content-Length': '0', ...empty })
    ),
    /HTTP\/1\.1 400[^]*"toy":"FST_ERR_CTP_EMPTY_JSON_BODY"/,
    "Fastify's refusal, in the vendor's shape"
  )
})

t.test('regression: an empty body hung before an asynchronous preParsing hook', async t => {
  const { port } = await listen(t, app => {
    toy(app)
    app.post('/signed', {
      preParsing: async () => {
        await wait(20)
      },
      preValidation: app.toy.verify
    }, async () => 'ok')
  })
  t.match(
    await sendRaw(
      port,
      head({ 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked', ...toyHeaders('') }),
      '0\r\n\r\n'
    ),
    'HTTP/1.1 200'
  )
  t.match(
    await sendRaw(
      port,
      head({ 'Content-Type': 'text/plain', 'Content-Length': '1', ...toyHeaders('a') }),
      'a'
    ),
    'HTTP/1.1 200'
  )
})

t.test("regression: a listener for 'end' started the stream", async t => {
  const { port } = await listen(t, app => {
    toy(app)
    const listensForEnd = async (request: FastifyRequest): Promise<void> => {
      request.raw.on('end', () => {})
      await wait(20)
    }
    app.post(
      '/signed',
      { preParsing: listensForEnd, preValidation: app.toy.verify },
      async () => 'ok'
    )
  })
  t.match(
    await sendRaw(
      port,
      head({ 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked', ...toyHeaders('') }),
      '0\r\n\r\n'
    ),
    'HTTP/1.1 200'
  )
})

t.test('HTTP/2: treats a body as empty only if the headers end the request or say so', async t => {
  const { url } = await listen(t, signedRoute, { http2: true } as FastifyServerOptions)
  const client = connectHttp2(url)
  t.teardown(() => {
    client.close()
  })
  const post = async (
    headers: Record<string, string>,
    body: string | undefined
  ): Promise<[number, string]> => {
    const stream = client.request({ ':method': 'POST', ':path': '/signed', ...headers }, {
      endStream: body === undefined
    })
    if (body !== undefined) stream.end(body)
    const [[answered]] = await Promise.all([
      once(stream, 'response'),
      stream.resume() && once(stream, 'end')
    ])
    return [(answered as Record<string, number>)[':status'] as number, body ?? '']
  }
  const cases: Array<[number, string, Record<string, string>, string | undefined, string]> = [
    [
      200,
      'hello',
      { 'content-type': 'text/plain' },
      'hello',
      'read by the parser, without a length'
    ],
    [200, '', { 'content-type': 'text/plain' }, '', 'read by the parser, and empty'],
    [200, '', {}, undefined, 'ended with its headers'],
    [200, '', { 'content-length': '0' }, '', 'a length of 0'],
    [401, '', { 'content-type': 'text/plain' }, 'hello', 'a signature over nothing'],
    [415, '', {}, 'hello', 'a signature over nothing, and a body that nobody reads']
  ]
  for (const [status, signed, headers, body, name] of cases) {
    const [actual] = await post({ ...headers, ...toyHeaders(signed) }, body)
    t.equal(actual, status, name)
  }
})

t.test('verifies the bytes on the wire, even if a preParsing hook changes them', async t => {
  const { url } = await listen(t, app => {
    toy(app)
    const preParsing = async (_request: unknown, _reply: unknown, payload: NodeJS.ReadableStream) =>
      payload.pipe(
        new PassThrough({
          transform: (chunk: Buffer, _encoding, done) =>
            done(null, Buffer.from(chunk.toString().toUpperCase()))
        })
      )
    app.post(
      '/signed',
      { preParsing: preParsing as never, preValidation: app.toy.verify },
      async request => ({ body: request.body })
    )
  })
  const post = async (signedBody: string) =>
    await fetch(`${url}/signed`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...toyHeaders(signedBody) },
      body: 'hello'
    })
  t.same(await (await post('hello')).json(), { body: 'HELLO' })
  t.equal((await post('HELLO')).status, 401)
})

t.test('a scope and a route may both request capture', async t => {
  const { url } = await listen(t, app => {
    toy(app)
    app.addHook('preParsing', captureBody)
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  const reply = await fetch(`${url}/signed`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...toyHeaders('hello') },
    body: 'hello'
  })
  t.equal(reply.status, 200)
})

t.test('refuses a request if bytes are missing', async t => {
  const { url, port, app } = await listen(t, app => {
    toy(app)
    app.addContentTypeParser(
      'application/x-lazy',
      (_request, _stream, done) => done(null, 'did not read')
    )
    app.addContentTypeParser('application/x-decoded', (_request, stream, done) => {
      stream.setEncoding('utf8')
      stream.on('data', () => {}).on('end', () => done(null, 'read as text'))
    })
    app.addContentTypeParser(
      'application/x-iterated',
      async (_request: unknown, stream: AsyncIterable<Buffer>) => {
        for await (const chunk of stream) t.ok(chunk)
      }
    )
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
    const readAll = async (_request: unknown, _reply: unknown, payload: AsyncIterable<Buffer>) => {
      const chunks: Buffer[] = []
      for await (const chunk of payload) chunks.push(chunk)
      return Readable.from(chunks)
    }
    app.register(async scope => {
      scope.addHook('preParsing', readAll as never)
      scope.post('/replayed-before', { preValidation: app.toy.verify }, async () => 'ok')
    })
    app.register(async scope => {
      scope.addHook('preParsing', async (_request, _reply, payload) => {
        await once(payload as Readable, 'data')
        ;(payload as Readable).pause()
      })
      scope.post('/begun-before', { preValidation: app.toy.verify }, async () => 'ok')
    })
  })
  const post = async (path: string, type: string, extra: Record<string, string> = {}) => {
    const reply = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': type, ...toyHeaders('hello'), ...extra },
      body: 'hello'
    })
    const text = await reply.text()
    return [reply.status, text === 'ok' ? 'ok' : (JSON.parse(text) as { toy: string }).toy]
  }
  t.same(
    await post('/signed', 'application/x-lazy'),
    [415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE'],
    'a parser that leaves the stream to the handler'
  )
  const lazily = head({
    'Content-Type': 'application/x-lazy',
    'Transfer-Encoding': 'chunked',
    ...toyHeaders('')
  })
  t.match(
    await sendRaw(port, lazily, '5\r\nhello\r\n0\r\n\r\n'),
    /415[^]*FST_ERR_CTP_INVALID_MEDIA_TYPE/,
    'the same parser, with a chunked body and a signature over an empty one'
  )
  t.same(await post('/signed', 'application/x-iterated'), [200, 'ok'], 'a parser that iterates')
  t.same(await post('/signed', 'application/x-decoded'), [200, 'ok'], 'a parser that decodes')
  t.same(await post('/signed', 'text/plain', { 'content-encoding': 'identity' }), [200, 'ok'])
  for (const encoding of ['gzip', 'identity, br', 'x']) {
    t.same(await post('/signed', 'text/plain', { 'content-encoding': encoding }), [
      415,
      'FST_CC_CONTENT_ENCODING'
    ], encoding)
  }
  const requestHead = head({
    'Content-Type': 'text/plain',
    'Transfer-Encoding': 'chunked',
    ...toyHeaders('lo')
  }).replace('/signed', '/begun-before')
  t.match(
    await sendRaw(port, requestHead, '3\r\nhel\r\n', '2\r\nlo\r\n', '0\r\n\r\n'),
    /500[^]*BODY_NOT_CAPTURED/,
    'a hook that reads the beginning'
  )
  t.equal(
    (await fetch(`${url}/replayed-before`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...toyHeaders('hello') },
      body: 'hello'
    })).status,
    200,
    'a hook that reads everything and replays it'
  )
  t.equal(
    (await app.inject({
      method: 'POST',
      url: '/signed',
      headers: { 'content-type': 'text/plain', ...toyHeaders('a') },
      payload: 'a'
    })).statusCode,
    200
  )
})

t.test('limits apply, and a body that exceeds them is not captured', async t => {
  let last: FastifyRequest['raw'] | undefined
  const { port, url } = await listen(t, async app => {
    app.addHook('onRequest', async request => {
      last = request.raw
    })
    // Lets the rest of the body arrive before the reply ends the connection.
    app.addHook('onError', async ({ raw }) => {
      if (raw.headers['transfer-encoding'] !== undefined) await once(raw, 'end')
    })
    await signedRoute(app)
  })
  const exact = 'x'.repeat(bodyLimit)
  const post = async (body: string) =>
    (await fetch(`${url}/signed`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...toyHeaders(body) },
      body
    })).status
  t.equal(await post(exact), 200)
  t.equal(await post(exact + 'x'), 413)
  const chunk = `200\r\n${'x'.repeat(512)}\r\n`
  const long = await sendRaw(
    port,
    head({ 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked', ...toyHeaders('x') }),
    ...Array(5).fill(chunk),
    '0\r\n\r\n'
  )
  t.match(long, /HTTP\/1\.1 413[^]*"toy":"FST_ERR_CTP_BODY_TOO_LARGE"/)
  t.equal(last?.listenerCount('data'), 0, 'nothing listens to the rest')
})

t.test('regression: a parser without a limit let the capture exceed the body limit', async t => {
  const { url } = await listen(t, app => {
    app.addContentTypeParser('application/x-own', (_request, stream, done) => {
      stream.on('data', () => {}).on('end', () => done(null, 'read'))
    })
    return signedRoute(app)
  })
  const post = async (body: string) =>
    (await fetch(
      `${url}/signed`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-own', ...toyHeaders(body) },
        body: ReadableStream.from([Buffer.from(body)]),
        duplex: 'half'
      } as RequestInit
    )).status
  t.equal(await post('x'.repeat(bodyLimit)), 200)
  t.equal(await post('x'.repeat(bodyLimit + 1)), 413, 'one byte too many')
})

t.test('the server survives an aborted body', async t => {
  const { port, url } = await listen(t, signedRoute)
  const socket = connect(port, '127.0.0.1')
  socket.write(
    head({ 'Content-Type': 'text/plain', 'Content-Length': '100', ...toyHeaders('x') }) + 'half'
  )
  await wait(20)
  socket.destroy()
  const reply = await fetch(`${url}/signed`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...toyHeaders('ok') },
    body: 'ok'
  })
  t.equal(reply.status, 200)
})

t.test('repeated and missing headers, on a socket', async t => {
  const { port } = await listen(t, signedRoute)
  const good = toyHeaders('a')
  const base = { 'Content-Type': 'text/plain', 'Content-Length': '1' }
  const cases: Record<string, [string, RegExp]> = {
    'twice the same': [
      head({ ...base, ...good, 'X-TOY-SIGNATURE': good['x-toy-signature'] ?? '' }),
      /401[^]*SIGNATURE_MALFORMED/
    ],
    'the time twice': [head({ ...base, ...good, 'X-TOY-TIME': '1' }), /401[^]*SIGNATURE_MALFORMED/],
    'none at all': [head(base), /401[^]*SIGNATURE_MISSING/],
    empty: [head({ ...base, ...good, 'x-toy-signature': '' }), /401[^]*SIGNATURE_MISSING/],
    'bytes that are not ASCII': [
      head({ ...base, ...good, 'x-toy-signature': 'Å'.repeat(44) }),
      /401[^]*SIGNATURE_MALFORMED/
    ]
  }
  for (const [name, [request, expected]] of Object.entries(cases)) {
    t.match(await sendRaw(port, request + 'a'), expected, name)
  }
})

t.test('checks the signature before the time', async t => {
  const app = await build(t, signedRoute)
  const post = async (headers: Record<string, string>) =>
    (await app.inject({
      method: 'POST',
      url: '/signed',
      headers: { 'content-type': 'text/plain', ...headers },
      payload: 'a'
    })).json().toy
  t.equal(await post(toyHeaders('a', 1)), 'FST_CC_TIMESTAMP_OUT_OF_WINDOW')
  t.equal(await post(toyHeaders('a', 1, secret + 'x')), 'FST_CC_SIGNATURE_INVALID')
})

t.test('verify works in every slot after the body, and other slots stop the boot', async t => {
  const app = await build(t, app => {
    toy(app)
    app.post('/late', {
      preHandler: [async () => {}, app.toy.verify],
      schema: { body: { type: 'object' } }
    }, async () => 'ok')
  })
  t.equal(
    (await app.inject({
      method: 'POST',
      url: '/late',
      headers: { 'content-type': 'application/json', ...toyHeaders('{}') },
      payload: '{}'
    })).statusCode,
    200
  )
  for (const slot of ['onRequest', 'preParsing']) {
    await t.rejects(
      build(t, app => {
        toy(app)
        app.post('/early', { [slot]: app.toy.verify }, async () => 'ok')
      }),
      { code: 'FST_CC_OPTION_INVALID', message: /preValidation or preHandler/ },
      slot
    )
  }
  await t.rejects(
    build(t, app => {
      toy(app)
      app.post('/called', { preValidation: (app.toy.verify as () => never)() }, async () => 'ok')
    }),
    { code: 'FST_CC_OPTION_INVALID', message: /"app\.toy\.verify" without parentheses/ },
    'called'
  )
})

t.test('changes only routes with verify', async t => {
  const routes: Record<string, unknown> = {}
  const app = await build(t, app => {
    toy(app)
    toy(app, { as: 'toyTwo' })
    app.addHook('onRoute', route => {
      routes[route.url] = [
        route.preParsing,
        (route.schema as { security?: unknown } | undefined)?.security,
        route.errorHandler !== undefined
      ]
    })
    const schema = { body: { type: 'object' } }
    const errorHandler = () => 'mine'
    app.post('/plain', async () => 'ok')
    app.post('/signed', { preValidation: app.toy.verify, schema }, async () => 'ok')
    app.post('/own', {
      preValidation: [app.toyTwo.verify],
      preParsing: [async () => {}],
      errorHandler,
      schema: { security: [] } as object
    }, async () => 'ok')
    app.post('/both', { preValidation: [app.toyTwo.verify, app.toy.verify] }, async () => 'ok')
    t.same(schema, { body: { type: 'object' } }, "the user's schema is unchanged")
  })
  t.same(routes['/plain'], [undefined, undefined, false])
  t.same(routes['/signed'], [[captureBody], undefined, true])
  t.match(routes['/own'], [{ length: 2 }, [], true])
  t.match(routes['/both'], [[captureBody], undefined, true], 'two accounts share one capture')
  const replies = await app.inject({ method: 'POST', url: '/own', payload: {} })
  t.equal(replies.body, 'mine', "the route's own error handler stays")
})

t.test('regression: on other routes, a thrown value that is not an Error was sent with 200', async t => {
  const thrown = {
    object: { statusCode: 404, message: 'no such thing' },
    text: 'a text',
    null: null,
    undefined,
    error: Object.assign(new Error('taken'), { statusCode: 409 })
  }
  const replies = async (prepare: (app: FastifyInstance) => void, isBeside: boolean) => {
    const app = await build(t, app => {
      if (isBeside) toy(app)
      prepare(app)
      for (const [name, value] of Object.entries(thrown)) {
        // Any hook may hide a guard, so that the route's failures may be the vendor's.
        app.get(`/${name}`, { preHandler: async () => {} }, async () => {
          throw value
        })
      }
    })
    return await Promise.all(
      Object.keys(thrown).map(async name => {
        const { statusCode, body } = await app.inject(`/${name}`)
        return [name, statusCode, body]
      })
    )
  }
  const handlers: Record<string, (app: FastifyInstance) => void> = {
    "Fastify's own error handler": () => {},
    'an error handler': app =>
      app.setErrorHandler((error, _request, reply) => {
        reply.code(418).send({ handled: String(error) })
      }),
    'an asynchronous error handler': app =>
      app.setErrorHandler(async (error, _request, reply) => {
        reply.code(418)
        return { handled: String(error) }
      })
  }
  for (const [name, prepare] of Object.entries(handlers)) {
    t.same(await replies(prepare, true), await replies(prepare, false), name)
  }
})

t.test('failures have a status and headers, and reveal no internals', async t => {
  const lines: string[] = []
  const app = await build(t, app => {
    toy(app)
    const throwing = (url: string, thrown: unknown, status = 200) =>
      app.post(url, { preValidation: app.toy.verify }, async (_request, reply) => {
        reply.code(status)
        throw thrown
      })
    throwing('/text', 'a text')
    throwing('/null', null)
    throwing('/null-after-404', null, 404)
    throwing('/status', Object.assign(new Error('public'), { status: 404 }))
    throwing('/teapot', Object.assign(new Error('short and stout'), { statusCode: 418 }))
    throwing('/no-code', Object.assign(new Error('public'), { statusCode: 409 }))
    throwing('/other-parser', Object.assign(new SyntaxError('quoted'), { statusCode: 400 }))
    throwing('/no-message', { statusCode: 409, code: 'X' })
    throwing('/busy', Object.assign(new Error('inside'), { statusCode: 503 }))
    throwing('/no-headers', { statusCode: 503, headers: null })
    throwing('/upstream', {
      statusCode: 502,
      headers: { 'Content-Length': '5', 'content-encoding': 'gzip', 'x-upstream': 'b' }
    })
    throwing('/odd', Object.assign(new Error('inside'), { statusCode: 99 }))
    throwing('/set-before', new Error('public'), 422)
    throwing('/set-to-400', new Error('public'), 400)
    throwing('/beyond', Object.assign(new Error('inside'), { statusCode: 600 }))
    throwing('/their-code', Object.assign(new Error('inside'), { code: 'ECONNREFUSED' }))
    throwing(
      '/own-validation',
      Object.assign(new Error('body is bad'), { validation: [], statusCode: 422 })
    )
    throwing('/validation', Object.assign(new Error('body is bad'), { validation: [] }))
  }, {
    logger: {
      level: 'info',
      stream: {
        write: line => {
          lines.push(line)
        }
      }
    }
  })
  const cases: Record<string, [number, object]> = {
    '/text': [500, { toy: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' }],
    '/null': [500, { toy: 'INTERNAL_SERVER_ERROR' }],
    '/null-after-404': [404, { toy: 'NOT_FOUND', message: 'Internal server error' }],
    '/status': [404, { message: 'public' }],
    '/teapot': [418, { toy: 'I_M_A_TEAPOT', message: 'short and stout' }],
    '/no-code': [409, { toy: 'CONFLICT', message: 'public' }],
    '/other-parser': [400, { toy: 'BAD_REQUEST', message: 'The body is malformed' }],
    '/no-message': [409, { toy: 'X', message: 'Internal server error' }],
    '/busy': [503, { toy: 'SERVICE_UNAVAILABLE', message: 'Internal server error' }],
    '/no-headers': [503, { toy: 'SERVICE_UNAVAILABLE' }],
    '/upstream': [502, { toy: 'BAD_GATEWAY' }],
    '/odd': [500, { toy: 'INTERNAL_SERVER_ERROR' }],
    '/set-before': [422, { message: 'public' }],
    '/set-to-400': [400, { message: 'public' }],
    '/beyond': [500, { toy: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' }],
    '/their-code': [500, { toy: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' }],
    '/own-validation': [422, { message: 'body is bad' }],
    '/validation': [400, { message: 'body is bad' }]
  }
  for (const [url, [status, body]] of Object.entries(cases)) {
    const before = lines.length
    const reply = await app.inject({ method: 'POST', url, headers: toyHeaders('') })
    t.equal(reply.statusCode, status, url)
    t.match(reply.json(), body, url)
    t.equal(reply.headers['retry-after'], status === 503 ? '5' : undefined, url)
    t.equal(
      lines.slice(before).some(line => line.includes('signed route failed')),
      status >= 500,
      `${url}, in the log`
    )
  }
  const upstream = await app.inject({
    method: 'POST',
    url: '/upstream',
    headers: toyHeaders('')
  })
  t.match(upstream.headers, {
    'content-length': String(upstream.body.length),
    'content-encoding': undefined,
    'x-upstream': 'b'
  }, "headers about the upstream's body are left out")
  await app.inject({
    method: 'POST',
    url: '/text',
    headers: { 'x-toy-signature': toyHeaders('')['x-toy-signature'] ?? '' }
  })
  const log = lines.join('')
  t.match(log, '"reason":"header X-Toy-Time is missing"', 'the reason is in the log')
  t.match(
    log,
    /"level":50.*"err":.*"vendor":"toy","code":"INTERNAL_SERVER_ERROR","msg":"signed route failed"/
  )
  t.notMatch(log, toyHeaders('')['x-toy-signature'] ?? '-', 'the signature is not in the log')
})

t.test('F9: a compiler that cannot read TypeBox schemas stops the boot of a signed route', async t => {
  const declare = async (compiler: unknown, schema: object, own?: unknown) =>
    await build(t, app => {
      app.setValidatorCompiler(compiler as never)
      toy(app)
      app.post('/signed', {
        preValidation: app.toy.verify,
        schema,
        ...own !== undefined && { validatorCompiler: own as never }
      }, async () => 'ok')
      app.post('/unsigned', { schema }, async () => 'ok')
    })
  const typebox = { body: Type.Object({ a: Type.Number() }) }
  const acceptsSchema = () => () => true
  const failsLate = () => () => {
    throw new TypeError('schema.safeParse is not a function')
  }
  const failsEarly = () => {
    throw new TypeError('no schema')
  }
  const refusal = { code: 'FST_CC_OPTION_INVALID', message: /POST \/signed: .*TypeBox.*body/ }
  await t.rejects(declare(failsLate, typebox), refusal)
  await t.rejects(declare(failsEarly, typebox), refusal)
  await t.resolves(declare(acceptsSchema, typebox), 'a compiler that reads JSON Schema')
  await t.resolves(
    declare(failsLate, typebox, acceptsSchema),
    "the route's own compiler takes precedence"
  )
  await t.resolves(
    declare(failsLate, { body: { safeParse () {} } }),
    "a schema of the compiler's own kind"
  )
})

t.test("a hook that another plugin adds to a captured route's list runs", async t => {
  const calls: string[] = []
  const app = await build(t, app => {
    toy(app)
    toy(app, { as: 'toyTwo' })
    app.addHook('onRoute', route => {
      // Like fastify-raw-body.
      if (Array.isArray(route.preParsing)) {
        route.preParsing.unshift(async () => {
          calls.push('first')
        })
      }
    })
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  const headers = { 'content-type': 'text/plain', ...toyHeaders('a') }
  const reply = await app.inject({ method: 'POST', url: '/signed', headers, payload: 'a' })
  t.equal(reply.statusCode, 200)
  t.same(calls, ['first'])
})
