import { connect as connectHttp2 } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { buffer, json, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest, FastifyServerOptions, RequestPayload } from 'fastify'
import { captureBody } from '../../plugins/kit/route/capture.ts'
import { capturedBody } from 'fastify-contact-center/kit'
import { provideBody } from 'fastify-contact-center'
import t, { type Test } from 'tap'
import { build } from '../helper.ts'
import { toy, toyHeaders } from './toy.ts'

const body = '{"name":"Åse","n":1234567890123456789}'
const bytes = Buffer.from(body)

interface Answer {
  readonly status: number
  readonly code: string | undefined
}

type Ask = (
  path: string,
  type: string,
  options?: { signed?: string, headers?: Record<string, string>, sent?: Buffer }
) => Promise<Answer>

/** How a body arrives. */
type Delivery = 'in one packet' | 'split' | 'late' | 'chunked'
const deliveries: readonly Delivery[] = ['in one packet', 'split', 'late', 'chunked']

interface Listening {
  readonly send: (delivery: Delivery) => Ask
  readonly app: FastifyInstance
  readonly port: number
  readonly log: string[]
}

async function listen (
  t: Test,
  set: (app: FastifyInstance) => unknown,
  options: FastifyServerOptions = {}
): Promise<Listening> {
  const log: string[] = []
  const stream = { write: (line: string) => log.push(line) }
  const app = await build(t, set, { logger: { level: 'info', stream }, ...options })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { send: delivery => sendHttp1(port, delivery), app, port, log }
}

function sendHttp1 (port: number, delivery: Delivery): Ask {
  return async (path, type, { signed = body, headers = {}, sent = bytes } = {}) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    let reply = ''
    socket.on('data', chunk => {
      reply += chunk.toString()
    })
    const closed = new Promise(resolve => socket.on('close', resolve))
    const length = delivery === 'chunked'
      ? { 'Transfer-Encoding': 'chunked' }
      : { 'Content-Length': String(sent.length) }
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      ...Object.entries({ 'Content-Type': type, ...length, ...toyHeaders(signed), ...headers }).map(
        (
          [name, value]
        ) => `${name}: ${value}`
      ),
      '',
      ''
    ].join('\r\n')
    const middle = Math.min(12, sent.length >> 1)
    const [first, second] = [sent.subarray(0, middle), sent.subarray(middle)]
    if (delivery === 'in one packet') {
      socket.write(Buffer.concat([Buffer.from(head), sent]))
    } else if (delivery === 'chunked') {
      const chunk = (part: Buffer): string =>
        `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`
      socket.write(`${head}${chunk(first)}${chunk(second)}0\r\n\r\n`, 'latin1')
    } else {
      if (delivery === 'late') {
        socket.write(head)
        await wait(15)
        socket.write(first)
      } else {
        socket.write(Buffer.concat([Buffer.from(head), first]))
      }
      await wait(15)
      socket.write(second)
    }
    await closed
    return { status: Number(reply.split(' ')[1]), code: /"toy":"(\w+)"/.exec(reply)?.[1] }
  }
}

const stream = (payload: unknown): Readable => payload as Readable

/** Every way for a parser to read its stream. */
const readers: Record<string, (payload: Readable) => Promise<unknown>> = {
  data: async payload =>
    await new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      payload.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on(
        'end',
        () => resolve(Buffer.concat(chunks).toString())
      )
    }),
  readable: async payload =>
    await new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      payload.on('readable', () => {
        for (let chunk; (chunk = payload.read() as Buffer | null) !== null;) chunks.push(chunk)
      }).on('error', reject).on('end', () => resolve(Buffer.concat(chunks).toString()))
    }),
  'for await': async payload => {
    const chunks: Buffer[] = []
    for await (const chunk of payload) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  },
  'consumers buffer': async payload => (await buffer(payload)).toString(),
  'consumers text': async payload => await text(payload),
  'consumers json': async payload => {
    await json(payload)
    return body
  },
  pipe: async payload => await text(payload.pipe(new PassThrough())),
  pipeline: async payload => {
    const to = new PassThrough()
    const [read] = await Promise.all([text(to), pipeline(payload, to)])
    return read
  },
  toWeb: async payload => await new Response(Readable.toWeb(payload) as never).text(),
  setEncoding: async payload =>
    await new Promise((resolve, reject) => {
      let all = ''
      payload.setEncoding('utf8')
      payload.on('data', (chunk: string) => {
        all += chunk
      }).on('error', reject).on('end', () => resolve(all))
    })
}

function addReaders (app: FastifyInstance): void {
  Object.values(readers).forEach((read, i) => {
    app.addContentTypeParser(
      `application/x-${i}`,
      async (_request: FastifyRequest, payload: RequestPayload) => await read(stream(payload))
    )
  })
}

async function signed (app: FastifyInstance): Promise<void> {
  addReaders(app)
  toy(app)
  app.post('/signed', { preValidation: app.toy.verify }, async request => {
    // A parser of the media type has read all.
    if (typeof request.body === 'string' && request.body !== body) throw new Error('not as sent')
    return 'ok'
  })
}

const types = Object.keys(readers).map((name, i) => [name, `application/x-${i}`] as const)

t.test('F5: captures the bytes for every way of reading the stream', async t => {
  const { send: senderFor } = await listen(t, signed)
  for (const delivery of deliveries) {
    for (
      const [name, type] of [...types, ['json', 'application/json'], [
        'text',
        'text/plain'
      ]] as const
    ) {
      t.equal((await senderFor(delivery)('/signed', type)).status, 200, `${name}, ${delivery}`)
      t.equal(
        (await senderFor(delivery)('/signed', type, { signed: '{}' })).status,
        401,
        `${name}, ${delivery}, forged`
      )
    }
  }
})

t.test('F5: captures the bytes over HTTP/2 and under inject', async t => {
  const { port } = await listen(t, signed, { http2: true } as FastifyServerOptions)
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  t.teardown(() => client.close())
  const app = await build(t, signed)
  for (const [name, type] of [...types, ['json', 'application/json']] as const) {
    const headers = { 'content-type': type, ...toyHeaders(body) }
    const request = client.request({ ':method': 'POST', ':path': '/signed', ...headers })
    request.write(bytes.subarray(0, 12))
    setTimeout(() => request.end(bytes.subarray(12)), 5)
    const status = await new Promise(resolve => {
      request.on('response', replyHeaders => resolve(replyHeaders[':status']))
    })
    request.resume()
    t.equal(status, 200, `${name}, HTTP/2`)
    for (
      const payload of [body, bytes, Readable.from([bytes.subarray(0, 12), bytes.subarray(12)])]
    ) {
      const injected = await app.inject({ method: 'POST', url: '/signed', headers, payload })
      t.equal(injected.statusCode, 200, `${name}, inject`)
    }
  }
})

type PreParsing = (...all: never[]) => unknown

/** What third-party hooks do with the payload, with callbacks and promises. */
const otherHooks: Record<string, PreParsing> = {
  'F4: a callback hook counts bytes': (
    _request: unknown,
    _reply: unknown,
    payload: Readable,
    done: (error: null, payload: Readable) => void
  ) => {
    payload.on('data', () => {})
    done(null, payload)
  },
  'F4: a callback hook listens for end and close': (
    _request: unknown,
    _reply: unknown,
    payload: Readable,
    done: () => void
  ) => {
    payload.on('end', () => {}).on('close', () => {})
    done()
  },
  'F4: a callback hook pipes through': (
    _request: unknown,
    _reply: unknown,
    payload: Readable,
    done: (error: null, payload: Readable) => void
  ) => done(null, payload.pipe(new PassThrough())),
  'an async hook pipes through': async (_request: unknown, _reply: unknown, payload: Readable) =>
    payload.pipe(new PassThrough()),
  'an async hook waits': async () => {
    await wait(5)
  },
  'an async hook waits, then pipes through': async (
    _request: unknown,
    _reply: unknown,
    payload: Readable
  ) => {
    await wait(30)
    return payload.pipe(new PassThrough())
  },
  'an async hook reads all, and replays it': async (
    _request: unknown,
    _reply: unknown,
    payload: Readable
  ) => Readable.from([await buffer(payload)]),
  'a callback hook sets an encoding': (
    _request: unknown,
    _reply: unknown,
    payload: Readable,
    done: () => void
  ) => {
    payload.setEncoding('utf8')
    done()
  }
}

t.test('works with other hooks before and after its own', async t => {
  for (const [name, hook] of Object.entries(otherHooks)) {
    const { send: senderFor } = await listen(t, async app => {
      app.register(async scope => {
        scope.addHook('preParsing', hook as never)
        await signed(scope)
      }, { prefix: '/before' })
      app.register(async scope => {
        await signed(scope)
        scope.addHook('preParsing', hook as never)
      }, { prefix: '/after' })
      app.register(async scope => {
        scope.addHook('onRequest', async () => {
          await wait(30)
        })
        scope.addHook('preParsing', hook as never)
        await signed(scope)
      }, { prefix: '/behind-a-look-up' })
      app.register(async scope => {
        scope.addHook('preParsing', hook as never)
        addReaders(scope)
        scope.post('/signed', async () => 'ok')
      }, { prefix: '/without' })
    })
    for (const delivery of deliveries) {
      for (const type of ['application/json', 'text/plain', 'application/x-2']) {
        // The status without the plugin, because some of these hooks lose the body themselves.
        const expected = (await senderFor(delivery)('/without/signed', type)).status
        for (const path of ['/before', '/after', '/behind-a-look-up']) {
          const { status } = await senderFor(delivery)(`${path}/signed`, type)
          if (path === '/behind-a-look-up' && expected !== 200) continue
          t.equal(status, expected, `${name}, ${path}, ${type}, ${delivery}`)
        }
      }
    }
  }
})

t.test('F4: a hook that listens early does not lose the body', async t => {
  const { send: senderFor } = await listen(t, async app => {
    app.addHook('preParsing', otherHooks['F4: a callback hook counts bytes'] as never)
    await signed(app)
  })
  for (const delivery of deliveries) {
    t.same(await senderFor(delivery)('/signed', 'application/json'), {
      status: 200,
      code: undefined
    })
  }
})

t.test('F6: refuses a body that no parser read with 415, and logs no error', async t => {
  const { send: senderFor, log } = await listen(t, app => {
    app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
    toy(app)
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  const large = Buffer.alloc(300_000, 'x')
  for (const delivery of ['split', 'late', 'in one packet'] as const) {
    const reply = await senderFor(delivery)('/signed', 'multipart/form-data; boundary=x', {
      sent: large
    })
    t.same(reply, { status: 415, code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }, delivery)
  }
  t.match(log.join(''), 'the body is unread', 'the cause is in the log')
  t.notMatch(log.join(''), '"level":50', 'the log has no error')
})

t.test('F6: a form that its parser cannot read gets 415', async t => {
  let thrown = new Error('Unexpected end of multipart data')
  const { send: senderFor, log } = await listen(t, app => {
    app.addContentTypeParser(/^(multipart|text)\//, (_request, payload, done) => {
      payload.resume().on('end', () => done(null))
    })
    toy(app)
    // Like a plugin that parses forms for every route.
    app.addHook('preValidation', async () => {
      throw thrown
    })
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  const statusOf = async (type: string) => await senderFor('in one packet')('/signed', type)
  t.same(await statusOf('multipart/form-data; boundary=x'), {
    status: 415,
    code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
  })
  t.match(log.join(''), 'Unexpected end of multipart data', 'the cause is in the log')
  t.notMatch(log.join(''), '"level":50', 'the log has no error')
  t.equal((await statusOf('text/plain')).status, 500, 'a body of another type')
  thrown = Object.assign(new Error('multipart: too much'), { statusCode: 413 })
  t.equal(
    (await statusOf('multipart/form-data; boundary=x')).status,
    413,
    "an error's own status stays"
  )
  thrown = new Error('the database is down')
  t.equal(
    (await statusOf('multipart/form-data; boundary=x')).status,
    500,
    'other faults stay faults'
  )
})

t.test('F7: accepts Content-Encoding: identity', async t => {
  const { send: senderFor } = await listen(t, signed)
  const post = async (encoding: string): Promise<Answer> =>
    await senderFor('in one packet')('/signed', 'application/json', {
      headers: { 'Content-Encoding': encoding }
    })
  for (const encoding of ['identity', 'Identity', ' identity , IDENTITY']) {
    t.equal((await post(encoding)).status, 200, encoding)
  }
  for (const encoding of ['gzip', 'identity, gzip', 'br', 'x', ',', 'identity;q=1']) {
    t.same(await post(encoding), { status: 415, code: 'FST_CC_CONTENT_ENCODING' }, encoding)
  }
})

t.test('captures bytes that Node buffered before, out of sight', async t => {
  const { send: senderFor, log } = await listen(t, async app => {
    const hideBuffer = (prepare: (raw: Readable) => void) => async ({ raw }: FastifyRequest) => {
      await wait(20)
      Object.defineProperty(raw, 'readableBuffer', { value: undefined })
      prepare(raw)
    }
    app.register(async scope => {
      scope.addHook('onRequest', hideBuffer(() => {}))
      await signed(scope)
    })
    app.register(async scope => {
      scope.addHook('onRequest', hideBuffer(raw => raw.on('data', () => {})))
      await signed(scope)
    }, { prefix: '/listened' })
  })
  for (const delivery of deliveries) {
    t.equal((await senderFor(delivery)('/signed', 'application/json')).status, 200, delivery)
  }
  t.same(
    await senderFor('in one packet')('/listened/signed', 'application/json'),
    { status: 500, code: 'FST_CC_BODY_NOT_CAPTURED' },
    'a listener that has seen the bytes must not see them again'
  )
  t.match(log.join(''), 'out of reach')
})

t.test('captures bytes that an earlier hook put back, and refuses a body without them', async t => {
  const { send: senderFor, log } = await listen(t, async app => {
    const addScope = (
      prefix: string,
      hook: (raw: Readable) => void,
      preParsing?: PreParsing
    ): void => {
      app.register(async scope => {
        scope.addHook('onRequest', async ({ raw }) => {
          await wait(40)
          hook(raw)
        })
        scope.addContentTypeParser('application/x-lenient', (_request, payload, done) => {
          payload.on('data', () => {}).on('end', () => done(null))
        })
        if (preParsing !== undefined) scope.addHook('preParsing', preParsing as never)
        await signed(scope)
      }, { prefix })
    }
    addScope('/peeked', raw => raw.unshift(raw.read()))
    addScope('/taken', raw => raw.read(4))
    const replay: PreParsing = async () => Readable.from([bytes.subarray(0, 9), bytes.subarray(9)])
    addScope('/replaced', raw => raw.read(), replay)
    addScope('/objects', raw => raw.read(), async () => Readable.from([{ a: 1 }, body]))
    addScope('/strange', raw => raw.read(), async () => ({
      on (event: string, listener: (chunk?: string) => void) {
        if (event === 'data') setImmediate(listener, body)
        if (event === 'end') setImmediate(listener)
        return this
      },
      removeListener () {},
      resume () {}
    }))
  })
  const type = 'application/json'
  const sendAtOnce = senderFor('in one packet')
  t.equal((await sendAtOnce('/peeked/signed', type)).status, 200, 'read and put back')
  t.equal((await sendAtOnce('/replaced/signed', type)).status, 200, 'another payload in its place')
  t.equal((await sendAtOnce('/replaced/signed', type, { signed: '{}' })).status, 401)
  const notCaptured = { status: 500, code: 'FST_CC_BODY_NOT_CAPTURED' }
  t.same(
    await sendAtOnce('/strange/signed', type),
    notCaptured,
    'a payload that is not a Node.js stream'
  )
  t.same(
    await sendAtOnce('/objects/signed', 'application/x-lenient'),
    notCaptured,
    'a stream of objects'
  )
  const { status } = await sendAtOnce('/taken/signed', 'application/x-2')
  t.equal(status, 500, 'missing bytes')
  for (const cause of ['read bytes of the body', 'not a Node.js stream', 'stream of objects']) {
    t.match(log.join(''), cause)
  }
})

t.test('an aborted body does not authenticate, and logs no error', async t => {
  const outcomes: unknown[] = []
  const { port } = await listen(t, app => {
    toy(app)
    app.addContentTypeParser('application/x-lenient', (_request, payload, done) => {
      payload.on('data', () => {}).on('end', () => done(null)).on('error', () => done(null))
    })
    app.post('/signed', {
      preValidation: async request => {
        await wait(5)
        await app.toy.verify(request).catch((error: { code: string }) => {
          outcomes.push(error.code)
        })
      }
    }, async () => 'ok')
  }, { http2: true } as FastifyServerOptions)
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  t.teardown(() => client.close())
  const request = client.request({
    ':method': 'POST',
    ':path': '/signed',
    'content-type': 'application/x-lenient',
    ...toyHeaders('hel')
  })
  request.on('error', () => {})
  request.write('hel')
  await wait(20)
  request.close(8)
  for (let i = 0; i < 100 && outcomes.length === 0; i++) await wait(5)
  t.same(outcomes, ['FST_CC_INPUT_REFUSED'])
})

t.test('accepts the bytes from a platform that has read the body', async t => {
  const app = await build(t, app => {
    toy(app)
    // Like Google Cloud Functions and Firebase: the stream has been read, and `rawBody` holds the
    // bytes.
    app.addHook('onRequest', async request => {
      const { rawBody } = request.raw as { rawBody?: Buffer }
      if (rawBody !== undefined) provideBody(request, rawBody)
    })
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser('application/json', (request, payload, done) => {
      done(null, JSON.parse((request.raw as { rawBody?: Buffer }).rawBody?.toString() ?? '{}'))
      stream(payload).resume()
    })
    app.post('/signed', { preValidation: app.toy.verify }, async request => ({
      body: request.body,
      bytes: Buffer.from(capturedBody(request)).toString()
    }))
  })
  const post = async (rawBody: unknown, signed: string): Promise<[number, unknown]> => {
    const reply = await new Promise<{ statusCode: number, payload: string }>((resolve, reject) => {
      // The request of such a platform, whose stream has ended.
      app.routing(...requestAndReply(rawBody, signed, resolve) as Parameters<typeof app.routing>)
      setTimeout(reject, 5000).unref()
    })
    return [reply.statusCode, JSON.parse(reply.payload)]
  }
  t.same(await post(bytes, body), [200, { body: JSON.parse(body), bytes: body }])
  t.match(await post(bytes, '{}'), [401, { toy: 'FST_CC_SIGNATURE_INVALID' }])
  t.throws(() => provideBody({ raw: {} } as never, body as never), TypeError)
})

/** A request whose stream has been read, and its reply. */
function requestAndReply (
  rawBody: unknown,
  signed: string,
  resolve: (reply: { statusCode: number, payload: string }) => void
): unknown[] {
  const headers: Record<string, string> = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...toyHeaders(signed)
  }
  const raw = Object.assign(Readable.from([]), {
    method: 'POST',
    url: '/signed',
    headers,
    rawHeaders: Object.entries(headers).flat(),
    httpVersionMajor: 1,
    socket: {},
    rawBody
  })
  const response = new PassThrough()
  const reply = Object.assign(response, {
    statusCode: 200,
    headersSent: false,
    setHeader () {},
    getHeader () {},
    hasHeader: () => false,
    removeHeader () {},
    writeHead (statusCode: number) {
      this.statusCode = statusCode
    },
    end (payload: string) {
      resolve({ statusCode: reply.statusCode, payload })
    }
  })
  return [raw, reply]
}

t.test('handles a method without a body, and an excluded route', async t => {
  const { port, app, log } = await listen(t, app => {
    toy(app)
    app.get('/read', { preValidation: app.toy.verify }, async () => 'ok')
    app.post('/out', { config: { contactCenter: { capture: false } } }, async request => {
      await app.toy.verify(request)
      return 'ok'
    })
  })
  const empty = await app.inject({ url: '/read', headers: toyHeaders('') })
  t.equal(empty.statusCode, 200, 'a signature over an empty body')
  const reply = await new Promise<string>(resolve => {
    const socket = connect(port, '127.0.0.1')
    const headers = Object.entries(toyHeaders('')).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(
      `GET /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n${
        headers.join('')
      }\r\n{}`
    )
    socket.once('data', chunk => resolve(chunk.toString()))
  })
  t.match(reply, /^HTTP\/1.1 400[^]*FST_CC_INPUT_REFUSED/)
  const out = await app.inject({
    method: 'POST',
    url: '/out',
    headers: toyHeaders('{}'),
    payload: {}
  })
  t.equal(out.statusCode, 500)
  t.same(out.json(), { toy: 'FST_CC_BODY_NOT_CAPTURED', message: out.json().message })
  t.match(log.join(''), 'capture: false')
  await t.rejects(
    build(t, app => {
      toy(app)
      app.post('/out', {
        preValidation: app.toy.verify,
        config: { contactCenter: { capture: false } }
      }, async () => 'ok')
    }),
    { code: 'FST_CC_OPTION_INVALID', message: /POST \/out: app\.toy\.verify needs the body/ }
  )
})

t.test('captureBody works as a preParsing hook without the plugin', async t => {
  const { send: senderFor } = await listen(t, async app => {
    app.addHook('preParsing', captureBody)
    app.post('/length', async request => ({ length: capturedBody(request).length }))
    app.register(async scope => {
      scope.addHook('preParsing', async (_request, _reply, payload) => {
        await buffer(stream(payload))
        return Readable.from([Buffer.from('as text')])
      })
      scope.addHook('preParsing', captureBody)
      scope.post('/replaced', async request => ({ length: capturedBody(request).length }))
    })
  })
  for (const delivery of deliveries) {
    t.equal((await senderFor(delivery)('/length', 'text/plain')).status, 200, delivery)
    t.equal((await senderFor(delivery)('/replaced', 'application/x-2')).status, 415, delivery)
  }
})
