import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { assertProtected, type Key, memoryStore } from 'fastify-contact-center'
import { InputError } from 'fastify-contact-center/kit'
import { keyRing, signingKey } from '../../plugins/kit/keys/key-ring.ts'
import { readCommonOptions } from '../../plugins/kit/route/options.ts'
import t, { type Test } from 'tap'
import { build } from '../helper.ts'
import { secret, toy, toyHeaders, toyScheme } from './toy.ts'

type Options = NonNullable<Parameters<typeof toy>[1]>

const tenant = (request: FastifyRequest): string => String(request.headers['x-tenant'])

async function service (t: Test, options: Options) {
  const app = await build(t, app => {
    toy(app, { tenant, ...options })
    app.post('/signed', { preValidation: app.toy.verify }, async request => request.verification)
  })
  return async (account = 'acme', key = secret) => {
    const reply = await app.inject({
      method: 'POST',
      url: '/signed',
      headers: { 'x-tenant': account, ...toyHeaders('', now(), key) }
    })
    return [reply.statusCode, reply.json().toy ?? reply.json().keyId, reply.headers['retry-after']]
  }
}

let at = 1_660_095_000_000
const now = (): number => at
const foundKeys: Key[] = [{ id: 'a', secret }]

t.test('looked-up keys verify, and the result names the account and the key', async t => {
  const app = await build(t, app => {
    toy(app, { keys: () => foundKeys, tenant })
    app.post('/signed', { preValidation: app.toy.verify }, async request => request.verification)
  })
  const reply = await app.inject({
    method: 'POST',
    url: '/signed',
    headers: { 'x-tenant': 'acme', ...toyHeaders('') }
  })
  t.match(reply.json(), { keyId: 'a', tenant: 'acme' })
})

t.test('caches look-ups, and misses for a shorter time', async t => {
  const lookups: string[] = []
  const accounts = new Map([['acme', foundKeys]])
  const post = await service(t, {
    now,
    keys: async request => {
      lookups.push(tenant(request))
      return accounts.get(tenant(request)) ?? []
    },
    keyCache: { ttlMs: 1000, missTtlMs: 100, max: 2 }
  })
  t.strictSame(await post(), [200, 'a', undefined])
  at += 101
  await post()
  t.strictSame(lookups, ['acme'], 'found keys are cached longer than misses')
  at += 900
  await post()
  t.strictSame(lookups, ['acme', 'acme'], 'expired entries are looked up again')
  t.strictSame(
    await post('new'),
    [401, 'FST_CC_SIGNATURE_INVALID', undefined],
    'an unknown account looks like a wrong signature'
  )
  accounts.set('new', foundKeys)
  t.equal((await post('new'))[0], 401, 'the miss is cached')
  at += 101
  t.equal((await post('new'))[0], 200, 'the miss expires')
  t.equal(lookups.filter(name => name === 'new').length, 2)
  await post('third')
  await post('fourth')
  const before = lookups.length
  await post('acme')
  t.equal(lookups.length, before + 1, 'the least recently used account is evicted')
})

t.test('runs one look-up per account at a time', async t => {
  let lookups = 0
  const post = await service(t, {
    now,
    keys: async () => {
      lookups++
      await wait(20)
      return foundKeys
    }
  })
  const replies = await Promise.all(Array.from({ length: 20 }, async () => await post()))
  t.ok(replies.every(([status]) => status === 200))
  t.equal(lookups, 1)
  await Promise.all([post('b'), post('c')])
  t.equal(lookups, 3)
})

t.test('regression: unknown accounts evicted an account during its look-up', async t => {
  const post = await service(t, {
    now,
    keys: async () => {
      await wait(20)
      return foundKeys
    },
    keyCache: { max: 2 }
  })
  const statuses = await Promise.all(
    ['acme', 'made-up-1', 'made-up-2', 'made-up-3'].map(async name => (await post(name))[0])
  )
  t.strictSame(statuses, [200, 200, 200, 200])
})

t.test('caches nothing without tenant', async t => {
  let lookups = 0
  const app = await build(t, app => {
    toy(app, {
      keys: request => {
        lookups++
        return request.headers['x-tenant'] === 'acme' ? foundKeys : []
      }
    })
    app.post('/signed', { preValidation: app.toy.verify }, async request => request.verification)
  })
  const post = async (account: string) =>
    (await app.inject({
      method: 'POST',
      url: '/signed',
      headers: { 'x-tenant': account, ...toyHeaders('') }
    })).statusCode
  t.strictSame([await post('acme'), await post('other'), await post('acme')], [200, 401, 200])
  t.equal(lookups, 3)
})

t.test('a failing look-up is a 503 with Retry-After, never a 401', async t => {
  const resolvers: Record<string, Options['keys']> = {
    throws: () => {
      throw new Error('down')
    },
    rejects: async () => {
      throw new Error('down')
    },
    hangs: async () => await new Promise<Key[]>(() => {}),
    'answers nothing': () => undefined as unknown as Key[],
    'answers a text': () => secret as never,
    'answers a blank secret': () => [{ id: 'a', secret: ' ' }],
    'answers a short secret': () => [{ id: 'a', secret: 'short' }],
    'answers an expired key': () => [{ id: 'a', secret, notAfter: at - 1 }]
  }
  for (const [name, keys] of Object.entries(resolvers)) {
    const post = await service(t, { now, keys: keys as never, keyCache: { timeoutMs: 30 } })
    t.strictSame(await post(), [503, 'FST_CC_KEYS_UNAVAILABLE', '5'], name)
  }
  let down = true
  const post = await service(t, {
    now,
    keys: () => {
      if (down) throw new Error('down')
      return foundKeys
    }
  })
  t.equal((await post())[0], 503)
  down = false
  t.equal((await post())[0], 200, 'a failure is not cached')
})

t.test('regression: a caller saw an error that tenant threw', async t => {
  const post = await service(t, {
    now,
    keys: () => foundKeys,
    tenant: () => {
      throw Object.assign(new Error('the inside'), { statusCode: 401 })
    }
  })
  t.strictSame(await post(), [503, 'FST_CC_KEYS_UNAVAILABLE', '5'])
})

t.test('an account that is not text accepts nothing', async t => {
  // As in JavaScript, where `tenant` may be asynchronous: all accounts would share one entry.
  for (const account of [Promise.resolve('acme'), undefined, null, 7]) {
    const post = await service(t, { now, keys: () => foundKeys, tenant: () => account as never })
    t.match(await post(), [503, 'FST_CC_KEYS_UNAVAILABLE'], String(account))
  }
})

t.test('compares an unknown account like a wrong key', async t => {
  let compared = 0
  const counting = {
    ...toyScheme,
    verify: (...args: Parameters<typeof toyScheme.verify>) => {
      compared++
      return toyScheme.verify(...args)
    }
  }
  const app = await build(t, app => {
    toy(app, {
      keys: request => request.headers['x-tenant'] === 'acme' ? foundKeys : [],
      tenant,
      minimumSecretLength: 20
    }, counting)
    app.post('/signed', { preValidation: app.toy.verify }, async request => request.verification)
  })
  const post = async (account: string) =>
    (await app.inject({
      method: 'POST',
      url: '/signed',
      headers: { 'x-tenant': account, ...toyHeaders('', Date.now(), 'a-wrong-key-of-length') }
    })).body
  t.equal(await post('acme'), await post('nobody'), 'the replies are equal')
  t.equal(compared, 2, 'the work is equal')
})

t.test('regression: unknown accounts skipped the key check, and so had another timing', async t => {
  const request = {} as FastifyRequest
  for (const tenant of [undefined, () => 'acme']) {
    for (
      const [account, answer] of Object.entries({
        a: [{ id: 'a', secret: 'a-key-of-at-least-16'.repeat(3) }],
        unknown: []
      })
    ) {
      let checked = 0
      const published = Object.assign([], {
        includes: () => {
          checked++
          return false
        }
      })
      const { keys } = readCommonOptions({
        keys: () => answer,
        now,
        minimumSecretLength: 60,
        ...tenant && { tenant }
      }, { vendor: 'toy', decorator: 'toy', published })
      checked = 0
      t.equal((await signingKey(keys, at, request)).id, account)
      t.equal(checked, 1, `${account}, ${tenant === undefined ? 'looked up' : 'cached'}`)
    }
  }
})

t.test('a key with a later start is not valid yet, alone or among others', async t => {
  const later = { id: 'later', secret, notBefore: at + 1000 }
  for (
    const keys of [later, [later], [later, {
      id: 'ended',
      secret: 'the-key-of-last-month',
      notAfter: at - 1
    }]]
  ) {
    const { keys: ring } = readCommonOptions({ keys, now }, {
      vendor: 'toy',
      decorator: 'toy',
      published: []
    })
    await t.rejects(signingKey(ring, at), { code: 'FST_CC_KEYS_UNAVAILABLE' })
    t.equal((await signingKey(ring, at + 1000)).id, 'later')
  }
})

t.test('refuses placeholders even if short secrets are allowed', t => {
  const policy = { vendor: 'toy', minimumLength: 1, published: [] }
  for (
    const word of [
      'changeme',
      'change-me',
      'secret',
      'password',
      'example',
      'placeholder',
      'todo',
      'test',
      'key',
      'mysecret',
      'mysecretkey',
      'yoursecret',
      'yoursecretkey',
      'your-secret-key',
      'undefined',
      'null'
    ]
  ) {
    for (const text of [word, ` ${word.toUpperCase()} `]) {
      t.throws(() => keyRing(text, policy), {
        code: 'FST_CC_OPTION_INVALID',
        message: /is a placeholder/
      }, text)
    }
  }
  t.end()
})

t.test('regression: long placeholders were accepted as secrets', t => {
  const policy = { vendor: 'toy', minimumLength: 16, published: [] }
  for (
    const secret of [
      'your-secret-key-here',
      'YOUR_CONTIPLE_KEY_GOES_HERE',
      'put-the-secret-here',
      'changeme-please-1234',
      'change-me-before-production',
      'change_this_in_production',
      'REPLACE_ME_WITH_A_KEY',
      'replace-with-your-secret',
      'INSERT_SECRET_KEY_OF_THE_ORGANISATION',
      'enter your secret key',
      'TODO: ask for the secret',
      'placeholder-of-the-key',
      '<secret key of the tenant>',
      // eslint-disable-next-line no-template-curly-in-string
      '${CONTIPLE_SECRET_KEY}',
      '{{ contiple.secret.key }}',
      '%CONTIPLE_SECRET_KEY%',
      '[secret key of the tenant]',
      'xxxxxxxxxxxxxxxxxxxx',
      'xxxx-xxxx-xxxx-xxxx',
      '00000000-0000-0000-0000-000000000000',
      '********************',
      'my-super-secret-key-1234'
    ]
  ) {
    t.throws(() => keyRing({ id: 'a', secret }, policy), {
      code: 'FST_CC_OPTION_INVALID',
      message: /the secret of key "a" is a placeholder$/
    }, secret)
  }
  for (
    const secret of [
      'Hereford-6c2b9d0e1f',
      'changes-of-tide-88fa1c',
      'keyed-by-4f1d2c3b4a59',
      'secretary-7d1e0b9c44',
      'yourself-7d1e0b9c4411',
      'test-7d1e0b9c44aa21f3',
      '1111111111111111111f',
      '<b0c1d2e3f4a5968778'
    ]
  ) t.ok(keyRing({ id: 'a', secret }, policy), secret)
  t.end()
})

t.test('keys rotate without an outage', async t => {
  const next = { id: 'next', secret: 'the-key-of-next-month', notBefore: at + 1000 }
  const current = { id: 'current', secret, notAfter: at + 2000 }
  const post = await service(t, { now, keys: [current, next], tenant: undefined } as never)
  const ring = readCommonOptions({ keys: [current, next], now }, {
    vendor: 'toy',
    decorator: 'toy',
    published: []
  }).keys
  t.equal((await post('x', next.secret))[0], 401, 'before it is valid')
  t.equal((await signingKey(ring, at)).id, 'current')
  at += 1000
  t.strictSame(await post('x', next.secret), [200, 'next', undefined])
  t.strictSame(await post('x', secret), [200, 'current', undefined], 'both verify')
  t.equal((await signingKey(ring, at)).id, 'next', 'the newest signs')
  at += 1001
  t.equal((await post('x', secret))[0], 401, 'after its end')
})

t.test('signing with looked-up keys requires the request', async t => {
  const { keys } = readCommonOptions({ keys: async () => foundKeys }, {
    vendor: 'toy',
    decorator: 'toy',
    published: []
  })
  await t.rejects(signingKey(keys, now()), TypeError)
  t.equal((await signingKey(keys, now(), {} as FastifyRequest)).id, 'a')
})

t.test('misconfiguration stops the registration and names the option', async t => {
  const policy = { vendor: 'toy', decorator: 'toy', published: [] }
  const invalid: Record<string, [object, RegExp]> = {
    'an account without look-up': [{ keys: secret, tenant }, /"tenant" and "keyCache" need/],
    'a cache without look-up': [{ keys: secret, keyCache: {} }, /"tenant" and "keyCache" need/],
    'an account that is no function': [{ keys: () => [], tenant: 'acme' }, /"tenant"/],
    'an unknown cache setting': [
      { keys: () => [], keyCache: { size: 1 } },
      /"keyCache" must be one of/
    ],
    'a look-up that would time out at once': [
      { keys: () => [], keyCache: { timeoutMs: 2 ** 31 } },
      /"keyCache.timeoutMs" must be a positive integer up to 2147483647/
    ],
    'a lease that would be renewed each millisecond': [
      { keys: secret, replay: memoryStore(), leaseMs: 2 ** 31 },
      /"leaseMs" must be a positive integer up to 2147483647/
    ],
    'duplicates refused without a store': [
      { keys: secret, duplicates: 'refuse' },
      /"duplicates" has no effect without a store in "replay"/
    ],
    'a lease without a store': [{ keys: secret, replay: false, leaseMs: 1000 }, /"leaseMs" has no/],
    'a memory without a store': [{ keys: secret, rememberMs: 1000 }, /"rememberMs" has no effect/],
    'an impossible cache setting': [{ keys: () => [], keyCache: { max: 0 } }, /"keyCache.max"/],
    'a store that is none': [{ keys: secret, replay: {} }, /"replay"/],
    'half a store': [{ keys: secret, replay: { claim: () => true } }, /"replay"/],
    'the other half': [{ keys: secret, replay: { release: () => true } }, /"replay"/],
    'a name that is no text': [{ keys: secret, as: 7 }, /"as"/],
    'a store that is true': [{ keys: secret, replay: true }, /"replay"/],
    'duplicates of another kind': [
      { keys: secret, duplicates: 'ignore' },
      /"duplicates" must be one of/
    ],
    'a memory of no time': [{ keys: secret, rememberMs: 0 }, /"rememberMs"/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    t.throws(() => readCommonOptions(options as never, policy), {
      code: 'FST_CC_OPTION_INVALID',
      message
    }, name)
  }
  const byDefault = readCommonOptions({ keys: secret }, { ...policy, replay: 'on' })
  t.match(byDefault.replay, {
    ttlMs: 86_400_000,
    duplicates: 'refuse',
    store: { perProcess: true }
  })
  t.doesNotThrow(
    () =>
      readCommonOptions(
        { keys: secret, prefix: '/a', logLevel: 'warn', logSerializers: {} } as never,
        policy
      ),
    'what app.register takes itself'
  )
  t.equal(
    readCommonOptions({ keys: secret, replay: false }, { ...policy, replay: 'on' }).replay,
    undefined
  )
})

t.test('registration fails for a key that does not verify its own signature', async t => {
  const unable = {
    ...toyScheme,
    sign () {
      throw new InputError('the key is cut off')
    }
  }
  await t.rejects(
    build(t, app => {
      toy(app, {}, unable)
    }),
    { code: 'FST_CC_OPTION_INVALID', message: /key "default" cannot sign: the key is cut off/ },
    'regression: the error had no code'
  )
  await t.rejects(build(t, app => toy(app, {}, { ...toyScheme, verify: () => false })), {
    code: 'FST_CC_OPTION_INVALID',
    message: /key "default" does not verify/
  })
})

t.test('assertProtected: a route without verify stops the boot', async t => {
  const open = async (app: FastifyInstance): Promise<void> => {
    assertProtected(app, { except: ['/health', 'GET /docs'] })
    toy(app)
    app.get('/health', async () => 'ok')
    app.get('/docs', { exposeHeadRoute: false }, async () => 'ok')
    app.post('/signed', { preValidation: [app.toy.verify] }, async () => 'ok')
    app.post('/hidden', { config: { contactCenter: { capture: true } } }, async () => 'ok')
  }
  await t.resolves(build(t, open))
  await t.rejects(
    build(t, async app => {
      await open(app)
      app.route({ method: ['PUT', 'PATCH'], url: '/forgotten', handler: async () => 'ok' })
      app.post('/docs', async () => 'ok')
      app.post('/hooked', { preHandler: async () => {}, config: {} }, async () => 'ok')
    }),
    {
      code: 'FST_CC_OPTION_INVALID',
      message: /no verify hook on PUT \/forgotten, PATCH \/forgotten, POST \/docs, POST \/hooked/
    }
  )
})
