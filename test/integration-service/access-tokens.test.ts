// N15: a source of expiring tokens, with a token server on a socket.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import {
  createTokenSource,
  retryWithFreshToken
} from '../../examples/integration-service/access-tokens.ts'
import { freePort } from '../../examples/demo/free-port.ts'
import { loadConfig } from '../../examples/integration-service/config.ts'
import { huaweiAiccSimulator } from '../../examples/simulators/huawei-aicc/app.ts'
import { tokenPath } from '../../examples/simulators/huawei-aicc/tokens.ts'
import { aicc, service, settings, signIn, sqliteUrl } from './helper.ts'

type Answer = (response: ServerResponse, number: number) => void
interface TokenRequest {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

const fixed = { id: 'app key&1', secret: 'sécret of the áccess+1' }

/** Starts a token server. `answer` gets the number of the request, from 1. */
async function tokenServer (t: Test, answer: Answer, path = '/oauth2/token') {
  const requests: TokenRequest[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    }).on('end', () => {
      requests.push({ headers: request.headers, body })
      answer(response, requests.length)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    asked: requests
  }
}

function json (response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

t.test('OAuth: keeps a token until shortly before it expires, and fetches one at a time', async t => {
  let now = 1_000_000
  const { url, asked: requests } = await tokenServer(
    t,
    (response, number) =>
      json(response, { access_token: `token-${number}`, token_type: 'Bearer', expires_in: 3600 })
  )
  const source = createTokenSource({ url, ...fixed, now: () => now })
  t.same(
    new Set(await Promise.all(Array.from({ length: 20 }, () => source.get()))),
    new Set([
      'token-1'
    ])
  )
  t.equal(requests.length, 1)
  t.match(requests[0], {
    body: 'grant_type=client_credentials',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  t.equal(
    Buffer.from(requests[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString(),
    'app+key%261:s%C3%A9cret+of+the+%C3%A1ccess%2B1',
    'encoded as RFC 6749 says'
  )
  now += 3_539_000
  t.equal(await source.get(), 'token-1')
  now += 2000
  t.equal(await source.get(), 'token-1', 'no caller waits while the old token is valid')
  for (let tries = 0; requests.length < 2 && tries < 100; tries++) await new Promise(setImmediate)
  while (await source.get() === 'token-1') await new Promise(resolve => setTimeout(resolve, 5))
  t.equal(await source.get(), 'token-2')
  now += 3_700_000
  t.equal(await source.get(), 'token-3', 'an expired token is not returned')
  source.forget('token-1')
  t.equal(await source.get(), 'token-3', 'forgetting an earlier token changes nothing')
  source.forget('token-3')
  t.equal(await source.get(), 'token-4')
})

t.test("reads the fields of Huawei's API Fabric", async t => {
  const { url, asked: requests } = await tokenServer(
    t,
    response => json(response, { AccessToken: 'zz.1', ApplyType: 'Bearer', Expires: '600' }),
    '/apigovernance/api/oauth/tokenByAkSk'
  )
  let now = 0
  const source = createTokenSource({ url, ...fixed, now: () => now })
  t.equal(await source.get(), 'zz.1')
  t.match(requests[0]?.headers, { 'content-type': 'application/json', 'x-token-expire': '3600' })
  t.same(JSON.parse(requests[0]?.body ?? ''), { app_key: fixed.id, app_secret: fixed.secret })
  now = 539_000
  await source.get()
  t.equal(requests.length, 1)
  now = 600_000
  await source.get()
  t.equal(requests.length, 2)
})

t.test('a failing token server: the error gives the reason and no secret', async t => {
  const cases: Array<[string, Answer, RegExp]> = [
    ['401', r => json(r, { secret: fixed.secret }, 401), /HTTP status 401; check AICC_APP_KEY/],
    ['400', r => json(r, { error: 'invalid_client' }, 400), /HTTP status 400; check/],
    ['500', r => json(r, {}, 500), /HTTP status 500$/],
    ['no JSON', r => r.end('<html>'), /the answer contains none/],
    ['null', r => r.end('null'), /the answer contains none/],
    ['no text', r => json(r, { access_token: 5 }), /the answer contains none/],
    ['a line end', r => json(r, { access_token: 'a\nb' }), /the answer contains none/],
    ['a redirect', r => r.writeHead(307, { location: '/x' }).end(), /redirect/],
    ['a cut connection', r => r.destroy(), /UND_ERR_SOCKET|ECONNRESET/],
    ['a black hole', () => {}, /no answer within 100 ms/],
    ['a black hole behind a head', r => r.writeHead(200).write('{'), /no answer within 100 ms/]
  ]
  for (const [title, answer, message] of cases) {
    const { url } = await tokenServer(t, answer)
    const source = createTokenSource({
      url,
      ...fixed,
      timeoutMs: title.includes('hole') ? 100 : 5000
    })
    const error = await source.get().catch((error: unknown) => error) as Error
    t.match(error, { code: 'SERVICE_TOKEN_UNAVAILABLE', message }, title)
    t.match(error.message, new URL(url).host, 'the error names the host')
    t.notMatch(error.message, fixed.secret)
  }
  const port = await freePort()
  const unreachable = createTokenSource({ url: `http://127.0.0.1:${port}/token`, ...fixed })
  await t.rejects(unreachable.get(), {
    message: `127.0.0.1:${port} returned no access token: ECONNREFUSED`
  })
})

t.test('recovers from a failure, and uses the old token while it is valid', async t => {
  let now = 0
  let isDown = true
  const { url, asked: requests } = await tokenServer(t, (response, number) =>
    isDown
      ? json(response, {}, 503)
      : json(response, { access_token: `token-${number}`, expires_in: 100 }))
  const source = createTokenSource({ url, ...fixed, now: () => now })
  await t.rejects(source.get(), { message: /HTTP status 503/ })
  isDown = false
  t.equal(await source.get(), 'token-2')
  isDown = true
  now = 95_000
  for (let times = 0; times < 3; times++) t.equal(await source.get(), 'token-2')
  now = 100_000
  await t.rejects(source.get(), { message: /HTTP status 503/ })
  t.ok(requests.length >= 3, 'the source retries')
})

t.test('replaces a token that the vendor refuses, and repeats the call once', async t => {
  const { url, asked: requests } = await tokenServer(
    t,
    (response, number) => json(response, { access_token: `token-${number}`, expires_in: 3600 })
  )
  const source = createTokenSource({ url, ...fixed })
  const vendorAccepting = (used: string[], accepts: (token: string) => boolean): typeof fetch =>
    retryWithFreshToken(source, async (_input, init) => {
      const token = new Headers(init?.headers).get('authorization') ?? ''
      used.push(token)
      return new Response(null, { status: accepts(token) ? 200 : 401 })
    })
  const request = async (fetch: typeof globalThis.fetch) =>
    await fetch('http://x.example', { headers: { authorization: `Bearer ${await source.get()}` } })
  const used: string[] = []
  t.equal((await request(vendorAccepting(used, token => token.endsWith('2')))).status, 200)
  t.same(used, ['Bearer token-1', 'Bearer token-2'])
  const rejected: string[] = []
  t.equal(
    (await request(vendorAccepting(rejected, () => false))).status,
    401,
    'the call is repeated once only'
  )
  t.same(rejected, ['Bearer token-2', 'Bearer token-3'])
  t.equal(requests.length, 3)

  const refusal = new Response('expired', { status: 401 })
  const answers = [refusal, new Response('done')]
  const fresh = retryWithFreshToken(source, async () => answers.shift() as Response)
  t.equal(await (await request(fresh)).text(), 'done')
  t.equal((await refusal.body?.getReader().read())?.done, true, "the refusal's body is closed")
})

t.test('click-to-dial gets its token from the server, or answers 502 and logs why', async t => {
  let isDown = false
  const { url } = await tokenServer(t, (response, number) =>
    isDown
      ? json(response, {}, 401)
      : json(response, { access_token: `token-${number}`, expires_in: 3600 }))
  const used: string[] = []
  const huawei = aicc('1', '2')
  const logged: string[] = []
  const { AICC_ACCESS_TOKEN, ...rest } = settings
  const { app } = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    AICC_ACCESS_TOKEN: '',
    AICC_TOKEN_URL: url,
    AICC_APP_KEY: fixed.id,
    AICC_APP_SECRET: fixed.secret
  }, {
    logged,
    fetch: async (input, init) => {
      if (String(input) === url) return await fetch(input, init)
      const token = new Headers(init?.headers).get('authorization') ?? ''
      used.push(token)
      if (token === 'Bearer token-1') return new Response(null, { status: 401 })
      return await huawei(input, init)
    }
  })
  const headers = await signIn(app)
  const dial = async () =>
    await app.inject({
      method: 'POST',
      url: '/api/calls',
      headers,
      payload: { number: '+821012345678' }
    })
  t.equal((await dial()).statusCode, 201)
  t.same(used, ['Bearer token-1', 'Bearer token-2'])
  isDown = true
  used.length = 0
  const strict = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    AICC_ACCESS_TOKEN: '',
    AICC_TOKEN_URL: url,
    AICC_APP_KEY: fixed.id,
    AICC_APP_SECRET: fixed.secret
  }, { logged })
  const reply = await strict.app.inject({
    method: 'POST',
    url: '/api/calls',
    headers: await signIn(strict.app),
    payload: { number: '+821012345678' }
  })
  t.equal(reply.statusCode, 502)
  t.match(logged.join('\n'), /returned no access token: HTTP status 401; check AICC_APP_KEY/)
  t.notMatch(logged.join('\n'), fixed.secret)

  const tokenEnv = { AICC_TOKEN_URL: url, AICC_APP_KEY: 'a', AICC_APP_SECRET: 'b' }
  const faults: Array<[Record<string, string>, RegExp]> = [
    [
      { ...settings, ...tokenEnv },
      /AICC_ACCESS_TOKEN and AICC_TOKEN_URL are both set; unset one/
    ],
    [{ ...rest }, /AICC_ACCESS_TOKEN is required, because AICC_URL is set/],
    [{ ...rest, AICC_TOKEN_URL: url }, /AICC_APP_KEY is required, because AICC_URL is set/],
    [
      { ...rest, ...tokenEnv, AICC_TOKEN_URL: 'http://tokens.example/token' },
      /AICC_TOKEN_URL must be https without user and query, because the service sends a secret there/
    ]
  ]
  for (const [env, message] of faults) t.throws(() => loadConfig(env), { message })
})

t.test("dials all day with the simulated vendor's one-hour tokens", async t => {
  const day = Date.UTC(2026, 10, 27, 9)
  let now = day
  const app = { AICC_APP_KEY: 'key-of-the-app', AICC_APP_SECRET: 'secret-of-the-application' }
  const simulator = await huaweiAiccSimulator({
    now: () => now,
    appKey: app.AICC_APP_KEY,
    appSecret: app.AICC_APP_SECRET,
    accessToken: 'nobody-has-this-token',
    tokenSeconds: '3600'
  })
  t.after(async () => await simulator.close())
  const vendor = await simulator.listen({ host: '127.0.0.1', port: 0 })
  const env = {
    AICC_URL: vendor,
    AICC_ACCESS_TOKEN: '',
    AICC_TOKEN_URL: vendor + tokenPath,
    ...app
  }
  const logged: string[] = []
  const start = async (more: Record<string, string> = {}) => {
    const { app } = await service(t, { DATABASE_URL: sqliteUrl(t), ...env, ...more }, {
      now: () => now,
      logged
    })
    const headers = await signIn(app)
    return async () =>
      (await app.inject({
        method: 'POST',
        url: '/api/calls',
        headers,
        payload: { number: '+821012345678' }
      })).statusCode
  }
  const vendorEvents = async () =>
    (await (await fetch(`${vendor}/lab/events`)).json() as Array<{ kind: string, outcome: string }>)
      .map(({ kind, outcome }) => `${kind} ${outcome}`)
  const called = 'create-call accepted'
  const token = 'token accepted'

  const dial = await start()
  for (const minute of [0, 1, 58, 180, 181]) {
    now = day + minute * 60_000
    t.equal(await dial(), 201, `after ${minute} minutes`)
  }
  t.same(await vendorEvents(), [token, called, called, called, token, called, called])

  // The vendor revokes the token early: one call is refused and repeated with a new token.
  await fetch(`${vendor}/lab/tokens/expire`, { method: 'POST' })
  t.equal(await dial(), 201)
  t.same((await vendorEvents()).slice(-4), ['token sent', 'create-call refused', token, called])
  t.match(await (await fetch(`${vendor}/lab`)).text(), /Valid tokens: 1\. Expiry: 13:01:00\./)

  const dialWithWrongSecret = await start({ AICC_APP_SECRET: 'a-secret-of-somebody-else' })
  t.equal(await dialWithWrongSecret(), 502)
  t.match(await vendorEvents(), { length: 12, 11: 'token refused' })
  t.match(logged.join('\n'), /returned no access token: HTTP status 401; check AICC_APP_KEY/)
})
