import Fastify, { type FastifyRequest } from 'fastify'
import { type Body, defineVendor, hmacScheme, singleHeader } from 'fastify-contact-center/kit'
import { memoryStore, SignatureInvalid } from 'fastify-contact-center'
import { schemeContract } from 'fastify-contact-center/contract'
import t, { type Test } from 'tap'
import { build } from '../helper.ts'

// Cases of custom vendors that no built-in vendor covers.

const secret = 'a-key-of-at-least-16'
const scheme = hmacScheme<{ text: string }>({
  name: 'zeta',
  algorithm: 'sha256',
  encoding: 'hex',
  parts: ({ text }) => [text],
  limits: []
})
const { sign: _sign, ...verifier } = scheme

function read (request: FastifyRequest) {
  const text = singleHeader(request, 'X-Text')
  return {
    input: { text },
    signature: singleHeader(request, 'X-Mac'),
    once: null,
    covered: ['text']
  }
}

t.test('a scheme that cannot sign throws', async t => {
  const zeta = defineVendor({
    name: 'zeta',
    options: {},
    replay: 'never',
    scheme: () => verifier,
    readsBody: false,
    read,
    schemas: {},
    functions: ({ sign }) => ({ sign })
  })
  const app = Fastify()
  await app.register(zeta, { keys: secret })
  const { zeta: decorator } = app as unknown as {
    zeta: { sign(input: { text: string }): Promise<string> }
  }
  await t.rejects(decorator.sign({ text: 'a' }), {
    name: 'TypeError',
    message: 'only zeta itself can sign'
  })
})

t.test('the suite requires `sign` for schemes that cannot sign', async t => {
  const cases = schemeContract({
    createScheme: () => verifier,
    vectors: [],
    input: { text: 'a' },
    changed: [{ text: 'b' }],
    illFormed: [{ text: '\ud800' }]
  })
  const failures: unknown[] = []
  for (const { run } of cases) {
    await Promise.resolve().then(run).catch(error => failures.push(error))
  }
  t.match(failures, [{}, { message: 'the scheme cannot sign: pass `sign`' }])
})

t.test('a handshake needs the reply object', async t => {
  const zeta = defineVendor({
    name: 'zeta',
    options: {},
    replay: 'never',
    scheme: () => scheme,
    readsBody: false,
    read,
    handshake: () => ({
      signed: ({ input: { text } }) => text === 'hello' ? { body: 'welcome' } : undefined
    }),
    schemas: {},
    functions: () => ({})
  })
  const app = await build(t, async app => {
    await app.register(zeta, { keys: secret })
    const { verify } =
      (app as unknown as { zeta: { verify(...args: unknown[]): Promise<void> } }).zeta
    app.get('/alone', async request => {
      await verify(request)
      return 'verified'
    })
    app.get('/with-reply', async (request, reply) => {
      await verify(request, reply)
      return reply.sent ? reply : 'verified'
    })
  })
  const get = async (url: string, text: string) => {
    const headers = { 'x-text': text, 'x-mac': scheme.sign({ text }, secret) }
    const { statusCode, body } = await app.inject({ url, headers })
    return [statusCode, body]
  }
  t.strictSame(await get('/alone', 'other'), [200, 'verified'])
  t.strictSame(await get('/with-reply', 'other'), [200, 'verified'])
  t.strictSame(await get('/with-reply', 'hello'), [200, 'welcome'])
  t.equal((await get('/alone', 'hello'))[0], 500, 'verify without a reply')
})

t.test('a part is text or bytes', t => {
  const odd = hmacScheme<{ part: Body }>({
    name: 'odd',
    algorithm: 'sha256',
    encoding: 'hex',
    parts: ({ part }) => [part],
    limits: []
  })
  for (const part of [1, null, undefined, ['a'], {}]) {
    const input = { part } as never
    const refusal = { name: 'TypeError', message: 'a part must be text or bytes' }
    t.throws(() => odd.sign(input, secret), refusal)
    t.throws(() => odd.message(input, secret), refusal)
    t.throws(() => odd.verify(input, '', secret), refusal)
  }
  t.end()
})

t.test("failures have Fastify's shape by default", async t => {
  const app = await build(t, async app => {
    await app.register(
      defineVendor({
        name: 'zeta',
        options: {},
        replay: 'never',
        scheme: () => scheme,
        readsBody: false,
        read,
        schemas: {},
        functions: () => ({})
      }),
      { keys: secret }
    )
    const { verify } = (app as unknown as { zeta: { verify: () => void } }).zeta
    app.get('/', { preValidation: verify }, async () => 'verified')
  })
  const { statusCode, json } = await app.inject({
    url: '/',
    headers: { 'x-text': 'a', 'x-mac': 'b' }
  })
  t.equal(statusCode, 401)
  t.strictSame(json(), {
    statusCode: 401,
    code: 'FST_CC_SIGNATURE_INVALID',
    error: 'Unauthorized',
    message: new SignatureInvalid().message
  })
})

interface Given {
  scheme?: object
  read?: object
  options?: object
  definition?: object
}

/** The replies to two copies of a request to a vendor with a faulty definition, and the log. */
async function twice (t: Test, { definition, scheme: checker = scheme, options, ...given }: Given) {
  const log: string[] = []
  const zeta = defineVendor({
    name: 'zeta',
    scheme: () => checker as typeof scheme,
    readsBody: false,
    read: request => ({ ...read(request), ...given.read }),
    ...definition
  })
  const app = await build(t, async app => {
    await app.register(zeta, { keys: secret, ...options })
    const { verify } = (app as unknown as { zeta: { verify: () => void } }).zeta
    app.get('/', { preValidation: verify }, async () => 'verified')
  }, { logger: { level: 'error', stream: { write: (line: string) => log.push(line) } } })
  const headers = { 'x-text': 'a', 'x-mac': scheme.sign({ text: 'a' }, secret) }
  const statuses = []
  for (let i = 0; i < 2; i++) statuses.push((await app.inject({ url: '/', headers })).statusCode)
  return [...statuses, log.join('')]
}

t.test('a definition that breaks a promise accepts nothing', async t => {
  const now = { timestamp: String(Date.now()) }
  const noError = undefined as unknown as Error
  const cases: Record<string, [Given, ReadonlyArray<number | RegExp>]> = {
    'no fault': [{}, [200, 200]],
    'a promise of a verdict': [
      { scheme: { ...scheme, verify: (..._: unknown[]) => Promise.resolve(true) } },
      [500, 500, /zeta: verify must return true or false/]
    ],
    'a verdict of 1': [{ scheme: { ...scheme, verify: () => 1 } }, [500, 500]],
    'a store, but nothing that is unique': [
      { options: { replay: memoryStore() } },
      [500, 500, /return as \\"once\\" what identifies the request/]
    ],
    'replay by default, but nothing that is unique': [
      { definition: { replay: 'on' } },
      [500, 500, /define the vendor with replay: 'never'/]
    ],
    'an empty once': [{ definition: { replay: 'on' }, read: { once: '' } }, [500, 500]],
    'something unique': [{ definition: { replay: 'on' }, read: { once: 'a' } }, [200, 401]],
    'a tolerance, but no time': [
      { definition: { tolerance: 1000 } },
      [500, 500, /return the signed time as \\"timestamp\\", or null/]
    ],
    'a window, but no time': [{ definition: { window: () => 1000 } }, [500, 500]],
    'a request without a time, on purpose': [
      { definition: { tolerance: 1000 }, read: { timestamp: null } },
      [200, 200]
    ],
    'a tolerance and a time': [{ definition: { tolerance: 60_000 }, read: now }, [200, 200]],
    'an expiry that is no number': [{ read: { notAfter: NaN } }, [401, 401]],
    'an expiry': [{ read: { notAfter: Date.now() + 60_000 } }, [200, 200]],
    'a promise of an answer': [
      { definition: { handshake: () => ({ signed: async () => undefined }) } },
      [500, 500, /a handshake must return its answer at once/]
    ],
    'a check after validation that throws': [
      {
        definition: {
          afterValidation () {
            throw Object.assign(new Error('no'), { statusCode: 409 })
          }
        }
      },
      [409, 409]
    ],
    'an asynchronous check after validation that throws': [
      {
        definition: {
          async afterValidation () {
            throw Object.assign(new Error('no'), { statusCode: 409 })
          }
        }
      },
      [409, 409]
    ],
    'a check that throws no error': [
      { definition: { afterValidation: () => Promise.reject(noError) } },
      [500, 500]
    ],
    'an asynchronous check that passes': [
      { definition: { afterValidation: async () => {} } },
      [200, 200]
    ]
  }
  for (const [name, [given, expected]] of Object.entries(cases)) {
    t.match(await twice(t, given), expected, name)
  }
  const sample = { text: 'a' }
  await t.rejects(
    twice(t, { scheme: { ...scheme, verify: () => 1 }, definition: { sample } }),
    { code: 'FST_CC_OPTION_INVALID', message: /verify must return true or false at once/ }
  )
})

t.test('an invalid definition is refused with the name of its field', async t => {
  const definition = { name: 'zeta', scheme, read }
  const invalid: Array<[object, RegExp]> = [
    [{ name: undefined }, /"name" must be text in kebab case/],
    [{ name: 'Zeta Corp' }, /"name" must be text in kebab case/],
    [{ name: 'zeta-' }, /"name" must be text in kebab case/],
    [{ scheme: undefined }, /"scheme" must be a scheme, or a function that makes one/],
    [{ scheme: {} }, /"scheme" must be/],
    [{ scheme: async () => scheme }, /"scheme" must be a function that returns the scheme at once/],
    [
      { scheme: { ...scheme, verify: async () => true } },
      /"scheme".* verify returns true or false/
    ],
    [{ read: undefined }, /"read" must be a function/],
    [{ read: async () => ({}) }, /"read" must be a function that returns the parts at once/],
    [{ replay: 'ON' }, /"replay" must be "on", "off" or "never"/],
    [{ replay: true }, /"replay" must be/]
  ]
  for (const [fields, message] of invalid) {
    t.throws(() => defineVendor({ ...definition, ...fields } as typeof definition), {
      name: 'TypeError',
      message
    })
  }
  t.equal(defineVendor({ ...definition, name: 'zeta-2' }).vendor.name, 'zeta-2')
})
