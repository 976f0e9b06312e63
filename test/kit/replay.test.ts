import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Redis } from 'ioredis'
import { type ExpiringStore, memoryStore, redisStore } from 'fastify-contact-center'
import t from 'tap'
import { build, childEnv, fromSource, hearOutcomes } from '../helper.ts'
import { findSiblingReason } from '../../plugins/kit/route/siblings.ts'
import { hasCommand, listensOn, missing, privateRedis } from '../real-parts.ts'
import { secret, toy, toyHeaders } from './toy.ts'

const noRedis = await missing('Redis on 127.0.0.1:6379', () => listensOn(6379))
const noRedisServer = await missing('redis-server', () => hasCommand('redis-server'))

function guardedRoute (
  options: Parameters<typeof toy>[1],
  handler: (app: FastifyInstance) => void = () => {}
) {
  return (app: FastifyInstance) => {
    toy(app, options)
    app.post('/signed', { preValidation: app.toy.verify }, async (request, reply) => {
      const body = request.body as { status?: number, crash?: boolean, schema?: boolean } | null
      if (body?.crash === true) throw new Error('crash')
      if (body?.status !== undefined) reply.code(body.status)
      return { duplicate: request.verification?.duplicate }
    })
    handler(app)
  }
}

async function post (
  app: FastifyInstance,
  body: string,
  headers: Record<string, string>
): Promise<[number, { toy?: string, duplicate?: boolean }]> {
  const reply = await app.inject({
    method: 'POST',
    url: '/signed',
    headers: { 'content-type': 'application/json', ...headers },
    payload: body
  })
  return [reply.statusCode, reply.json()]
}

t.test('refuses a repeated request, or marks it', async t => {
  const refusingApp = await build(t, guardedRoute({ replay: memoryStore() }))
  const markingApp = await build(t, guardedRoute({ replay: memoryStore(), duplicates: 'mark' }))
  const headers = toyHeaders('{}')
  t.strictSame(await post(refusingApp, '{}', headers), [200, { duplicate: false }])
  t.match(await post(refusingApp, '{}', headers), [401, { toy: 'FST_CC_REPLAYED' }])
  t.strictSame(await post(markingApp, '{}', headers), [200, { duplicate: false }])
  t.strictSame(await post(markingApp, '{}', headers), [200, { duplicate: true }])
})

t.test('accepts exactly one of 100 concurrent copies', async t => {
  const app = await build(t, guardedRoute({ replay: memoryStore() }))
  const headers = toyHeaders('{}')
  const statuses =
    (await Promise.all(Array.from({ length: 100 }, async () => await post(app, '{}', headers))))
      .map(([status]) => status)
  t.equal(statuses.filter(status => status === 200).length, 1)
  t.equal(statuses.filter(status => status === 401).length, 99)
})

t.test('a forged or stale request never uses up a nonce', async t => {
  const store = memoryStore()
  const app = await build(t, guardedRoute({ replay: store }))
  const genuine = toyHeaders('{}')
  await post(app, '{}', toyHeaders('{}', Date.now(), secret + 'x'))
  await post(app, '{"a":1}', genuine)
  await post(app, '{}', toyHeaders('{}', 1))
  t.equal(store.size, 0)
  t.equal((await post(app, '{}', genuine))[0], 200)
  t.equal(store.size, 1)
})

t.test('a claim lasts exactly as long as its request would verify', async t => {
  let at = 1_000_000
  const now = () => at
  const app = await build(
    t,
    guardedRoute({ now, replay: memoryStore({ now }), tolerance: { pastMs: 1000, futureMs: 500 } })
  )
  const headers = toyHeaders('{}', at + 500)
  t.equal((await post(app, '{}', headers))[0], 200, 'signed at the future edge')
  at += 1500
  t.match(
    await post(app, '{}', headers),
    [401, { toy: 'FST_CC_REPLAYED' }],
    'the last millisecond in which it would verify'
  )
  at += 1
  t.match(await post(app, '{}', headers), [401, { toy: 'FST_CC_TIMESTAMP_OUT_OF_WINDOW' }])
})

t.test('accepts the retry of a request whose handler failed', async t => {
  const store = memoryStore()
  const app = await build(t, guardedRoute({ replay: store }))
  for (
    const [body, status] of [['{"crash":true}', 500], ['{"status":503}', 503], [
      '{"status":409}',
      409
    ], ['{"status":400}', 400]] as const
  ) {
    const headers = toyHeaders(body)
    t.equal((await post(app, body, headers))[0], status)
    t.equal((await post(app, body, headers))[0], status, 'a retry')
  }
  t.equal(store.size, 0)
})

t.test('regression: a claim stayed if the hook was hidden, or belonged to the scope', async t => {
  for (
    const [name, declare] of Object.entries({
      hidden: (app: FastifyInstance, handler: () => Promise<string>) => {
        app.post('/signed', {
          preValidation: async request => {
            await app.toy.verify(request)
          },
          config: { contactCenter: { capture: true } }
        }, handler)
      },
      "a scope's inside it, with an account of its own": (
        app: FastifyInstance,
        handler: () => Promise<string>
      ) => {
        app.register(async inner => {
          toy(inner, { replay: memoryStore(), as: 'toyThree' as 'toyTwo' })
          inner.post('/signed', {
            preValidation: app.toy.verify,
            config: { contactCenter: { capture: true } }
          }, handler)
        })
      },
      "the scope's": (app: FastifyInstance, handler: () => Promise<string>) => {
        app.addHook('preValidation', app.toy.verify)
        app.post('/signed', { config: { contactCenter: { capture: true } } }, handler)
      }
    })
  ) {
    let released = 0
    const store = memoryStore()
    const replay: ExpiringStore = {
      ...store,
      delete: async (key, expected) => {
        released++
        store.delete(key, expected)
      }
    }
    let fails = true
    const app = await build(t, app => {
      toy(app, { replay })
      toy(app, { replay, as: 'toyTwo' })
      declare(app, async () => {
        if (fails) throw new Error('down')
        return 'ok'
      })
    })
    const send = async (headers: Record<string, string>) =>
      (await app.inject({
        method: 'POST',
        url: '/signed',
        headers: { 'content-type': 'text/plain', ...headers },
        payload: 'x'
      })).statusCode
    const headers = toyHeaders('x')
    t.equal(await send(headers), 500, name)
    t.equal(released, 1, 'once, with two accounts in the scope')
    fails = false
    t.equal(await send(headers), 200, 'the retry')
    t.equal(await send(headers), 401, 'a replay after the retry')
  }
})

t.test('two accounts with one key may each send the same request', async t => {
  const store = memoryStore()
  const tenants = {
    tenant: (request: FastifyRequest) => String(request.headers['x-tenant']),
    keys: () => [{ id: 'one', secret }]
  }
  const app = await build(t, guardedRoute({ replay: store, ...tenants }))
  const headers = toyHeaders('{}')
  const outcomes = []
  for (const account of ['seoul', 'busan', 'seoul']) {
    outcomes.push((await post(app, '{}', { ...headers, 'x-tenant': account }))[0])
  }
  t.strictSame(outcomes, [200, 200, 401])
})

t.test('a refused copy does not release the claim of the first request', async t => {
  const store = memoryStore()
  const app = await build(t, guardedRoute({ replay: store }))
  const headers = toyHeaders('{}')
  await post(app, '{}', headers)
  t.equal((await post(app, '{}', headers))[0], 401)
  t.equal((await post(app, '{}', headers))[0], 401)
})

t.test('accepts nothing while the store is full, down or slow', async t => {
  const storeThatThrows = (error: Error): ExpiringStore => ({
    ...memoryStore(),
    putIfAbsent: async () => {
      throw error
    }
  })
  const full = memoryStore({ capacity: 1 })
  full.putIfAbsent('somebody else', 'done', 60_000)
  const hangingClient = { call: async () => await new Promise(() => {}) }
  for (
    const [name, replay] of Object.entries({
      full,
      down: storeThatThrows(new Error('ECONNREFUSED')),
      slow: redisStore({ client: hangingClient, timeoutMs: 10 })
    })
  ) {
    const app = await build(t, guardedRoute({ replay }))
    const reply = await app.inject({
      method: 'POST',
      url: '/signed',
      headers: { 'content-type': 'application/json', ...toyHeaders('{}') },
      payload: '{}'
    })
    t.equal(reply.statusCode, 503, name)
    t.equal(reply.headers['retry-after'], '5', name)
    t.equal(reply.json().toy, 'FST_CC_REPLAY_STORE_UNAVAILABLE', name)
  }
})

t.test("logs a failed release, and sends the handler's reply", async t => {
  const lines: string[] = []
  const app = await build(t, app => {
    app.addHook('onRequest', async request => {
      request.log.error = (...args: unknown[]) => {
        lines.push(String(args[1]))
      }
    })
    guardedRoute({
      replay: {
        ...memoryStore(),
        delete: async () => {
          throw new Error('gone')
        }
      }
    })(app)
  })
  t.equal((await post(app, '{"status":500}', toyHeaders('{"status":500}')))[0], 500)
  t.match(lines.join(), 'could not be released')
})

t.test(
  'answers 503 while Redis is down, and recovers without a restart',
  { skip: noRedisServer },
  async t => {
    const redis = await privateRedis(t)
    const client = new Redis({
      host: '127.0.0.1',
      port: redis.port,
      retryStrategy: () => 20,
      maxRetriesPerRequest: 1
    })
    client.on('error', () => {})
    t.after(() => client.disconnect())
    const app = await build(
      t,
      guardedRoute({ replay: redisStore({ client, timeoutMs: 1000 }), tolerance: 60_000 })
    )
    const twin = await build(
      t,
      guardedRoute({ replay: redisStore({ client, timeoutMs: 1000 }), tolerance: 60_000 })
    )
    const headers = toyHeaders('{}')
    t.equal((await post(app, '{}', headers))[0], 200)
    t.equal((await post(twin, '{}', headers))[0], 401, 'another app with the same Redis')
    await redis.stop()
    const during = toyHeaders('{"during":1}')
    t.equal((await post(app, '{"during":1}', during))[0], 503)
    await redis.start()
    let status = 503
    for (let i = 0; i < 100 && status === 503; i++) {
      ;[status] = await post(
        app,
        '{"during":1}',
        during
      )
    }
    t.equal(status, 200)
  }
)

t.test('a process refuses a nonce that another process with the same Redis has taken', {
  skip: noRedis
}, async t => {
  const prefix = `fcc-test:${randomUUID()}:`
  const client = new Redis({ host: '127.0.0.1', port: 6379 })
  t.after(async () => {
    await client.del(...await client.keys(`${prefix}*`))
    client.disconnect()
  })
  const app = await build(
    t,
    guardedRoute({ replay: redisStore({ client, prefix }), tolerance: 60_000 })
  )
  const headers = toyHeaders('{}')
  t.equal((await post(app, '{}', headers))[0], 200)
  const script = `
    import Fastify from 'fastify'
    import { Redis } from 'ioredis'
    import { redisStore } from 'fastify-contact-center'
    import { toy } from './test/kit/toy.ts'
    const client = new Redis({ host: '127.0.0.1', port: 6379 })
    const app = Fastify()
    toy(app, { replay: redisStore({ client, prefix: ${
    JSON.stringify(prefix)
  } }), tolerance: 60000 })
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
    const reply = await app.inject({ method: 'POST', url: '/signed', headers: ${
    JSON.stringify({ 'content-type': 'application/json', ...headers })
  }, payload: '{}' })
    console.log(reply.statusCode)
    client.disconnect()`
  const child = spawnSync(process.execPath, [...fromSource, '--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
    env: childEnv
  })
  t.equal(child.stdout.trim(), '401', child.stderr)
})

t.test('publishes outcomes with a bounded set of labels', async t => {
  const outcomes = hearOutcomes(t)
  const started = performance.now()
  const app = await build(
    t,
    guardedRoute({
      keys: () => [{ id: 'a', secret }],
      tenant: () => 'acme',
      replay: memoryStore(),
      duplicates: 'mark'
    })
  )
  const broken = await build(
    t,
    guardedRoute({
      keys: () => {
        throw new Error('down')
      }
    })
  )
  const headers = toyHeaders('{}')
  await post(app, '{}', headers)
  await post(app, '{}', headers)
  await post(app, '{}', toyHeaders('x'))
  await post(broken, '{}', headers)
  t.match(outcomes, [
    {
      vendor: 'toy',
      decorator: 'toy',
      code: 'OK',
      keyId: 'a',
      tenant: 'acme',
      duplicate: false,
      durationMs: Number
    },
    { code: 'OK', duplicate: true },
    { code: 'FST_CC_SIGNATURE_INVALID', duplicate: false, tenant: undefined, keyId: undefined },
    { code: 'FST_CC_KEYS_UNAVAILABLE' }
  ])
  t.equal(outcomes.length, 4)
  t.ok(
    outcomes.every(({ durationMs }) =>
      durationMs >= 0 && durationMs < performance.now() - started + 1
    ),
    'the duration'
  )
  const odd = await build(
    t,
    guardedRoute({
      now: () => {
        throw Object.assign(new Error('clock'), { code: 'ECLOCK' })
      }
    })
  )
  await post(odd, '{}', headers)
  t.equal(outcomes.at(-1)?.code, 'ERROR', 'internal faults share one label')
  const odder = await build(
    t,
    guardedRoute({
      now: () => {
        throw Object.assign(new Error('clock'), { code: 5, statusCode: 418 })
      }
    })
  )
  t.equal((await post(odder, '{}', headers))[0], 418, 'and are thrown unchanged')
  t.equal(outcomes.at(-1)?.code, 'ERROR')
})

t.test('warns at boot about a memory store if several processes are likely', async t => {
  const boot = async (env: Record<string, string>, replay: ExpiringStore | false) => {
    const lines: string[] = []
    for (const [name, value] of Object.entries(env)) process.env[name] = value
    try {
      await build(t, guardedRoute({ replay }), {
        logger: {
          stream: {
            write: line => {
              lines.push(line)
            }
          }
        }
      })
    } finally {
      for (const name of Object.keys(env)) delete process.env[name]
    }
    return lines.join('')
  }
  t.match(await boot({ NODE_APP_INSTANCE: '0' }, memoryStore()), 'NODE_APP_INSTANCE is set')
  t.notMatch(await boot({}, memoryStore()), 'replays are remembered')
  t.notMatch(
    await boot(
      { NODE_APP_INSTANCE: '0' },
      redisStore({ client: { call: async () => null } })
    ),
    'replays are remembered'
  )
  t.equal(findSiblingReason({ isWorker: true }), 'this is a cluster worker')
  t.equal(findSiblingReason({ isMain: false }), 'this is a worker thread')
  t.equal(findSiblingReason({ env: { pm_id: '' } }), null)
  for (const name of ['NODE_APP_INSTANCE', 'pm_id', 'INSTANCE_ID']) {
    t.equal(findSiblingReason({ env: { [name]: '0' } }), `${name} is set`)
  }
})
