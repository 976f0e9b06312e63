import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Redis } from 'ioredis'
import { memoryReplayStore, redisReplayStore, type ReplayStore } from 'fastify-contact-center/kit'
import t, { type Test } from 'tap'
import { build, childEnv, fromSource, hearOutcomes } from '../helper.ts'
import { siblingProcesses } from '../../plugins/kit/route/siblings.ts'
import { hasCommand, listensOn, missing, privateRedis, redisClients } from '../real-parts.ts'
import { secret, toy, toyHeaders } from './toy.ts'

const noRedis = await missing('Redis on 127.0.0.1:6379', () => listensOn(6379))
const noRedisServer = await missing('redis-server', () => hasCommand('redis-server'))

function guarded (
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

t.test('the memory store answers as a plain list of claims would, whatever the order', async t => {
  let at = 1
  let seed = 7
  const below = (limit: number): number => {
    seed = (seed * 48271) % 2147483647
    return seed % limit
  }
  const capacity = 8
  const store = memoryReplayStore({ capacity, now: () => at })
  const model = new Map<string, number>()
  for (let step = 0; step < 5000; step++) {
    at += below(3)
    for (const [key, end] of model) if (end <= at) model.delete(key)
    const key = `key ${below(24)}`
    if (below(4) === 0) {
      await store.release(key)
      model.delete(key)
      continue
    }
    const expected = model.has(key) ? false : model.size < capacity ? true : 'full'
    const ttlMs = 1 + below(40)
    const outcome = await (async () => await store.claim(key, ttlMs))().catch(() => 'full')
    if (outcome !== expected) {
      t.fail(`step ${step}: ${String(outcome)} instead of ${String(expected)}`)
    }
    if (expected === true) model.set(key, at + ttlMs)
  }
  t.ok(store.size >= model.size && store.size <= capacity)
})

t.test('memory: a claim is given once, and again when it has ended', async t => {
  let at = 0
  const store = memoryReplayStore({ now: () => at })
  t.equal(store.claim('a', 100), true)
  t.equal(store.claim('a', 100), false)
  t.equal(store.claim('b', 100), true, 'another key')
  at = 99
  t.equal(store.claim('a', 100), false, 'the last millisecond')
  at = 100
  t.equal(store.claim('a', 100), true, 'its end')
  store.release('a')
  t.equal(store.claim('a', 100), true, 'released')
  store.release('never claimed')
  t.equal(store.size, 2)
})

t.test('memory: a shorter claim behind a longer one still ends in time', async t => {
  let at = 0
  const store = memoryReplayStore({ now: () => at })
  for (let i = 0; i < 2000; i++) store.claim(`long ${i}`, 1000)
  store.claim('short', 10)
  at = 11
  t.equal(store.claim('short', 10), true)
  t.equal(store.size, 2001)
})

t.test('memory: live claims are never forgotten; a full store says so, and recovers', async t => {
  let at = 0
  const store = memoryReplayStore({ capacity: 1000, now: () => at })
  for (let i = 0; i < 1000; i++) t.equal(store.claim(String(i), 5000), true)
  t.throws(() => store.claim('one more', 5000), /full: 1000/)
  t.throws(() => store.claim('and another', 5000), /full/)
  t.equal(store.claim('0', 5000), false, 'what was claimed stays claimed')
  at = 5000
  t.equal(store.claim('later', 5000), true, 'ended claims make room')
  for (let i = 0; i < 999; i++) t.equal(store.claim(`new ${i}`, 5000), true)
  t.equal(store.size, 1000)
  for (const capacity of [0, -1, 1.5, NaN, 2 ** 40]) {
    t.throws(() => memoryReplayStore({ capacity }), { name: 'RangeError', message: /67108864/ })
  }
})

async function claims (t: Test, store: () => ReplayStore, other: () => ReplayStore): Promise<void> {
  const key = randomUUID()
  t.equal(await store().claim(key, 60_000), true)
  t.equal(await other().claim(key, 60_000), false, 'seen by another client')
  await other().release(key)
  t.equal(await store().claim(key, 60_000), true, 'released')
  await store().release(key)
  const wins = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? store() : other()).claim(key, 60_000))
  )
  t.equal(wins.filter(Boolean).length, 1, 'of 100 concurrent claims exactly one wins')
  await store().release(key)
  const brief = randomUUID()
  t.equal(await store().claim(brief, 30), true)
  await new Promise(resolve => setTimeout(resolve, 60))
  t.equal(await store().claim(brief, 30), true, 'it ends by itself')
}

t.test('memory and Redis keep the same promises', { skip: noRedis }, async t => {
  const { io, node, prefix } = await redisClients(t)
  const memory = memoryReplayStore()
  await claims(t, () => memory, () => memory)
  const ioStore = redisReplayStore({ client: io, prefix })
  const nodeStore = redisReplayStore({ client: node, prefix })
  await claims(t, () => ioStore, () => nodeStore)
  const pttl = await (async () => {
    await ioStore.claim('x', 5000.5)
    return await io.pttl((await io.keys(`${prefix}*`))[0] ?? '')
  })()
  t.ok(pttl > 0 && pttl <= 5001, "the time to live is Redis's own")
})

t.test('a repeated request is refused, or passes marked', async t => {
  const refusing = await build(t, guarded({ replay: memoryReplayStore() }))
  const marking = await build(t, guarded({ replay: memoryReplayStore(), duplicates: 'mark' }))
  const headers = toyHeaders('{}')
  t.strictSame(await post(refusing, '{}', headers), [200, { duplicate: false }])
  t.match(await post(refusing, '{}', headers), [401, { toy: 'FST_CC_REPLAYED' }])
  t.strictSame(await post(marking, '{}', headers), [200, { duplicate: false }])
  t.strictSame(await post(marking, '{}', headers), [200, { duplicate: true }])
})

t.test('what ends in time leaves no timer behind', async t => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const store = redisReplayStore({ client: { call: async () => 'OK' }, timeoutMs: 60_000 })
  const before = timers()
  for (let i = 0; i < 100; i++) await store.claim(String(i), 1000)
  t.ok(timers() < before + 50)
})

t.test('claims in Redis have a name of their own, also by default', async t => {
  const sent: string[][] = []
  await redisReplayStore({
    client: {
      call: async (...args: string[]) => {
        sent.push(args)
        return 'OK'
      }
    }
  }).claim('x', 1000)
  t.match(sent[0]?.[1], /^fastify-contact-center:replay:[\w-]{43}$/)
})

t.test('of 100 concurrent duplicates exactly one wins', async t => {
  const app = await build(t, guarded({ replay: memoryReplayStore() }))
  const headers = toyHeaders('{}')
  const statuses =
    (await Promise.all(Array.from({ length: 100 }, async () => await post(app, '{}', headers))))
      .map(([status]) => status)
  t.equal(statuses.filter(status => status === 200).length, 1)
  t.equal(statuses.filter(status => status === 401).length, 99)
})

t.test('a forged or stale request never consumes a nonce', async t => {
  const store = memoryReplayStore()
  const app = await build(t, guarded({ replay: store }))
  const good = toyHeaders('{}')
  await post(app, '{}', toyHeaders('{}', Date.now(), secret + 'x'))
  await post(app, '{"a":1}', good)
  await post(app, '{}', toyHeaders('{}', 1))
  t.equal(store.size, 0)
  t.equal((await post(app, '{}', good))[0], 200)
  t.equal(store.size, 1)
})

t.test('claims live as long as the request could verify, to the millisecond', async t => {
  let at = 1_000_000
  const now = () => at
  const app = await build(
    t,
    guarded({ now, replay: memoryReplayStore({ now }), tolerance: { pastMs: 1000, futureMs: 500 } })
  )
  const headers = toyHeaders('{}', at + 500)
  t.equal((await post(app, '{}', headers))[0], 200, 'signed at the future edge')
  at += 1500
  t.match(
    await post(app, '{}', headers),
    [401, { toy: 'FST_CC_REPLAYED' }],
    'the last moment it would verify'
  )
  at += 1
  t.match(await post(app, '{}', headers), [401, { toy: 'FST_CC_TIMESTAMP_OUT_OF_WINDOW' }])
})

t.test('a request whose handler failed is not taken for a replay when it comes again', async t => {
  const store = memoryReplayStore()
  const app = await build(t, guarded({ replay: store }))
  for (
    const [body, status] of [['{"crash":true}', 500], ['{"status":503}', 503], [
      '{"status":409}',
      409
    ], ['{"status":400}', 400]] as const
  ) {
    const headers = toyHeaders(body)
    t.equal((await post(app, body, headers))[0], status)
    t.equal((await post(app, body, headers))[0], status, 'again, and not 401')
  }
  t.equal(store.size, 0)
})

t.test('regression: a claim is released where the hook is hidden, or the whole scope has it', async t => {
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
          toy(inner, { replay: memoryReplayStore(), as: 'toyThree' as 'toyTwo' })
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
    const store = memoryReplayStore()
    const replay: ReplayStore = {
      claim: (key, ttlMs) => store.claim(key, ttlMs),
      release: async key => {
        released++
        await store.release(key)
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
    t.equal(released, 1, 'once, though two accounts watch')
    fails = false
    t.equal(await send(headers), 200, 'the retry')
    t.equal(await send(headers), 401, 'and after that a replay')
  }
})

t.test('regression: a claim that Redis carries out too late is given back', async t => {
  const sent: string[][] = []
  let answer: (value: unknown) => void = () => {}
  const claims = new Set<string>()
  const call = async (command: string, ...args: string[]): Promise<unknown> => {
    sent.push([command, ...args])
    const name = args[0] ?? ''
    if (command === 'DEL') return claims.delete(name) ? 1 : 0
    await new Promise(resolve => {
      answer = resolve
    })
    if (claims.has(name)) return null
    claims.add(name)
    return 'OK'
  }
  const store = redisReplayStore({ client: { call }, timeoutMs: 10 })
  await t.rejects(async () => await store.claim('late', 1000), { message: /Redis did not answer/ })
  answer('now')
  await wait(5)
  t.strictSame(sent.map(([command]) => command), ['SET', 'DEL'])
  t.equal(claims.size, 0)
  const first = store.claim('again', 1000)
  answer('now')
  t.equal(await first, true)
  await t.rejects(async () => await store.claim('again', 1000))
  answer('now')
  await wait(5)
  t.equal(claims.size, 1, "somebody else's claim stays")
  t.strictSame(sent.map(([command]) => command), ['SET', 'DEL', 'SET', 'SET'])
})

t.test('two accounts with one key may send the same: each is a request of its own', async t => {
  const store = memoryReplayStore()
  const tenants = {
    tenant: (request: FastifyRequest) => String(request.headers['x-tenant']),
    keys: () => [{ id: 'one', secret }]
  }
  const app = await build(t, guarded({ replay: store, ...tenants }))
  const headers = toyHeaders('{}')
  const outcomes = []
  for (const account of ['seoul', 'busan', 'seoul']) {
    outcomes.push((await post(app, '{}', { ...headers, 'x-tenant': account }))[0])
  }
  t.strictSame(outcomes, [200, 200, 401])
})

t.test('a duplicate that fails does not release the claim of the first', async t => {
  const store = memoryReplayStore()
  const app = await build(t, guarded({ replay: store }))
  const headers = toyHeaders('{}')
  await post(app, '{}', headers)
  t.equal((await post(app, '{}', headers))[0], 401)
  t.equal((await post(app, '{}', headers))[0], 401)
})

t.test('a store that is full, down or slow lets nothing through', async t => {
  const failing = (error: Error): ReplayStore => ({
    claim: async () => {
      throw error
    },
    release: () => {}
  })
  const full = memoryReplayStore({ capacity: 1 })
  full.claim('somebody else', 60_000)
  const never = { call: async () => await new Promise(() => {}) }
  for (
    const [name, replay] of Object.entries({
      full,
      down: failing(new Error('ECONNREFUSED')),
      slow: redisReplayStore({ client: never, timeoutMs: 10 })
    })
  ) {
    const app = await build(t, guarded({ replay }))
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

t.test("a release that fails is logged, and the reply is the handler's", async t => {
  const lines: string[] = []
  const app = await build(t, app => {
    app.addHook('onRequest', async request => {
      request.log.error = (...args: unknown[]) => {
        lines.push(String(args[1]))
      }
    })
    guarded({
      replay: {
        claim: () => true,
        release: async () => {
          throw new Error('gone')
        }
      }
    })(app)
  })
  t.equal((await post(app, '{"status":500}', toyHeaders('{"status":500}')))[0], 500)
  t.match(lines.join(), 'could not be released')
})

t.test(
  'Redis stopped in mid-run: 503, then recovery without a restart',
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
      guarded({ replay: redisReplayStore({ client, timeoutMs: 300 }), tolerance: 60_000 })
    )
    const twin = await build(
      t,
      guarded({ replay: redisReplayStore({ client, timeoutMs: 300 }), tolerance: 60_000 })
    )
    const headers = toyHeaders('{}')
    t.equal((await post(app, '{}', headers))[0], 200)
    t.equal((await post(twin, '{}', headers))[0], 401, 'another app with this Redis knows it')
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

t.test('two processes that share Redis: a nonce taken by one is refused by the other', {
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
    guarded({ replay: redisReplayStore({ client, prefix }), tolerance: 60_000 })
  )
  const headers = toyHeaders('{}')
  t.equal((await post(app, '{}', headers))[0], 200)
  const script = `
    import Fastify from 'fastify'
    import { Redis } from 'ioredis'
    import { redisReplayStore } from 'fastify-contact-center/kit'
    import { toy } from './test/kit/toy.ts'
    const client = new Redis({ host: '127.0.0.1', port: 6379 })
    const app = Fastify()
    toy(app, { replay: redisReplayStore({ client, prefix: ${
    JSON.stringify(prefix)
  } }), tolerance: 60000 })
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
    const reply = await app.inject({ method: 'POST', url: '/signed', headers: ${
    JSON.stringify({ 'content-type': 'application/json', ...headers })
  }, payload: '{}' })
    console.log(reply.statusCode)
    client.disconnect()`
  const other = spawnSync(process.execPath, [...fromSource, '--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
    env: childEnv
  })
  t.equal(other.stdout.trim(), '401', other.stderr)
})

t.test('outcomes are published, with bounded labels', async t => {
  const outcomes = hearOutcomes(t)
  const started = performance.now()
  const app = await build(
    t,
    guarded({
      keys: () => [{ id: 'a', secret }],
      tenant: () => 'acme',
      replay: memoryReplayStore(),
      duplicates: 'mark'
    })
  )
  const broken = await build(
    t,
    guarded({
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
    'the time that it took'
  )
  const odd = await build(
    t,
    guarded({
      now: () => {
        throw Object.assign(new Error('clock'), { code: 'ECLOCK' })
      }
    })
  )
  await post(odd, '{}', headers)
  t.equal(outcomes.at(-1)?.code, 'ERROR', 'a fault of our own has one label')
  const odder = await build(
    t,
    guarded({
      now: () => {
        throw Object.assign(new Error('clock'), { code: 5, statusCode: 418 })
      }
    })
  )
  t.equal((await post(odder, '{}', headers))[0], 418, 'and stays the fault that it is')
  t.equal(outcomes.at(-1)?.code, 'ERROR')
})

t.test('a memory store where several processes are likely is warned about at boot', async t => {
  const boot = async (env: Record<string, string>, replay: ReplayStore | false) => {
    const lines: string[] = []
    for (const [name, value] of Object.entries(env)) process.env[name] = value
    try {
      await build(t, guarded({ replay }), {
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
  t.match(await boot({ NODE_APP_INSTANCE: '0' }, memoryReplayStore()), 'NODE_APP_INSTANCE is set')
  t.notMatch(await boot({}, memoryReplayStore()), 'replays are remembered')
  t.notMatch(
    await boot(
      { NODE_APP_INSTANCE: '0' },
      redisReplayStore({ client: { call: async () => null } })
    ),
    'replays are remembered'
  )
  t.equal(siblingProcesses({ isWorker: true }), 'this is a cluster worker')
  t.equal(siblingProcesses({ isMain: false }), 'this is a worker thread')
  t.equal(siblingProcesses({ env: { pm_id: '' } }), null)
  for (const name of ['NODE_APP_INSTANCE', 'pm_id', 'INSTANCE_ID']) {
    t.equal(siblingProcesses({ env: { [name]: '0' } }), `${name} is set`)
  }
})
