import Fastify, { type FastifyRequest } from 'fastify'
import { type Body, defineVendor, hmacScheme, singleHeader } from 'fastify-contact-center/kit'
import { SignatureInvalid } from 'fastify-contact-center'
import { schemeContract } from 'fastify-contact-center/contract'
import t from 'tap'
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
      (app as unknown as { zeta: { verify(...given: unknown[]): Promise<void> } }).zeta
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

t.test('an invalid definition is refused with the name of its field', async t => {
  const whole = { name: 'zeta', scheme, read }
  const invalid: Array<[object, RegExp]> = [
    [{ name: undefined }, /"name" must be text in kebab case/],
    [{ name: 'Zeta Corp' }, /"name" must be text in kebab case/],
    [{ name: 'zeta-' }, /"name" must be text in kebab case/],
    [{ scheme: undefined }, /"scheme" must be a scheme, or a function that makes one/],
    [{ scheme: {} }, /"scheme" must be/],
    [{ read: undefined }, /"read" must be a function/],
    [{ replay: 'ON' }, /"replay" must be "on", "off" or "never"/],
    [{ replay: true }, /"replay" must be/]
  ]
  for (const [fields, message] of invalid) {
    t.throws(() => defineVendor({ ...whole, ...fields } as typeof whole), {
      name: 'TypeError',
      message
    })
  }
  t.equal(defineVendor({ ...whole, name: 'zeta-2' }).vendor.name, 'zeta-2')
})
