import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { memoryStore, type RedisClient, redisStore } from 'fastify-contact-center'

import { createClient, createClientPool, createCluster } from 'redis'
import t from 'tap'
import { hasCommand, listensOn, missing, redisClients, redisCluster } from '../real-parts.ts'
import { keepsPromises } from './store-promises.ts'

const noRedis = await missing('Redis on 127.0.0.1:6379', () => listensOn(6379))
const noRedisServer = await missing('redis-server', () => hasCommand('redis-server'))

/** A client that sends nothing and always has the same reply. */
const clientThatAnswers = (answer: unknown): RedisClient => ({ call: async () => answer })

t.test('memory: behaves like a simple model in 20,000 random steps', t => {
  let at = 1
  let seed = 7
  const randomBelow = (limit: number): number => {
    seed = (seed * 48271) % 2147483647
    return seed % limit
  }
  const capacity = 8
  const store = memoryStore({ capacity, now: () => at })
  const model = new Map<string, { value: string, end: number }>()
  const putOrMessage = (key: string, ttlMs: number): string | null => {
    try {
      return store.putIfAbsent(key, `value ${at}`, ttlMs)
    } catch (error) {
      return (error as Error).message
    }
  }
  for (let step = 0; step < 20_000; step++) {
    at += randomBelow(3)
    for (const [key, { end }] of model) if (end <= at) model.delete(key)
    const key = `key ${randomBelow(24)}`
    const live = model.get(key)?.value ?? null
    const ttlMs = 1 + randomBelow(40)
    const entry = { value: `value ${at}`, end: at + ttlMs }
    let answer: unknown
    let expected: unknown
    switch (randomBelow(8)) {
      case 0:
        answer = store.delete(key)
        model.delete(key)
        break
      case 1:
        answer = store.delete(key, randomBelow(2) === 0 ? 'another' : live ?? '')
        expected = undefined
        if (store.get(key) === null) model.delete(key)
        break
      case 2:
        answer = store.get(key)
        expected = live
        break
      case 3:
        answer = store.replace(key, live ?? 'nothing', entry.value, ttlMs)
        expected = live !== null
        if (live !== null) model.set(key, entry)
        break
      case 4:
        answer = store.replace(key, 'another', entry.value, ttlMs)
        expected = false
        break
      default:
        answer = putOrMessage(key, ttlMs)
        expected = live ?? (model.size < capacity ? null : `the store is full: 8 entries are live`)
        if (expected === null) model.set(key, entry)
    }
    if (answer !== expected) t.fail(`step ${step}: ${String(answer)}, not ${String(expected)}`)
  }
  t.ok(store.size >= model.size)
  t.ok(store.size <= capacity)
  t.end()
})

t.test('memory: puts an entry once, and again after it expires', t => {
  let at = 0
  const store = memoryStore({ now: () => at })
  t.equal(store.putIfAbsent('a', 'one', 100), null)
  t.equal(store.putIfAbsent('a', 'two', 100), 'one')
  t.equal(store.putIfAbsent('b', 'three', 100), null, 'another key')
  at = 99
  t.equal(store.putIfAbsent('a', 'two', 100), 'one', 'the last millisecond')
  t.equal(store.get('a'), 'one')
  at = 100
  t.equal(store.get('a'), null)
  t.equal(store.replace('a', 'one', 'two', 100), false)
  t.equal(store.putIfAbsent('a', 'two', 100), null, 'the first millisecond after')
  store.delete('a', 'one')
  t.equal(store.get('a'), 'two', 'delete with another value changes nothing')
  t.equal(store.replace('a', 'one', 'three', 100), false)
  t.equal(store.replace('a', 'two', 'three', 50), true)
  at = 150
  t.equal(store.get('a'), null, 'replace sets a new lifetime')
  store.delete('a')
  t.equal(store.putIfAbsent('a', 'four', 100), null)
  store.delete('a', 'four')
  t.equal(store.putIfAbsent('a', 'five', 100), null, 'after delete')
  store.delete('never put')
  t.equal(store.size, 2)
  t.equal(store.perProcess, true)
  t.end()
})

t.test('memory: a short entry behind long ones expires in time', t => {
  let at = 0
  const store = memoryStore({ now: () => at })
  for (let i = 0; i < 2000; i++) store.putIfAbsent(`long ${i}`, '', 1000)
  store.putIfAbsent('short', '', 10)
  at = 11
  t.equal(store.putIfAbsent('short', '', 10), null)
  t.equal(store.size, 2001)
  t.end()
})

t.test('memory: a full store refuses new entries, keeps live ones and recovers', t => {
  let at = 0
  const store = memoryStore({ capacity: 1000, now: () => at })
  for (let i = 0; i < 1000; i++) t.equal(store.putIfAbsent(String(i), `of ${i}`, 5000), null)
  t.throws(() => store.putIfAbsent('one more', '', 5000), /full: 1000/)
  t.throws(() => store.putIfAbsent('and another', '', 5000), /full/)
  t.equal(store.get('one more'), null)
  t.equal(store.putIfAbsent('0', '', 5000), 'of 0', 'live entries stay')
  at = 5000
  t.equal(store.putIfAbsent('later', '', 5000), null, 'expired entries make room')
  for (let i = 0; i < 999; i++) t.equal(store.putIfAbsent(`new ${i}`, '', 5000), null)
  t.equal(store.size, 1000)
  for (const capacity of [0, -1, 1.5, NaN, 2 ** 40]) {
    t.throws(() => memoryStore({ capacity }), { name: 'RangeError', message: /67108864/ })
  }
  t.end()
})

t.test('memory: any expired entry makes room, in any order', t => {
  let at = 0
  const store = memoryStore({ capacity: 3, now: () => at })
  const live = (...keys: string[]) => keys.filter(key => store.get(key) !== null)
  store.putIfAbsent('long', '', 1000)
  store.putIfAbsent('short', '', 50)
  store.putIfAbsent('longer', '', 2000)
  at += 49
  t.throws(() => store.putIfAbsent('more', '', 1000), /full/)
  at++
  store.putIfAbsent('more', '', 500)
  t.strictSame(live('long', 'short', 'longer', 'more'), ['long', 'longer', 'more'])
  at += 500
  store.putIfAbsent('last', '', 1000)
  t.strictSame(live('long', 'longer', 'more', 'last'), ['long', 'longer', 'last'])
  t.end()
})

t.test('regression: after the first expiry, each put scanned all entries', t => {
  let at = 0
  const store = memoryStore({ capacity: 200_000, now: () => at })
  for (let i = 0; i < 100_000; i++) {
    at++
    store.putIfAbsent(`token ${i}`, 'u1', 100_000)
  }
  const before = process.cpuUsage()
  for (let i = 0; i < 20_000; i++) {
    at++
    store.putIfAbsent(`later ${i}`, 'u1', 100_000)
  }
  t.ok(process.cpuUsage(before).user < 3_000_000)
  t.strictSame(
    ['token 0', 'token 19999', 'token 20000', 'later 0'].map(key => store.get(key)),
    [null, null, 'u1', 'u1']
  )
  t.end()
})

t.test('memory: reads the clock at each call', t => {
  const real = Date.now
  t.teardown(() => {
    Date.now = real
  })
  const store = memoryStore()
  store.putIfAbsent('a', 'one', 1000)
  Date.now = () => real() + 5000
  t.equal(store.get('a'), null)
  t.end()
})

t.test('memory and Redis keep the promises of every store', { skip: noRedis }, async t => {
  const { io, node, prefix } = await redisClients(t)
  const memory = memoryStore()
  await keepsPromises(t, memory, memory)
  const ioStore = redisStore({ client: io, prefix })
  // One client: a busy pool opens more, and `destroy` forgets those that are still connecting.
  const pool = createClientPool({ url: 'redis://127.0.0.1:6379' }, { minimum: 1, maximum: 1 })
  await pool.connect()
  t.after(() => pool.destroy())
  await keepsPromises(t, ioStore, redisStore({ client: node, prefix }))
  await keepsPromises(t, ioStore, redisStore({ client: pool, prefix }))
  await ioStore.putIfAbsent('x', 'y', 60_000.5)
  const [name = ''] = await io.keys(`${prefix}*`)
  const pttl = await io.pttl(name)
  t.ok(pttl > 0 && pttl <= 60_001, "the time to live is Redis's own")
  t.match(name.slice(prefix.length), /^[\w-]{43}$/, 'the key is a digest')
  await ioStore.replace('x', 'y', 'z', 30_000.5)
  t.ok(await io.pttl(name) <= 30_001)
})

t.test('regression F10: with a Redis cluster, each request got 503', {
  skip: noRedisServer
}, async t => {
  const { port } = await redisCluster(t)
  const io = new Redis.Cluster([{ host: '127.0.0.1', port }])
  const node = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
  await node.connect()
  t.after(() => {
    io.disconnect()
    node.destroy()
  })
  const prefix = 'shared:'
  const ioStore = redisStore({ client: io, prefix })
  const nodeStore = redisStore({ client: node, prefix })
  await keepsPromises(t, ioStore, nodeStore)
  await keepsPromises(t, nodeStore, ioStore)
  for (let i = 0; i < 50; i++) {
    t.equal(await nodeStore.putIfAbsent(`key ${i}`, `value ${i}`, 60_000), null)
    t.equal(await ioStore.get(`key ${i}`), `value ${i}`, 'on either server')
  }
})

t.test('regression F10: any object was accepted as a client', t => {
  const notOpened = createClient().connect.bind(undefined)
  const strangers: Record<string, unknown> = {
    nothing: undefined,
    null: null,
    'a URL': 'redis://127.0.0.1:6379',
    'an empty object': {},
    'the options of a client': { host: '127.0.0.1', port: 6379 },
    'a promise of one': Promise.resolve(),
    'a class in place of an object': Redis,
    'a function': notOpened,
    'a property of the same name': { call: 'SET', sendCommand: true }
  }
  for (const [name, client] of Object.entries(strangers)) {
    t.throws(() => redisStore({ client: client as RedisClient }), {
      code: 'FST_CC_OPTION_INVALID',
      message: /^redisStore: option "client" must be a connected client of ioredis or node-redis/
    }, name)
  }
  for (const timeoutMs of [0, -1, 1.5, NaN, Infinity, 2 ** 31, '1000']) {
    t.throws(
      () => redisStore({ client: clientThatAnswers('OK'), timeoutMs: timeoutMs as number }),
      {
        code: 'FST_CC_OPTION_INVALID',
        message: /"timeoutMs" must be a positive integer/
      },
      String(timeoutMs)
    )
  }
  t.throws(() => redisStore({ client: clientThatAnswers('OK'), prefix: 5 as never }), {
    code: 'FST_CC_OPTION_INVALID',
    message: /"prefix"/
  })
  t.end()
})

t.test('each kind of client gets commands in its own form', async t => {
  const sent: unknown[][] = []
  const sendCommand = async (...args: unknown[]) => {
    sent.push(args)
    return 'OK'
  }
  const name = `p:${'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'}`
  const command = ['SET', name, 'v', 'NX', 'PX', '5']
  const clients: Record<string, [client: RedisClient, sent: unknown[]]> = {
    'a server': [{ sendCommand }, [command]],
    'ioredis, which has a sendCommand of another kind': [
      { call: sendCommand, sendCommand } as RedisClient,
      command
    ],
    'a cluster': [{ sendCommand, getSlotMaster: () => {} } as RedisClient, [name, false, command]],
    Sentinel: [{ sendCommand, getMasterNode: () => {} } as RedisClient, [false, command]]
  }
  for (const [kind, [client, expected]] of Object.entries(clients)) {
    sent.length = 0
    await redisStore({ client, prefix: 'p:' }).putIfAbsent('abc', 'v', 5)
    t.strictSame(sent, [expected], kind)
  }
  sent.length = 0
  await redisStore({ client: { call: sendCommand } }).putIfAbsent('x', 'v', 1000)
  t.match(sent[0]?.[1], /^fastify-contact-center:[\w-]{43}$/, 'the default prefix')
  t.equal(
    await redisStore({ client: clientThatAnswers(Buffer.from('u1')) }).get('a'),
    'u1',
    'a client that returns bytes'
  )
})

t.test('refuses an object that does not answer like a client', async t => {
  const pipeline = { call: () => pipeline } as unknown as RedisClient
  for (const client of [pipeline, clientThatAnswers(undefined), clientThatAnswers('QUEUED')]) {
    await t.rejects(async () => await redisStore({ client }).putIfAbsent('a', 'v', 1000), {
      message: /is "client" a client/
    })
  }
})

t.test('a call within its timeout leaves no timer', async t => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const store = redisStore({ client: clientThatAnswers('OK'), timeoutMs: 60_000 })
  const before = timers()
  for (let i = 0; i < 100; i++) await store.putIfAbsent(String(i), 'v', 1000)
  t.ok(timers() < before + 50)
})

t.test('every function rejects if Redis refuses or does not answer', async t => {
  const clients: Record<string, RedisClient> = {
    slow: { call: async () => await new Promise(() => {}) },
    down: {
      sendCommand: async () => {
        throw new Error('Redis did not answer: ECONNREFUSED')
      }
    }
  }
  for (const [name, client] of Object.entries(clients)) {
    const store = redisStore({ client, timeoutMs: 10 })
    const message = /Redis did not answer/
    await t.rejects(async () => await store.putIfAbsent('a', 'v', 1000), { message }, name)
    await t.rejects(async () => await store.get('a'), { message }, name)
    await t.rejects(async () => await store.replace('a', 'v', 'w', 1000), { message }, name)
    await t.rejects(async () => await store.delete('a'), { message }, name)
    await t.rejects(async () => await store.delete('a', 'v'), { message }, name)
  }
})

t.test('regression: a put that timed out left its entry in Redis', async t => {
  const sent: string[][] = []
  let answer: (value: unknown) => void = () => {}
  const entries = new Map<string, string>()
  const call = async (...command: string[]): Promise<unknown> => {
    sent.push(command)
    if (command[0] === 'EVAL') {
      const [, script = '', , name = '', value = ''] = command
      const live = entries.get(name)
      if (!script.includes('DEL')) return live
      return live === value && entries.delete(name) ? 1 : 0
    }
    const [, name = '', value = ''] = command
    await new Promise(resolve => {
      answer = resolve
    })
    if (entries.has(name)) return null
    entries.set(name, value)
    return 'OK'
  }
  const commands = () => sent.map(([name, script = '']) => script.includes('DEL') ? 'DEL' : name)
  const store = redisStore({ client: { call }, timeoutMs: 10 })
  await t.rejects(async () => await store.putIfAbsent('late', 'mine', 1000), {
    message: /Redis did not answer/
  })
  answer('now')
  await wait(5)
  t.strictSame(commands(), ['SET', 'DEL'])
  t.equal(entries.size, 0)
  const first = store.putIfAbsent('again', 'mine', 1000)
  answer('now')
  t.equal(await first, null)
  await t.rejects(async () => await store.putIfAbsent('again', 'another', 1000))
  answer('now')
  await wait(5)
  t.strictSame([...entries.values()], ['mine'], "another owner's entry stays")
  t.strictSame(commands(), ['SET', 'DEL', 'SET', 'SET', 'EVAL'])
})
