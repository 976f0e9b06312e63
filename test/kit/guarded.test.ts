import Fastify, { type FastifyInstance } from 'fastify'
import { assertProtected, verificationChannel } from 'fastify-contact-center'
import contiple from 'fastify-contact-center/contiple'
import t from 'tap'
import { build } from '../helper.ts'

const keys = 'a-key-of-at-least-16'
const payload = '{"callNum":"+821012345678"}'

async function signedHeaders (app: FastifyInstance) {
  return { 'content-type': 'application/json', ...await app.contiple.signHeaders(payload) }
}

t.test('F2: a scope guarded by one hook answered 500 to each request', async t => {
  for (const slot of ['preValidation', 'preHandler'] as const) {
    for (const after of [false, true]) {
      const app = await build(t, async app => {
        await app.register(contiple, { keys })
        assertProtected(app, { except: ['/health'] })
        await app.register(async scope => {
          if (!after) scope.addHook(slot, scope.contiple.verify)
          scope.post('/guarded', async () => ({ data: {} }))
          if (after) scope.addHook(slot, scope.contiple.verify)
        })
        app.post('/health', async () => 'ok')
      })
      const request = {
        method: 'POST',
        url: '/guarded',
        headers: await signedHeaders(app)
      } as const
      t.equal((await app.inject({ ...request, payload })).statusCode, 200, `${slot}, ${after}`)
      t.equal((await app.inject({ ...request, payload: '{}' })).statusCode, 403)
      t.equal((await app.inject({ method: 'POST', url: '/health' })).body, 'ok')
    }
  }
})

t.test('F8: a handler lost its status, its Retry-After and its code', async t => {
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.post('/busy', { preValidation: app.contiple.verify }, async (_request, reply) => {
      reply.header('retry-after', '77')
      throw Object.assign(new Error('slow down'), { statusCode: 429 })
    })
    app.post('/down', { preValidation: app.contiple.verify }, async (_request, reply) => {
      reply.header('retry-after', '77')
      throw Object.assign(new Error('inside'), { statusCode: 503 })
    })
    app.post('/later', { preValidation: app.contiple.verify }, async () => {
      throw Object.assign(new Error('no'), { statusCode: 503, headers: { 'Retry-After': '9' } })
    })
  })
  for (
    const [url, status, code, after] of [
      ['/busy', 429, 'TOO_MANY_REQUESTS', '77'],
      ['/down', 503, 'SERVICE_UNAVAILABLE', '77'],
      ['/later', 503, 'SERVICE_UNAVAILABLE', '9']
    ] as const
  ) {
    const reply = await app.inject({
      method: 'POST',
      url,
      headers: await signedHeaders(app),
      payload
    })
    t.equal(reply.statusCode, status, url)
    t.equal(reply.json().error.code, code, url)
    t.equal(reply.headers['retry-after'], after, url)
  }
})

t.test('N2: a route was unprotected if the plugin was not awaited', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  assertProtected(app)
  app.register(contiple, { keys })
  const { contiple: early } = app as unknown as { contiple?: { verify: never } }
  app.post('/open', { preValidation: early?.verify as never }, async () => 'open')
  await t.rejects(async () => await app.ready(), {
    message: /POST \/open \(its preValidation is undefined: was/
  })
})

t.test('N4: the error of a second registration named no remedy', async t => {
  const twice = build(t, async app => {
    await app.register(contiple, { keys })
    await app.register(contiple, { keys })
  })
  await t.rejects(twice, { code: 'FST_CC_OPTION_INVALID', message: /with the option "as"/ })
})

t.test('A3: an unsigned megabyte was parsed before the MAC', async t => {
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.post('/small', { preValidation: app.contiple.verify }, async () => ({ data: {} }))
    app.post(
      '/large',
      { preValidation: app.contiple.verify, bodyLimit: 2 ** 21 },
      async () => ({ data: {} })
    )
  })
  const large = JSON.stringify({ text: 'x'.repeat(2 ** 20) })
  const headers = { 'content-type': 'application/json', ...await app.contiple.signHeaders(large) }
  const post = async (url: string) =>
    await app.inject({ method: 'POST', url, headers, payload: large })
  t.equal((await post('/small')).json().error.code, 'FST_ERR_CTP_BODY_TOO_LARGE')
  t.equal((await post('/large')).statusCode, 200, 'a route may raise the limit')
})

t.test('verify works as a function, and a sibling route keeps its own errors', async t => {
  const outcomes: unknown[] = []
  const hear = (outcome: unknown) => outcomes.push(outcome)
  verificationChannel.subscribe(hear)
  t.teardown(() => verificationChannel.unsubscribe(hear))
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.setErrorHandler(async (error: Error, _request, reply) =>
      reply.code(418).send({ mine: error.message })
    )
    app.post(
      '/hooked',
      { preHandler: async request => await app.contiple.verify(request) },
      async () => ({})
    )
    app.post('/plain', { preHandler: async () => {} }, async () => {
      throw new Error('its own')
    })
  })
  const headers = await signedHeaders(app)
  t.equal((await app.inject({ method: 'POST', url: '/hooked', headers, payload })).statusCode, 200)
  const refused = await app.inject({ method: 'POST', url: '/hooked', headers, payload: '{}' })
  t.equal(refused.json().error.code, 'FST_CC_SIGNATURE_INVALID', "in the vendor's shape")
  t.same((await app.inject({ method: 'POST', url: '/plain' })).json(), { mine: 'its own' })
  t.match(outcomes, [{ code: 'OK' }, { code: 'FST_CC_SIGNATURE_INVALID' }])
})
