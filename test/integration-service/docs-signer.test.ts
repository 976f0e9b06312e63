import type { InjectOptions } from 'fastify'
import t from 'tap'
import { loadConfig } from '../../examples/integration-service/config.ts'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { service, settings, signIn, sqliteUrl } from './helper.ts'

const toSign = (path: string, body: object | string) =>
  ({
    method: 'POST',
    url: '/docs/sign',
    payload: { path, body: typeof body === 'string' ? body : JSON.stringify(body) }
  }) as const

t.test('is off by default, without a route or a trace on the API page', async t => {
  const { app, config } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  t.equal(config.DOCS_SIGNER, false)
  t.equal(
    (await app.inject({ ...toSign('/contiple/customer', {}), headers: await signIn(app) }))
      .statusCode,
    404
  )
  t.notMatch((await app.inject('/docs/static/swagger-initializer.js')).body, '/docs/sign')
})

t.test('refuses to start on a reachable address, or in production', async t => {
  const enabled = { ...settings, DOCS_SIGNER: 'true' }
  t.equal(loadConfig(enabled).DOCS_SIGNER, true)
  t.equal(
    loadConfig({ ...enabled, HOST: '::1', PUBLIC_URL: 'http://[::1]:3000' }).DOCS_SIGNER,
    true
  )
  for (
    const unsafe of [{ NODE_ENV: 'production' }, { HOST: '0.0.0.0' }, {
      PUBLIC_URL: 'https://cti.example.com'
    }, { PUBLIC_URL: 'http://127.0.0.1.example.com' }]
  ) {
    t.throws(
      () => loadConfig({ ...enabled, ...unsafe }),
      /DOCS_SIGNER is for development/,
      JSON.stringify(unsafe)
    )
    t.doesNotThrow(() => loadConfig({ ...settings, ...unsafe }), 'and without it that is no fault')
  }
})

t.test('signs for agents on this machine, and reveals no key', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t), DOCS_SIGNER: 'true' })
  const agent = await signIn(app)
  const texts: string[] = []
  const inject = async (request: InjectOptions, remoteAddress = '127.0.0.1') => {
    const reply = await app.inject({ headers: agent, remoteAddress, ...request })
    texts.push(reply.body, JSON.stringify(reply.headers))
    return reply
  }

  const lookup = '{ "callNum": "+821012345678" }'
  const { headers, body } = (await inject(toSign('/contiple/customer', lookup))).json() as {
    headers: Record<string, string>,
    body: string
  }
  t.equal(body, lookup, 'the body is unchanged')
  const lookupReply = await inject({
    method: 'POST',
    url: '/contiple/customer',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: body
  })
  t.match(
    [lookupReply.statusCode, lookupReply.json()],
    [200, { data: { id: String } }],
    "Contiple's request verifies"
  )

  const released = {
    callSerialNo: '1',
    serviceNo: '',
    called: '01012345678',
    timestamp: '1',
    nonce: 'old',
    signature: 'old'
  }
  const callback = (await inject(toSign('/aicc/released', released))).json() as { body: string }
  t.equal(
    (await inject({
      method: 'POST',
      url: '/aicc/released',
      headers: { 'content-type': 'application/json' },
      payload: callback.body
    })).statusCode,
    200,
    "Huawei's callback verifies; its example values are replaced"
  )

  for (const path of ['/api/calls', '/nowhere', '__proto__']) {
    t.equal((await inject(toSign(path, {}))).statusCode, 204, `${path} is not signed`)
  }
  for (const text of ['{', '[]', 'null']) {
    t.equal(
      (await inject(toSign('/aicc/released', text))).statusCode,
      400,
      `${text} cannot be signed`
    )
  }
  t.match((await inject({ ...toSign('/contiple/customer', {}), headers: {} })).json(), {
    statusCode: 401
  }, 'without a signed-in agent')
  t.match((await inject(toSign('/contiple/customer', {}), '192.0.2.1')).json(), {
    code: 'SERVICE_NOT_LOCAL'
  }, 'from another machine')
  t.equal(
    (await inject(toSign('/contiple/customer', {}), '::1')).statusCode,
    200,
    'from this machine'
  )
  t.match(
    (await inject({
      ...toSign('/contiple/customer', {}),
      headers: { ...agent, 'sec-fetch-site': 'cross-site' }
    })).json(),
    { code: 'SERVICE_CROSS_ORIGIN' },
    'from another site'
  )

  for (
    const url of ['/openapi.json', '/docs/json', '/docs/', '/docs/static/swagger-initializer.js']
  ) await inject({ url })
  for (const secret of Object.values(demoSecrets)) {
    t.notOk(texts.join('\n').includes(secret), 'no key reaches the browser')
  }
})
