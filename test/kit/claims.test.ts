import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import {
  type ClientHttp2Session,
  connect as openSession,
  constants,
  type Http2ServerResponse,
  type ServerHttp2Stream
} from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type TSchema, Type } from '@sinclair/typebox'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import huaweiAicc, * as huawei from 'fastify-contact-center/huawei-aicc'
import * as itxChat from 'fastify-contact-center/itx-chat'
import {
  type ExpiringStore,
  type Keys,
  memoryStore,
  redisStore,
  settleClaim
} from 'fastify-contact-center'
import * as onlineContact from 'fastify-contact-center/online-contact'
import t, { type Test } from 'tap'
import { type Claim, ClaimKeeper } from '../../plugins/kit/route/claim-keeper.ts'
import { build, childEnv, fromSource } from '../helper.ts'
import { listensOn, missing, redisClients } from '../real-parts.ts'
import { toy, toyHeaders } from './toy.ts'

const noRedis = await missing('Redis on 127.0.0.1:6379', () => listensOn(6379))
const secret = 'a-key-of-at-least-16'

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** A signed route of the toy vendor, whose handler the test decides. */
const signed = (options: Parameters<typeof toy>[1], handler: Handler) => (app: FastifyInstance) => {
  toy(app, { tolerance: 60_000, ...options })
  app.post(
    '/signed',
    { preValidation: app.toy.verify },
    async (request, reply) => await handler(request, reply)
  )
}

interface Answered {
  status: number
  code: string | undefined
  retryAfter: string | undefined
}

async function send (app: FastifyInstance, headers = toyHeaders('x')): Promise<Answered> {
  const reply = await app.inject({
    method: 'POST',
    url: '/signed',
    headers: { 'content-type': 'text/plain', ...headers },
    payload: 'x'
  })
  const [, code] = /"toy":"(\w+)"/.exec(reply.body) ?? []
  return { status: reply.statusCode, code, retryAfter: reply.headers['retry-after'] as string }
}

const inProgress = { status: 503, code: 'FST_CC_IN_PROGRESS', retryAfter: '5' }
const replayed = { status: 401, code: 'FST_CC_REPLAYED' }

/** Repeats the request until its status is not 503. The deadline allows for a busy machine. */
async function retryUntilAccepted (request: () => Promise<Answered>): Promise<Answered> {
  for (const deadline = Date.now() + 20_000;; await wait(20)) {
    const answer = await request()
    if (answer.status !== 503 || Date.now() > deadline) return answer
  }
}

/** A handler that waits for the test. */
function gate () {
  let open: () => void = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  let entered: () => void = () => {}
  const isEntered = new Promise<void>(resolve => {
    entered = resolve
  })
  return { open, opened, entered, isEntered }
}

t.test('a copy of a request in progress gets 503, with duplicates: mark as well', async t => {
  for (const duplicates of ['refuse', 'mark'] as const) {
    const { open, opened, entered, isEntered } = gate()
    const lines: string[] = []
    const stream = { write: (line: string) => lines.push(line) }
    const app = await build(
      t,
      signed({ replay: memoryStore(), duplicates }, async request => {
        entered()
        await opened
        return { duplicate: request.verification?.duplicate }
      }),
      { logger: { stream } }
    )
    const headers = toyHeaders('x')
    const first = send(app, headers)
    await isEntered
    t.match(await send(app, headers), inProgress, duplicates)
    t.notMatch(lines.join(''), '"level":50', 'the log has no error')
    open()
    t.equal((await first).status, 200)
    t.match(await send(app, headers), duplicates === 'mark' ? { status: 200 } : replayed)
  }
})

t.test('renews a claim while its handler runs, however long', async t => {
  const { open, opened, entered, isEntered } = gate()
  const app = await build(
    t,
    signed({ replay: memoryStore(), leaseMs: 60 }, async () => {
      entered()
      await opened
      return 'ok'
    })
  )
  const headers = toyHeaders('x')
  const first = send(app, headers)
  await isEntered
  for (let i = 0; i < 10; i++) {
    await wait(30)
    t.match(await send(app, headers), inProgress)
  }
  open()
  t.equal((await first).status, 200)
  t.match(await send(app, headers), replayed)
})

t.test("regression R2: a failure reply in the vendor's shape kept the claim", async t => {
  const replies: unknown[] = [
    { retCode: '1', retMsg: 'not stored' },
    JSON.stringify({ retCode: '1' }),
    Buffer.from('{"retCode":"99"}'),
    '{"ret\\u0043ode":"1"}',
    { retCode: '0', retMsg: 'success' }
  ]
  const app = await withHuawei(t, { replies })
  const body = huaweiBody('n-1')
  for (let i = 0; i < 4; i++) {
    t.equal(await postHuawei(app, body), 200, 'a retry after a failure reply')
  }
  t.equal(await postHuawei(app, body), 200)
  t.equal(await postHuawei(app, body), 401, 'a replay after success')
  const odd = await withHuawei(t, {
    replies: ['no JSON', 'no JSON, but retCode', null, 'null', {}]
  })
  for (const nonce of ['a', 'b', 'c', 'd', 'e']) {
    const body = huaweiBody(nonce)
    t.equal(await postHuawei(odd, body), 200)
    t.equal(await postHuawei(odd, body), 401, 'a reply without a result counts by its status')
  }
})

t.test('a failure reply with a status below 400 releases the claim', async t => {
  let fails = true
  const app = await build(t, app => {
    toy(app, { replay: memoryStore(), tolerance: 60_000 })
    app.post('/signed', { preValidation: app.toy.verify }, async request => {
      if (!fails) return 'ok'
      await settleClaim(request, 'failed')
      return 'the status says nothing of it'
    })
  })
  const headers = toyHeaders('x')
  t.equal((await send(app, headers)).status, 200)
  fails = false
  t.equal((await send(app, headers)).status, 200, 'a retry after a failure reply')
  t.match(await send(app, headers), replayed)
})

t.test('regression R4: the claim of a hijacked reply could not be released', async t => {
  type Ending = (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  const endings: Record<string, [end: Ending, retry: number]> = {
    'failed by hand': [async (request, reply) => {
      await settleClaim(request, 'failed')
      reply.raw.writeHead(200).end()
    }, 200],
    'done by hand': [async (request, reply) => {
      await settleClaim(request, 'done')
      reply.raw.writeHead(500).end()
    }, 401],
    'refused by its status': [async (_, reply) => {
      reply.raw.writeHead(500).end()
    }, 200],
    'answered by its status': [async (_, reply) => {
      reply.raw.writeHead(200).end()
    }, 401],
    'broken off': [async (_, reply) => {
      reply.raw.destroy()
    }, 200]
  }
  for (const [name, [end, status]] of Object.entries(endings)) {
    let runs = 0
    const app = await build(
      t,
      signed({ replay: memoryStore(), leaseMs: 90 }, async (request, reply) => {
        if (runs++ > 0) return 'ok'
        reply.hijack()
        await end(request, reply)
      })
    )
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const headers = { 'content-type': 'text/plain', ...toyHeaders('x') }
    const post = async (): Promise<Answered> => {
      const reply = await fetch(`${url}/signed`, { method: 'POST', body: 'x', headers })
      await reply.text()
      return { status: reply.status, code: undefined, retryAfter: undefined }
    }
    await post().catch(() => {})
    t.equal((await retryUntilAccepted(post)).status, status, name)
  }
})

t.test('the status of a hijacked reply counts over HTTP/2, too', async t => {
  type Ending = (stream: ServerHttp2Stream) => void
  const endings: Record<string, [end: Ending, retry: number]> = {
    answered: [stream => {
      stream.respond({ ':status': 200 })
      stream.end()
    }, 401],
    refused: [stream => {
      stream.respond({ ':status': 500 })
      stream.end()
    }, 200],
    'broken off': [stream => {
      stream.close(constants.NGHTTP2_CANCEL)
    }, 200]
  }
  for (const [name, [end, status]] of Object.entries(endings)) {
    let runs = 0
    const app = Fastify({ http2: true })
    const sessions: ClientHttp2Session[] = []
    t.after(async () => {
      for (const session of sessions) session.destroy()
      await app.close()
    })
    signed({ replay: memoryStore(), leaseMs: 90 }, async (_request, reply) => {
      if (runs++ > 0) return 'ok'
      reply.hijack()
      const raw = reply.raw as unknown as Http2ServerResponse
      if (name !== 'broken off') raw.statusCode = name === 'answered' ? 200 : 500
      end(raw.stream as ServerHttp2Stream)
    })(app as unknown as FastifyInstance)
    const session = openSession(await app.listen({ port: 0, host: '127.0.0.1' }))
    sessions.push(session)
    const headers = toyHeaders('x')
    const post = async (): Promise<Answered> =>
      await new Promise(resolve => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/signed',
          'content-type': 'text/plain',
          ...headers
        })
        const answer = (code: number) =>
          resolve({ status: code, code: undefined, retryAfter: undefined })
        stream.on('response', ({ ':status': code = 0 }) => answer(code))
        stream.on('error', () => answer(0))
        stream.on('close', () => answer(0))
        stream.resume()
        stream.end('x')
      })
    await post()
    t.equal((await retryUntilAccepted(post)).status, status, name)
  }
})

t.test('stops renewing a claim after a whole window without the store', async t => {
  const lines: string[] = []
  let isDown = false
  let attempts = 0
  const store = memoryStore()
  const fails = (): never => {
    attempts++
    throw new Error('down')
  }
  const app = await build(
    t,
    signed({
      replay: { ...store, replace: (...args) => isDown ? fails() : store.replace(...args) },
      leaseMs: 30,
      tolerance: 60
    }, async () => {
      isDown = true
      await wait(40)
      return 'ok'
    }),
    { logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } } }
  )
  t.equal((await send(app)).status, 200)
  t.match(lines.join(''), 'a replay claim could not be renewed')
  await wait(300)
  const before = attempts
  await wait(100)
  t.equal(attempts, before, 'no further attempts')
})

t.test('accepts the retry of a vendor that gave up on a hung handler', async t => {
  let runs = 0
  const { entered, isEntered } = gate()
  const app = await build(
    t,
    signed({ replay: memoryStore(), leaseMs: 90 }, async () => {
      entered()
      if (runs++ === 0) await new Promise(() => {})
      return 'ok'
    })
  )
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const headers = toyHeaders('x')
  const socket = connect(Number(port), '127.0.0.1')
  const lines = Object.entries({ host: 'x', 'content-type': 'text/plain', ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.write(`POST /signed HTTP/1.1\r\n${lines}content-length: 1\r\n\r\nx`)
  await isEntered
  t.match(await send(app, headers), inProgress, 'while the vendor waits')
  socket.destroy()
  t.equal((await retryUntilAccepted(() => send(app, headers))).status, 200)
  t.match(await send(app, headers), replayed)
})

t.test('a handler that succeeds after a lost connection counts as successful', async t => {
  const { open, opened, entered, isEntered } = gate()
  const app = await build(
    t,
    signed({ replay: memoryStore() }, async () => {
      entered()
      await opened
      return 'ok'
    })
  )
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const headers = toyHeaders('x')
  const abort = new AbortController()
  const lost = fetch(`${url}/signed`, {
    method: 'POST',
    body: 'x',
    headers: { 'content-type': 'text/plain', ...headers },
    signal: abort.signal
  })
  await isEntered
  abort.abort()
  await t.rejects(lost)
  open()
  await wait(20)
  t.match(await send(app, headers), replayed, 'a sender who hangs up must not get a second run')
})

t.test('regression R5: a message with two signatures was accepted once with each', async t => {
  const first = { id: 'one', secret: 'the-first-of-two-secrets' }
  const second = { id: 'two', secret: 'the-second-of-two-secrets' }
  const replay = memoryStore()
  const app = await withHuawei(t, { keys: [first, second], replay })
  t.equal(await postHuawei(app, huaweiBody('n', first.secret)), 200)
  t.equal(await postHuawei(app, huaweiBody('n', second.secret)), 401, 'the other signature')

  const renamed = await withHuawei(t, {
    keys: [{ ...second, id: 'new name' }, { ...first, id: 'old name' }],
    replay,
    as: 'huaweiTwo'
  })
  t.equal(
    await postHuawei(renamed, huaweiBody('n', first.secret)),
    401,
    'after the keys are renamed'
  )
  const rotated = await withHuawei(t, {
    keys: [second, { id: 'three', secret: `${secret}-3` }],
    replay
  })
  t.equal(
    await postHuawei(rotated, huaweiBody('n', second.secret)),
    401,
    'after the other key is removed'
  )
  t.equal(await postHuawei(rotated, huaweiBody('m', second.secret)), 200)
  const stranger = await withHuawei(t, { keys: `${secret}-4`, replay })
  t.equal(await postHuawei(stranger, huaweiBody('n', `${secret}-4`)), 200, 'another account')
  t.equal(await postHuawei(stranger, huaweiBody('n', `${secret}-4`)), 401)
})

t.test('a refused message with several claims releases those that it took', async t => {
  const replay = memoryStore()
  const keys = ['the-first-of-two-secrets', 'the-second-of-two-secrets'].map((secret, i) => ({
    id: String(i),
    secret
  }))
  const [first, second] = await Promise.all(
    keys.map(async key => await withHuawei(t, { keys: key, replay }))
  ) as [FastifyInstance, FastifyInstance]
  const app = await withHuawei(t, { keys, replay })
  t.equal(await postHuawei(second, huaweiBody('n', keys[1]?.secret)), 200)
  const before = replay.size
  t.equal(await postHuawei(app, huaweiBody('n', keys[0]?.secret)), 401)
  t.equal(replay.size, before)
  t.equal(
    await postHuawei(first, huaweiBody('n', keys[0]?.secret)),
    200,
    'the first claim is released'
  )
})

t.test('two hooks that verify one request claim it once', async t => {
  const app = await build(t, app => {
    toy(app, { replay: memoryStore(), tolerance: 60_000 })
    app.addHook('preValidation', app.toy.verify)
    app.post('/signed', { preHandler: app.toy.verify }, async () => 'ok')
  })
  const headers = toyHeaders('x')
  t.equal((await send(app, headers)).status, 200)
  t.match(await send(app, headers), replayed)
})

t.test('sends the reply while the store is down, and refuses a copy later', async t => {
  const store = memoryStore()
  let isDown = false
  const ifUp = <T>(work: () => T): T => {
    if (isDown) throw new Error('down')
    return work()
  }
  const replay: ExpiringStore = {
    putIfAbsent: async (...args) => ifUp(() => store.putIfAbsent(...args)),
    get: key => ifUp(() => store.get(key)),
    replace: async (...args) => ifUp(() => store.replace(...args)),
    delete: async (...args) => ifUp(() => store.delete(...args))
  }
  const lines: string[] = []
  const app = await build(
    t,
    signed({ replay, leaseMs: 60 }, async (_request, reply) => {
      isDown = true
      return reply.code(fails ? 500 : 200).send('ended')
    }),
    { logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } } }
  )
  let fails = false
  const headers = toyHeaders('x')
  t.equal((await send(app, headers)).status, 200)
  t.match(lines.join(''), 'a replay claim could not be marked done yet')
  t.match(await send(app, headers), { status: 503, code: 'FST_CC_REPLAY_STORE_UNAVAILABLE' })
  await wait(150)
  isDown = false
  await wait(100)
  t.match(await send(app, headers), replayed, 'after the lease has ended')

  fails = true
  const another = toyHeaders('x', Date.now() + 1)
  t.equal((await send(app, another)).status, 500)
  t.match(lines.join(''), 'a replay claim could not be released')
  isDown = false
  fails = false
  await wait(100)
  t.equal((await send(app, another)).status, 200, 'after its lease has ended')
})

t.test('regression: with a shared store, a reply that cannot be written ended the process', async t => {
  const store = memoryStore()
  const replay: ExpiringStore = {
    putIfAbsent: async (...args) => store.putIfAbsent(...args),
    get: key => store.get(key),
    replace: async (...args) => store.replace(...args),
    delete: async (...args) => store.delete(...args)
  }
  const unwritable: Record<string, Handler> = {
    'a header outside Latin-1' (_request, reply) {
      reply.header('x-name', '홍길동')
      return 'ok'
    },
    'a number as text': (_request, reply) => reply.type('text/plain').send(5)
  }
  let handler: Handler | undefined
  const app = await build(
    t,
    signed({ replay }, (request, reply) => handler === undefined ? 'ok' : handler(request, reply))
  )
  for (const [name, faulty] of Object.entries(unwritable)) {
    const headers = toyHeaders('x', Date.now() + name.length)
    handler = faulty
    t.equal((await send(app, headers)).status, 500, name)
    handler = undefined
    t.equal((await send(app, headers)).status, 200, `${name}: the retry is accepted`)
    t.match(await send(app, headers), replayed, `${name}: the copy is refused`)
  }
})

t.test('a claim that a copy has taken over stays with the copy', async t => {
  const { open, opened, entered, isEntered } = gate()
  const store = memoryStore()
  const lines: string[] = []
  const app = await build(
    t,
    signed({ replay: store }, async () => {
      entered()
      await opened
      return 'ok'
    }),
    { logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } } }
  )
  let key = ''
  const { putIfAbsent } = store
  store.putIfAbsent = (...args) => {
    ;[key] = args
    return putIfAbsent(...args)
  }
  const first = send(app)
  await isEntered
  store.delete(key)
  putIfAbsent(key, 'taken:by another process', 60_000)
  open()
  t.equal((await first).status, 200)
  t.equal(store.get(key), 'taken:by another process')
  t.match(
    lines.join(''),
    'a replay claim expired early; a copy of the request may run too'
  )
})

t.test('regression: finished requests stayed in memory until a full collection', async t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const keeper = new ClaimKeeper({ store: memoryStore(), ttlMs: 1000, leaseMs: 1000 })
  const openClaims: Claim[] = []
  const before = heapAfterCollection()
  for (let index = 0; index < 20_000; index++) {
    const request = new Array<number>(128).fill(index)
    const claim: Claim = {
      keys: [String(index)],
      ending: () => request.length > 0 ? 'open' : 'lost',
      warn () {},
      value: '',
      position: -1
    }
    keeper.take(claim)
    openClaims.push(claim)
    if (openClaims.length > 50) keeper.settle(openClaims.shift() as Claim, 'done')
    // As often as V8 collects what is young.
    if (index % 500 === 0) collect({ type: 'minor' })
  }
  collect({ type: 'minor' })
  const grownMb = (process.memoryUsage().heapUsed - before) / 1e6
  t.ok(grownMb < 8, String(grownMb))
  for (const claim of openClaims) keeper.settle(claim, 'done')

  function heapAfterCollection (): number {
    collect()
    return process.memoryUsage().heapUsed
  }
})

t.test('claims and tokens can share one store', async t => {
  const shared = memoryStore()
  const app = await withHuawei(t, { replay: shared })
  await app.register(onlineContact.default, {
    keys: secret,
    tokens: shared,
    service: 'shop',
    url: 'https://demo.oc.nhncloud.com'
  })
  const link = await app.onlineContact.link({ usercode: 'u1', email: 'a@example.com' })
  const token = new URL(link).searchParams.get('token') ?? ''
  t.equal(await postHuawei(app, huaweiBody(token)), 200)
  t.match(await app.onlineContact.checkIssuedToken('u1', token), { usercode: 'u1' })
})

t.test('regression R3: after a killed process, its request was refused for a whole window', {
  skip: noRedis
}, async t => {
  const { io, prefix } = await redisClients(t)
  const leaseMs = 600
  const app = await build(
    t,
    signed({ replay: redisStore({ client: io, prefix }), leaseMs }, async () => 'ok')
  )
  const hanging = await startHanging(t, prefix, leaseMs)
  const headers = toyHeaders('x')
  fetch(`${hanging.url}/signed`, {
    method: 'POST',
    body: 'x',
    headers: { 'content-type': 'text/plain', ...headers }
  }).catch(() => {})
  await hanging.isHanging
  await wait(leaseMs * 2)
  t.match(await send(app, headers), inProgress, 'while the other process runs the handler')
  hanging.child.kill('SIGKILL')
  await once(hanging.child, 'exit')
  t.match(await send(app, headers), inProgress, 'until the lease of the killed process ends')
  t.equal((await retryUntilAccepted(() => send(app, headers))).status, 200)
  t.match(await send(app, headers), replayed)
})

/** Starts a process with a toy route whose handler never ends. */
async function startHanging (t: Test, prefix: string, leaseMs: number) {
  const script = `
    import Fastify from 'fastify'
    import { Redis } from 'ioredis'
    import { redisStore } from 'fastify-contact-center'
    import { toy } from './test/kit/toy.ts'
    const client = new Redis({ host: '127.0.0.1', port: 6379 })
    const app = Fastify()
    toy(app, {
      replay: redisStore({ client, prefix: ${JSON.stringify(prefix)} }),
      tolerance: 60000,
      leaseMs: ${leaseMs}
    })
    app.post('/signed', { preValidation: app.toy.verify }, async () => {
      console.log('hanging')
      await new Promise(() => {})
    })
    console.log(await app.listen({ port: 0, host: '127.0.0.1' }))`
  const child: ChildProcess = spawn(
    process.execPath,
    [...fromSource, '--input-type=module', '-e', script],
    {
      cwd: new URL('../..', import.meta.url),
      env: childEnv,
      stdio: ['ignore', 'pipe', 'inherit']
    }
  )
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  const untilPrinted = async (text: string): Promise<void> => {
    while (!output.includes(text)) await wait(10)
  }
  child.stdout?.on('data', data => {
    output += String(data)
  })
  await untilPrinted('\n')
  return { child, url: output.trim(), isHanging: untilPrinted('hanging') }
}

t.test("regression R1: a literal in the response schema replaced the handler's failure", async t => {
  const notStored = { retCode: '1', retMsg: 'not stored' }
  const app = await withHuawei(t, { replies: [notStored], response: huawei.CallbackReplies })
  const reply = await app.inject({ method: 'POST', url: '/huawei', payload: huaweiBody('n') })
  t.strictSame(reply.json(), notStored)
})

t.test("regression R1: no vendor's response schema replaces a handler's value", async t => {
  const folders = readdirSync(new URL('../../plugins', import.meta.url), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !['kit', 'contract'].includes(entry.name))
  let count = 0
  for (const { name } of folders) {
    const exported: Record<string, unknown> = await import(`fastify-contact-center/${name}`)
    for (const [schema, replies] of Object.entries(exported)) {
      if (!schema.endsWith('Replies')) continue
      count++
      t.notMatch(JSON.stringify(replies), /"const":/, `${name}: ${schema}`)
    }
  }
  t.ok(count >= 3)
  const cases: Array<[TSchema, object]> = [
    [huawei.CallbackSuccess, { retCode: '1', retMsg: 'not stored' }],
    [itxChat.ChatFailure, { verified: true, error: 'e', message: 'm' }],
    [onlineContact.LoginStatus, { login: 'perhaps', usercode: 'u1' }],
    [onlineContact.LoginStatus, { login: true, usercode: null }]
  ]
  for (const [schema, value] of cases) {
    const app = await build(t, app => {
      app.get('/', { schema: { response: { 200: schema } } }, async () => value)
    })
    const reply = await app.inject('/')
    if (reply.statusCode !== 500) t.strictSame(reply.json(), value)
  }
})

t.test("a const in a user's response schema keeps the handler's value", async t => {
  const response = {
    200: Type.Object({
      retCode: Type.Literal('0'),
      ok: Type.Literal(true),
      nested: Type.Object({ list: Type.Array(Type.Literal(1)) }),
      const: Type.String(),
      either: Type.Union([
        Type.Object({ kind: Type.Literal('a'), a: Type.Number() }),
        Type.Object({ kind: Type.Literal('b'), b: Type.Number() })
      ])
    })
  }
  const before = JSON.stringify(response)
  const value = {
    retCode: '1',
    ok: false,
    nested: { list: [2] },
    const: 'a name',
    either: { kind: 'b', b: 1 }
  }
  const app = await build(t, app => {
    toy(app, { tolerance: 60_000 })
    app.post('/signed', {
      preValidation: app.toy.verify,
      schema: { response }
    }, async () => value as never)
    app.post('/media', {
      preValidation: app.toy.verify,
      schema: { response: { 200: { content: { 'application/json': { schema: response[200] } } } } }
    }, async () => value as never)
    app.post('/other', { schema: { response } }, async () => value as never)
    app.post('/none', { preValidation: app.toy.verify, schema: {} }, async () => value)
  })
  for (const url of ['/signed', '/media', '/none']) {
    const reply = await app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'text/plain', ...toyHeaders('x') },
      payload: 'x'
    })
    t.strictSame(reply.json(), value, url)
  }
  t.equal(JSON.stringify(response), before, "the user's schema is unchanged")
  t.match((await app.inject({ method: 'POST', url: '/other' })).json(), { retCode: '0' })
})

interface HuaweiSettings {
  keys?: Keys
  replay?: ExpiringStore
  as?: string
  replies?: unknown[]
  response?: object
}

declare module 'fastify' {
  interface FastifyInstance {
    huaweiTwo: huawei.HuaweiAiccDecorator
  }
}

/** A callback route whose handler gives these replies in order, and then repeats the last. */
async function withHuawei (
  t: Test,
  { replies = [huawei.success], response, as = 'huaweiAicc', ...options }: HuaweiSettings
): Promise<FastifyInstance> {
  let turn = 0
  const app = Fastify()
  t.after(() => app.close())
  await app.register(huaweiAicc, { keys: secret, ...options, as: as as 'huaweiTwo' })
  app.post('/huawei', {
    preValidation: app[as as 'huaweiTwo'].verify,
    ...response && { schema: { response } }
  }, async (_request, reply) => reply.send(replies[Math.min(turn++, replies.length - 1)]))
  return app
}

async function postHuawei (app: FastifyInstance, body: object): Promise<number> {
  return (await app.inject({ method: 'POST', url: '/huawei', payload: body })).statusCode
}

function huaweiBody (nonce: string, key = secret): object {
  const params = { callSerialNo: '1' }
  const timestamp = String(Date.now())
  const signature = huawei.scheme.sign({ params, timestamp, nonce }, key)
  return { ...params, timestamp, nonce, signature }
}
