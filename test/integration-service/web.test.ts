import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import {
  loadConfig,
  refuseDemoSecrets,
  formatSettings
} from '../../examples/integration-service/config.ts'
import {
  createLoggerOptions,
  maskNumbers
} from '../../examples/integration-service/operations/log.ts'
import { createRequestLogger } from '../../examples/integration-service/operations/request-logger.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { aicc, onEachStore, service, settings, signIn, sqliteUrl } from './helper.ts'
import { childEnv } from '../helper.ts'

const [{ login, password }] = demoSignIns.agents

onEachStore(t, 'an agent signs in and out', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL })
  const first = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  t.match(first.json(), { login, name: 'Kim Min-ji' })
  t.match(
    first.headers['set-cookie'],
    /^agent=[\w-]{43}; Max-Age=36000; Path=\/; HttpOnly; SameSite=Lax$/
  )
  const cookie = `agent=${first.cookies[0]?.value}`
  t.equal(
    (await app.inject({ url: '/api/agents/session', headers: { cookie } })).json().login,
    login
  )

  const second = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    headers: { cookie },
    payload: { login, password }
  })
  t.equal(
    (await app.inject({ url: '/api/agents/session', headers: { cookie } })).statusCode,
    401,
    'each sign-in starts a new session'
  )
  const fresh = { cookie: `agent=${second.cookies[0]?.value}` }
  const out = await app.inject({ method: 'DELETE', url: '/api/agents/session', headers: fresh })
  t.equal(out.statusCode, 204)
  t.match(out.headers['set-cookie'], /^agent=; /)
  t.equal((await app.inject({ url: '/api/calls', headers: fresh })).statusCode, 401)
  const rows = await app.store.read(db => db.selectFrom('sessions').selectAll().execute())
  t.same(rows, [])
})

t.test('refuses wrong sign-ins', async t => {
  let now = Date.now()
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, { now: () => now })
  for (
    const payload of [{ login, password: 'wrong' }, { login: 'nobody', password }, {
      login: '',
      password: ''
    }]
  ) {
    const reply = await app.inject({ method: 'POST', url: '/api/agents/session', payload })
    t.match([reply.statusCode, reply.json()], [401, {
      code: 'SERVICE_SIGN_IN_REFUSED',
      message: 'Login or password is wrong'
    }], JSON.stringify(payload))
  }
  const form = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `login=${login}&password=${password}`
  })
  t.equal(form.statusCode, 415, 'a form of another site')
  const headers = await signIn(app)
  now += 11 * 60 * 60 * 1000
  t.equal((await app.inject({ url: '/api/calls', headers })).statusCode, 401, 'a session expires')
})

t.test('limits sign-ins, through Redis if it is configured', async t => {
  for (
    const env of [{}, { REDIS_URL: process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379' }]
  ) {
    const { app } = await service(t, { DATABASE_URL: sqliteUrl(t), ...env }, {
      signInsPerMinute: 3
    })
    const remoteAddress = `127.1.${process.pid % 250}.${Math.floor(Math.random() * 250)}`
    const statuses = []
    for (let index = 0; index < 4; index++) {
      statuses.push(
        (await app.inject({
          method: 'POST',
          url: '/api/agents/session',
          remoteAddress,
          payload: { login, password: 'wrong' }
        })).statusCode
      )
    }
    t.same(statuses, [401, 401, 401, 429])
  }
})

t.test('limits sign-ins of one login from all addresses together', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, { signInsPerMinute: 1 })
  const statuses = []
  for (
    const [address, name] of [[1, login], [2, login], [3, login], [4, login], [
      5,
      'somebody-else'
    ]] as const
  ) {
    statuses.push(
      (await app.inject({
        method: 'POST',
        url: '/api/agents/session',
        remoteAddress: `127.0.1.${address}`,
        payload: { login: name, password: 'wrong' }
      })).statusCode
    )
  }
  t.same(statuses, [401, 401, 401, 429, 401])
})

t.test("other sites cannot use an agent's session", async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, { fetch: aicc('1', '2', '3') })
  const cookie = await signIn(app)
  const cases: Array<[Record<string, string>, number]> = [
    [{ 'sec-fetch-site': 'same-origin' }, 201],
    [{ origin: 'http://127.0.0.1:3000' }, 201],
    [{}, 201],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:3000' }, 403],
    [{ origin: 'http://127.0.0.1:3001' }, 403],
    [{ origin: 'null' }, 403]
  ]
  for (const [headers, status] of cases) {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/calls',
      headers: { ...cookie, ...headers },
      payload: { number: '010-1234-5678' }
    })
    t.equal(reply.statusCode, status, JSON.stringify(headers))
  }
})

t.test('over HTTPS the cookie is Secure and for this host only', async t => {
  const { app } = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    PUBLIC_URL: 'https://cti.example.com'
  })
  const reply = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  t.match(reply.headers['set-cookie'], /^__Host-agent=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  t.match(reply.headers['strict-transport-security'], /max-age/)
})

onEachStore(
  t,
  'Contiple finds a customer by any spelling of the number',
  async (t, DATABASE_URL) => {
    const { app } = await service(t, { DATABASE_URL })
    const lookUp = async (callNum: string) => {
      const payload = JSON.stringify({ callNum })
      const headers = {
        'content-type': 'application/json',
        ...await app.contiple.signHeaders(payload)
      }
      return await app.inject({ method: 'POST', url: '/contiple/customer', headers, payload })
    }
    for (
      const spelling of [
        '01012345678',
        '010-1234-5678',
        '+82 10 1234 5678',
        '821012345678',
        '0082 10 1234 5678',
        '(010)12345678'
      ]
    ) {
      const reply = await lookUp(spelling)
      t.match([reply.statusCode, reply.json()], [200, {
        data: { userName: '홍길동', id: 'c-1001' }
      }], spelling)
    }
    for (const unknown of ['010-9999-9999', 'nobody', '']) {
      const reply = await lookUp(unknown)
      t.match([reply.statusCode, reply.json()], [400, {
        error: { code: 'FST_CC_NO_SUCH_CUSTOMER', detail: null }
      }], unknown)
    }
    const payload = '{"callNum":"01012345678"}'
    const request = {
      method: 'POST' as const,
      url: '/contiple/customer',
      headers: { 'content-type': 'application/json', ...await app.contiple.signHeaders(payload) },
      payload
    }
    t.equal((await app.inject(request)).statusCode, 200)
    const { app: second } = await service(t, { DATABASE_URL })
    for (const instance of [app, second]) {
      t.match(
        [(await instance.inject(request)).json()],
        [{ error: { code: 'FST_CC_REPLAYED' } }],
        'no instance accepts a copy'
      )
    }
    const forged = await app.inject({
      method: 'POST',
      url: '/contiple/customer',
      payload: { callNum: '01012345678' }
    })
    t.match([forged.statusCode, forged.json()], [403, {
      error: { code: 'FST_CC_SIGNATURE_MISSING' }
    }])
  }
)

onEachStore(
  t,
  "answers 503 in each vendor's shape while the store is down, and accepts the retry",
  async (t, DATABASE_URL) => {
    const { app } = await service(t, { DATABASE_URL })
    const payload = '{"callNum":"01012345678"}'
    const headers = {
      'content-type': 'application/json',
      ...await app.contiple.signHeaders(payload)
    }
    const cookie = await signIn(app)
    const release = await app.huaweiAicc.signCallback({
      callSerialNo: '1',
      serviceNo: '',
      called: '+821012345678'
    })
    await app.store.close()
    const lookup = await app.inject({ method: 'POST', url: '/contiple/customer', headers, payload })
    t.match([lookup.statusCode, lookup.json(), lookup.headers['retry-after']], [503, {
      error: { code: /^FST_CC_(?:REPLAY_)?STORE_UNAVAILABLE$/ }
    }, '5'])
    const callback = await app.inject({ method: 'POST', url: '/aicc/released', payload: release })
    t.match([callback.statusCode, callback.json()], [503, { retCode: /^(?!0$)/ }])
    const api = await app.inject({ url: '/api/calls', headers: cookie })
    t.match([api.statusCode, api.json()], [503, { code: 'FST_CC_STORE_UNAVAILABLE' }])
    t.match([(await app.inject('/readyz')).statusCode, (await app.inject('/healthz')).statusCode], [
      503,
      200
    ])

    const { app: next } = await service(t, { DATABASE_URL })
    const retried = await next.inject({ method: 'POST', url: '/aicc/released', payload: release })
    t.same([retried.statusCode, retried.json().retCode], [200, '0'])
  }
)

t.test('serves health, metrics, documentation and the desk', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  for (const url of ['/healthz', '/readyz']) t.equal((await app.inject(url)).statusCode, 200, url)
  const metrics = (await app.inject('/metrics')).body
  t.match(
    metrics,
    /http_request_duration_seconds_count\{method="GET",route="\/readyz",status="200"\} 1/
  )
  const { paths } = (await app.inject('/openapi.json')).json()
  for (
    const path of [
      '/aicc/connected/{gate}',
      '/aicc/released',
      '/contiple/customer',
      '/api/agents/session',
      '/api/calls',
      '/api/calls/{callSerialNo}',
      '/api/calls/{callSerialNo}/screen-pop',
      '/api/events',
      '/healthz',
      '/readyz'
    ]
  ) {
    t.ok(paths[path], path)
  }
  t.equal((await app.inject('/docs/')).statusCode, 200)
  const desk = await app.inject('/desk')
  t.equal(desk.statusCode, 200)
  t.match(desk.headers['content-security-policy'], /default-src 'none'/)
  const notFound = await app.inject('/nowhere?number=01012345678')
  t.match(notFound.json(), { statusCode: 404, message: 'No such route' })
  t.equal((await app.inject('/docs/')).headers['x-content-type-options'], 'nosniff')
  t.equal(
    notFound.headers['x-content-type-options'],
    'nosniff',
    'unknown paths have the same headers'
  )
})

t.test('is not ready while Redis is down, and sign-in answers 503', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t), REDIS_URL: 'redis://127.0.0.1:1' })
  t.match((await app.inject('/readyz')).json(), { status: 'unavailable', failed: ['redis'] })
  t.equal(
    (await app.inject({ method: 'POST', url: '/api/agents/session', payload: { login, password } }))
      .statusCode,
    503
  )
})

t.test('logs hold no number, name, gate, cookie or signed URL', async t => {
  const lines: string[] = []
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, {
    logged: lines,
    fetch: aicc('1')
  })
  const headers = await signIn(app)
  await app.inject({
    method: 'POST',
    url: '/api/calls',
    headers,
    payload: { number: '010-1234-5678' }
  })
  for (const path of ['/api/calls', '/nowhere']) {
    await app.inject({ url: `${path}?number=01012345678`, headers })
  }
  await app.inject({ method: 'POST', url: '/api/calls/1/screen-pop', headers })
  await app.inject({
    method: 'POST',
    url: '/aicc/connected/demo-huawei-aicc-gate-01',
    payload: { callSerialNo: '1', serviceNo: '', called: '+821012345678' }
  })
  app.log.error({
    err: Object.assign(new Error('Key (phone)=(+821012345678)'), { detail: '홍길동' }),
    url: 'http://x/?hash=abc'
  }, 'failed')
  const text = lines.join('')
  t.match(text, /"route":"\/aicc\/connected\/:gate"/)
  for (const secret of [/12345678/, /홍길동/, /gate-01/, /hash=/, new RegExp(headers.cookie)]) {
    t.notMatch(text, secret)
  }
  t.equal(maskNumbers('call +82 10-1234-5678 at 12:30'), 'call ***78 at 12:30')
})

t.test('reads settings, and refuses invalid ones by name', async t => {
  const good = { ...settings, DATABASE_URL: 'file:./x.db' }
  t.match(loadConfig({ ...good, PUBLIC_URL: '', PORT: '8080' }), {
    PUBLIC_URL: 'http://127.0.0.1:8080',
    PORT: 8080,
    MEMBER_RETURN_HOSTS: []
  })
  t.match(loadConfig({ ...good, DOCS_SIGNER: 'true', AWAY_REASONS: 'Tea' }), {
    DOCS_SIGNER: true,
    RING_SECONDS: 30,
    AWAY_REASONS: ['Tea'],
    LOG_LEVEL: 'silent'
  })
  t.notHas(loadConfig(good), { RETENTION_DAYS: 1 })
  t.same(loadConfig({ ...good, MEMBER_RETURN_HOSTS: 'a.example, b.example' }).MEMBER_RETURN_HOSTS, [
    'a.example',
    'b.example'
  ])
  const cases: Array<[Record<string, string>, RegExp]> = [
    [{ ITX_SECRET: ' ' }, /ITX_SECRET is required, because ITX_PLUGIN_URL is set/],
    [{ PORT: '70000' }, /PORT must be at most 65535/],
    [{ PORT: 'http' }, /PORT must be an integer/],
    [{ PORT: '80.5' }, /PORT must be an integer/],
    [{ RING_SECONDS: '4' }, /RING_SECONDS must be at least 5/],
    [{ DOCS_SIGNER: 'constructor' }, /DOCS_SIGNER must be true or false/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of fatal, error/],
    [{ PHONE_REGION: 'kr' }, /PHONE_REGION must match pattern "\^\[A-Z\]\{2\}\$"/],
    [{ WHATSAPP_PHONE_NUMBER_ID: '12a' }, /WHATSAPP_PHONE_NUMBER_ID must match pattern/],
    [{ PORT: 'http', LOG_LEVEL: 'loud' }, /PORT must.*\n.*LOG_LEVEL must/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL must be a URL that starts with file:/],
    [{ DATABASE_URL: 'file:' }, /DATABASE_URL needs the path of a file/],
    [{ DATABASE_URL: 'file:///' }, /DATABASE_URL needs the path of a file/],
    [{ PUBLIC_URL: 'cti.example.com' }, /PUBLIC_URL must be a URL/],
    [{ PHONE_REGION: 'XX' }, /PHONE_REGION must be/],
    [{ AICC_SECRET: '', AICC_URL: 'x:y' }, /AICC_SECRET is required/]
  ]
  for (const [env, message] of cases) {
    t.throws(
      () => loadConfig({ ...good, ...env }),
      { message, code: 'ERR_CONFIG' },
      JSON.stringify(env)
    )
  }
  t.throws(() => refuseDemoSecrets(loadConfig(good)), {
    message: /CONTIPLE_KEY is a public demo key/
  })
  for (const name of Object.keys(good)) t.match(formatSettings(), name)
})

t.test('docs/service lists every folder and metric', async t => {
  const rowsOf = (page: string, heading: string) => {
    const section =
      readFileSync(`docs/service/${page}.md`, 'utf8').split(`\n## ${heading}\n`)[1]?.split(
        '\n## '
      )[0] ?? ''
    return [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map((
      [, name = '', rest = '']
    ) => [name, rest.trim()])
  }
  const folders = readdirSync('examples/integration-service', { withFileTypes: true }).filter(
    // Build output and packages are not listed.
    entry => entry.isDirectory() && !/^(?:dist|node_modules)$/.test(entry.name)
  )
  t.same(
    rowsOf('how-it-works', 'Folders').map(([name]) => name),
    folders.map(({ name }) => `${name}/`).sort()
  )
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const names = [...(await app.inject('/metrics')).body.matchAll(/^# TYPE (\S+)/gm)].map((
    [, name = '']
  ) => name)
  t.same(
    rowsOf('operating', 'Health, metrics, logs').map(([name]) => name).sort(),
    names.filter(name => !/^(?:process|nodejs)_/.test(name)).sort()
  )
})

t.test('a request gets a logger of its own only when it logs', async t => {
  const lines: string[] = []
  const write = (line: string): number => lines.push(line)
  let children = 0
  const app = Fastify({
    logger: { level: 'warn', onChild: () => children++, stream: { write } },
    childLoggerFactory: createRequestLogger
  })
  t.after(() => app.close())
  app.get('/quiet', async ({ log }) => log.info('not written'))
  app.get('/loud', async ({ log }) => log.warn('loud'))
  app.get('/part', async ({ log }) => log.child({ part: 1 }).error('in part'))
  app.get('/verbose', async ({ log }) => {
    const { level } = log
    log.level = 'debug'
    log.debug(level)
  })
  app.get('/route', { logLevel: 'info' }, async ({ log }) => log.info('of its route'))
  await app.ready()
  const before = children
  await app.inject('/quiet')
  t.equal(children - before, 0)
  t.same(lines, [])
  for (const url of ['/loud', '/part', '/verbose', '/route']) await app.inject(url)
  t.match(lines.map(line => JSON.parse(line)), [
    { level: 40, reqId: 'req-2', msg: 'loud' },
    { level: 50, reqId: 'req-3', part: 1, msg: 'in part' },
    { level: 20, reqId: 'req-4', msg: 'warn' },
    { level: 30, reqId: 'req-4', msg: 'request completed' },
    { level: 30, reqId: 'req-5', msg: 'incoming request' },
    { level: 30, reqId: 'req-5', msg: 'of its route' },
    { level: 30, reqId: 'req-5', msg: 'request completed' }
  ])
})

t.test('the service creates no logger for a request that does not log', async t => {
  let children = 0
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, {
    logger: { ...createLoggerOptions('warn'), onChild: () => children++ }
  })
  const before = children
  t.equal((await app.inject('/openapi.json')).statusCode, 200)
  t.equal(children, before)
})

t.test('a pending request on a kept-alive connection does not delay the shutdown', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  let answer = (): void => {}
  app.store.ping = async () =>
    await new Promise<void>(resolve => {
      answer = resolve
    })
  const reply = fetch(`${url}/readyz`)
  await sleep(100)
  const closing = app.close()
  await sleep(100)
  answer()
  t.equal((await reply).status, 200)
  t.equal(await Promise.race([closing.then(() => 'stopped'), sleep(5000, 'waits')]), 'stopped')
})

t.test('regression: an idle connection delayed the shutdown for a minute', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  await sleep(50)
  t.equal(await Promise.race([app.close().then(() => 'stopped'), sleep(5000, 'waits')]), 'stopped')
})

t.test('an old Node.js gets the required version', async t => {
  const check = (version: string) =>
    spawnSync(process.execPath, [
      `--import=data:text/javascript,${
        encodeURIComponent(
          `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
        )
      }`,
      'tools/node-version.cjs'
    ], { encoding: 'utf8', env: childEnv })
  for (const version of ['18.20.8', '20.18.3']) {
    t.match(check(version), {
      status: 1,
      stderr: `Node.js >=20.19 is needed; this is ${version}\n`
    })
  }
  for (const version of ['20.19.0', '22.0.0']) t.match(check(version), { status: 0, stderr: '' })
})
