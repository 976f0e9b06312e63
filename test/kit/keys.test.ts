import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { assertProtected, type Key } from 'fastify-contact-center'
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
const found: Key[] = [{ id: 'a', secret }]

t.test('looked-up keys verify, and the result names the account and the key', async t => {
  const app = await build(t, app => {
    toy(app, { keys: () => found, tenant })
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
  const asked: string[] = []
  const known = new Map([['acme', found]])
  const post = await service(t, {
    now,
    keys: async request => {
      asked.push(tenant(request))
      return known.get(tenant(request)) ?? []
    },
    keyCache: { ttlMs: 1000, missTtlMs: 100, max: 2 }
  })
  t.strictSame(await post(), [200, 'a', undefined])
  at += 101
  await post()
  t.strictSame(asked, ['acme'], 'what was found is remembered for longer than what was not')
  at += 900
  await post()
  t.strictSame(asked, ['acme', 'acme'], 'asked again when the answer was old')
  t.strictSame(
    await post('new'),
    [401, 'FST_CC_SIGNATURE_INVALID', undefined],
    'an unknown account is a wrong signature'
  )
  known.set('new', found)
  t.equal((await post('new'))[0], 401, 'remembered as unknown')
  at += 101
  t.equal((await post('new'))[0], 200, 'but not for long')
  t.equal(asked.filter(name => name === 'new').length, 2)
  await post('third')
  await post('fourth')
  const before = asked.length
  await post('acme')
  t.equal(asked.length, before + 1, 'the bound holds: the account unused for longest was dropped')
})

t.test('runs one look-up per account at a time', async t => {
  let asked = 0
  const post = await service(t, {
    now,
    keys: async () => {
      asked++
      await wait(20)
      return found
    }
  })
  const replies = await Promise.all(Array.from({ length: 20 }, async () => await post()))
  t.ok(replies.every(([status]) => status === 200))
  t.equal(asked, 1)
  await Promise.all([post('b'), post('c')])
  t.equal(asked, 3)
})

t.test('regression: unknown names evict no account during its look-up', async t => {
  const post = await service(t, {
    now,
    keys: async () => {
      await wait(20)
      return found
    },
    keyCache: { max: 2 }
  })
  const statuses = await Promise.all(
    ['acme', 'made-up-1', 'made-up-2', 'made-up-3'].map(async name => (await post(name))[0])
  )
  t.strictSame(statuses, [200, 200, 200, 200])
})

t.test('caches nothing without tenant, which tells accounts apart', async t => {
  let asked = 0
  const app = await build(t, app => {
    toy(app, {
      keys: request => {
        asked++
        return request.headers['x-tenant'] === 'acme' ? found : []
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
  t.equal(asked, 3)
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
      return found
    }
  })
  t.equal((await post())[0], 503)
  down = false
  t.equal((await post())[0], 200, 'a failure is not remembered')
})

t.test('regression: a caller saw an error that tenant threw', async t => {
  const post = await service(t, {
    now,
    keys: () => found,
    tenant: () => {
      throw Object.assign(new Error('the inside'), { statusCode: 401 })
    }
  })
  t.strictSame(await post(), [503, 'FST_CC_KEYS_UNAVAILABLE', '5'])
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
      keys: request => request.headers['x-tenant'] === 'acme' ? found : [],
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
  t.equal(await post('acme'), await post('nobody'), 'the same words')
  t.equal(compared, 2, 'and the same work')
})

t.test('regression: unknown accounts skipped the check of keys, and could be told apart by the time', async t => {
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
      t.equal(checked, 1, `${account}, ${tenant === undefined ? 'asked' : 'remembered'}`)
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

t.test('rotation without an outage', async t => {
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

t.test('signing with looked-up keys needs the request', async t => {
  const { keys } = readCommonOptions({ keys: async () => found }, {
    vendor: 'toy',
    decorator: 'toy',
    published: []
  })
  await t.rejects(signingKey(keys, now()), TypeError)
  t.equal((await signingKey(keys, now(), {} as FastifyRequest)).id, 'a')
})

t.test('misconfiguration names the option', async t => {
  const policy = { vendor: 'toy', decorator: 'toy', published: [] }
  const refused: Record<string, [object, RegExp]> = {
    'an account without look-up': [{ keys: secret, tenant }, /"tenant" and "keyCache" need/],
    'a cache without look-up': [{ keys: secret, keyCache: {} }, /"tenant" and "keyCache" need/],
    'an account that is no function': [{ keys: () => [], tenant: 'acme' }, /"tenant"/],
    'an unknown cache setting': [
      { keys: () => [], keyCache: { size: 1 } },
      /"keyCache" must be one of/
    ],
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
  for (const [name, [options, message]] of Object.entries(refused)) {
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
    'regression: an error of another kind'
  )
  await t.rejects(build(t, app => toy(app, {}, { ...toyScheme, verify: () => false })), {
    code: 'FST_CC_OPTION_INVALID',
    message: /key "default" does not verify/
  })
})

t.test('assertProtected: a route without a hook stops the app', async t => {
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
