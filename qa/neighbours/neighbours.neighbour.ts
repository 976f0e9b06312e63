// Runs published third-party software beside the plugins. `npm run test:neighbours`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import httpProxy from '@fastify/http-proxy'
import multipart from '@fastify/multipart'
import awsLambdaFastify from '@fastify/aws-lambda'
import { FastifyOtelInstrumentation } from '@fastify/otel'
import Fastify, { type FastifyInstance } from 'fastify'
import rawBody from 'fastify-raw-body'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import t from 'tap'
import contiple, { LookupQuery } from '../../plugins/contiple/index.ts'
import { assertProtected } from '../../plugins/kit/route/protect.ts'
import { capturedBody } from '../../plugins/kit/index.ts'
import { body, headersFor, keys, plain, works } from './beside.ts'
import { runGuide } from './guides.ts'

t.test('F1: hooks work when @fastify/otel wraps them, before and after the plugin', async t => {
  for (const order of ['before', 'after'] as const) {
    const app = Fastify()
    t.after(() => app.close())
    const otel = new FastifyOtelInstrumentation({ registerOnInitialization: false })
    if (order === 'before') await app.register(otel.plugin())
    await app.register(contiple, { keys })
    if (order === 'after') await app.register(otel.plugin())
    assertProtected(app)
    await plain(app)
    await app.register(async scope => {
      scope.addHook('preValidation', scope.contiple.verify)
      // The tracer also wraps hooks added with addHook.
      const config = { contactCenter: { capture: true } }
      scope.post('/scope', { config }, async () => ({ data: { userName: 'Kari' } }))
    })
    await works(t, app)
    // After the first refusal, the plugin knows whose failures the route returns.
    await works(t, app, '/scope')
  }
})

t.test('F1: works as in the guide for tracers', async t => {
  const { app } = await runGuide('opentelemetry') as { app: FastifyInstance }
  t.after(() => app.close())
  await works(t, app)
})

t.test('F1: assertProtected stops the boot for a hook hidden by a tracer, and names the remedy', async t => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(new FastifyOtelInstrumentation({ registerOnInitialization: false }).plugin())
  await app.register(contiple, { keys })
  assertProtected(app)
  await app.register(async scope => {
    scope.addHook('preValidation', scope.contiple.verify)
    scope.post('/scope', async () => ({ data: {} }))
  })
  await t.rejects(async () => await app.ready(), {
    code: 'FST_CC_OPTION_INVALID',
    message: /no verify hook on POST \/scope.*contactCenter: \{ capture: true \}/
  })
})

t.test('F1: a guard in a slot before the body stops the boot, wrapped or not', async t => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(new FastifyOtelInstrumentation({ registerOnInitialization: false }).plugin())
  await app.register(contiple, { keys })
  t.throws(
    () => app.post('/early', { onRequest: app.contiple.verify }, async () => 'ok'),
    { code: 'FST_CC_OPTION_INVALID', message: /preValidation or preHandler/ }
  )
})

t.test('F3: NestJS on Fastify works as in the guide', async t => {
  const { app } = await runGuide('nestjs') as { app: FastifyInstance }
  t.after(() => app.close())
  await works(t, app)
})

t.test('F6: refuses unsigned form-data beside @fastify/multipart', async t => {
  const log: string[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => log.push(line) } } })
  t.after(() => app.close())
  await app.register(multipart)
  await app.register(contiple, { keys })
  await plain(app)
  await works(t, app)
  const { port } = app.server.address() as AddressInfo
  const form = new FormData()
  form.set('file', new Blob(['x'.repeat(20_000)]), 'file.txt')
  const { 'content-type': _, ...signed } = headersFor()
  const reply = await fetch(`http://127.0.0.1:${port}/contiple/customer`, {
    method: 'POST',
    headers: signed,
    body: form
  })
  t.equal(reply.status, 415)
  t.match(await reply.json(), { error: { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' } })
  t.notMatch(log.join(''), '"level":50', 'no error in the log')
})

t.test('fastify-raw-body beside the plugin', async t => {
  for (const runFirst of [true, false]) {
    const app = Fastify()
    t.after(() => app.close())
    await app.register(rawBody, { global: true, runFirst, encoding: false })
    await app.register(contiple, { keys })
    app.post('/contiple/customer', { preValidation: app.contiple.verify }, async request => {
      t.same(capturedBody(request), (request as { rawBody?: Buffer }).rawBody)
      return { data: { userName: 'Kari' } }
    })
    await works(t, app)
  }
})

t.test('F9: Zod works in its own scope, as in the guide', async t => {
  const { app } = await runGuide('zod') as { app: FastifyInstance }
  t.after(() => app.close())
  await works(t, app)
  await works(t, app, '/zod/customer')
})

t.test("F9: Zod's compilers on the app stop the boot of a route with our schema", async t => {
  const app = Fastify()
  t.after(() => app.close())
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler)
  await app.register(contiple, { keys })
  const preValidation = app.contiple.verify
  const lookup = { preValidation, schema: { body: LookupQuery } }
  t.throws(
    () => app.post('/contiple/customer', lookup, async () => ({ data: {} })),
    { code: 'FST_CC_OPTION_INVALID', message: /validatorCompiler.*cannot read the TypeBox/ }
  )
})

t.test('F11: uses a fake clock that is set after registration', async t => {
  const { app, clock } = await runGuide('jest-and-vitest') as {
    app: FastifyInstance,
    clock: { now: number, restore(): void, tick(ms: number): void }
  }
  t.after(() => app.close())
  t.after(() => clock.restore())
  const post = async (headers: Record<string, string>) =>
    (await app.inject({ method: 'POST', url: '/contiple/customer', headers, payload: body }))
      .statusCode
  const headers = headersFor(body, '1660095873001')
  t.equal(await post(headers), 200)
  clock.tick(300_000)
  t.equal(await post(headers), 200, 'the edge')
  clock.tick(1)
  t.equal(await post(headers), 403)
})

t.test('F14: forwards verified numbers with all 19 digits', async t => {
  const received: Buffer[] = []
  const upstream = createServer(async (request, response) => {
    received.push(Buffer.concat(await request.toArray() as Buffer[]))
    response.setHeader('content-type', 'application/json').end('{"data":{"userName":"Kari"}}')
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  t.after(() => upstream.close())
  process.env.UPSTREAM = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const apps = await runGuide('verify-then-forward') as Record<'app' | 'proxy', FastifyInstance>
  for (const [name, app] of Object.entries(apps)) {
    t.after(() => app.close())
    await works(t, app)
    t.equal(received.splice(0).join(), body, `${name}: once`)
  }
})

t.test('behind @fastify/http-proxy, a forged request never leaves', async t => {
  let requests = 0
  const upstream = createServer((_request, response) => {
    requests++
    response.end()
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  t.after(() => upstream.close())
  const { port } = upstream.address() as AddressInfo
  for (const slot of ['preValidation', 'preHandler']) {
    for (const proxyPayloads of [true, false]) {
      const app = Fastify()
      t.after(() => app.close())
      await app.register(contiple, { keys })
      assertProtected(app)
      await app.register(httpProxy, {
        upstream: `http://127.0.0.1:${port}`,
        proxyPayloads,
        [slot]: app.contiple.verify
      })
      const reply = await app.inject({
        method: 'POST',
        url: '/contiple/customer',
        headers: headersFor('{}'),
        payload: body
      })
      t.ok(reply.statusCode === 403 || reply.statusCode === 415, `${slot}: ${reply.statusCode}`)
      t.type(reply.json<{ error: { code: string } }>().error.code, 'string')
    }
  }
  t.equal(requests, 0)
})

t.test('accepts the body from a platform that has read it, as in the guide', async t => {
  const { app, handle } = await runGuide('serverless') as {
    app: FastifyInstance,
    handle: (req: unknown, res: unknown) => void
  }
  t.after(() => app.close())
  // Like functions-framework: a body parser first, then the function.
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    handle(Object.assign(request, { rawBody: Buffer.concat(chunks) }), response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  await works(t, { server } as FastifyInstance)
})

t.test('@fastify/aws-lambda passes the bytes on unchanged', async t => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(contiple, { keys })
  await plain(app)
  const lambda = awsLambdaFastify(app as never)
  for (const isBase64Encoded of [false, true]) {
    const reply = await lambda({
      version: '2.0',
      rawPath: '/contiple/customer',
      rawQueryString: '',
      requestContext: { http: { method: 'POST', path: '/contiple/customer' } },
      headers: headersFor(),
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
      isBase64Encoded
    } as never, {} as never) as { statusCode: number }
    t.equal(reply.statusCode, 200)
  }
})
