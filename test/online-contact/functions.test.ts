import { createHash } from 'node:crypto'
import Fastify from 'fastify'
import onlineContact, {
  isAllowedReturnUrl,
  loggedInMember,
  loginStatus,
  LoginStatus,
  openApiMessage,
  returnUrlWith,
  signOpenApi,
  TokenStoreUnavailable,
  type HelpCentrePage,
  type OnlineContactOptions,
  type OpenApiCall
} from 'fastify-contact-center/online-contact'
import { type ExpiringStore, memoryStore, redisStore } from 'fastify-contact-center'
import { hmacSha256 } from '../../plugins/kit/wire/mac.ts'
import { InputError } from 'fastify-contact-center/kit'
import type { RedisClient } from '../../plugins/kit/replay/redis-client.ts'
import t from 'tap'
import { listensOn, missing, redisClients } from '../real-parts.ts'
import { build, now } from '../helper.ts'

const keys = 'a-key-of-at-least-16'
const url = 'https://demo.oc.nhncloud.com'
const member = { usercode: 'u1', username: 'Hong', email: 'hong+1@example.com' }
const withOptions = async (
  t: Parameters<typeof build>[0],
  options: Partial<OnlineContactOptions> = {}
) =>
  (await build(
    t,
    app => app.register(onlineContact, { keys, url, service: 'shop', now: () => now, ...options })
  )).onlineContact

t.test('the login form posts the signed fields, escaped for HTML', async t => {
  const oc = await withOptions(t)
  const username = '"><script>alert(1)</script>\''
  const page = await oc.loginForm({ ...member, username }, {
    returnUrl: 'https://example.com/?a=1&b=2',
    nonce: 'r4nd0m',
    lang: 'ko',
    title: '<고객센터>',
    button: '계속'
  })
  const inputs = new Map(
    Array.from(
      page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g),
      (
        [, name = '', value = '']
      ) => [
        name,
        value.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll(
          '&#39;',
          "'"
        ).replaceAll('&amp;', '&')
      ]
    )
  )
  t.strictSame(
    Object.fromEntries(inputs),
    await oc.signMember({ ...member, username, returnUrl: 'https://example.com/?a=1&b=2' })
  )
  t.equal(page.match(/<script/g)?.length, 1)
  t.match(
    page,
    '<form id="online-contact" method="post" action="https://demo.oc.nhncloud.com/v2/enduser/remote.json"'
  )
  t.match(page, '<script nonce="r4nd0m">')
  t.match(page, '<html lang="ko">')
  t.match(page, '&lt;고객센터&gt;')
  t.match(page, '<button>계속</button>')
  const withoutOptions = await oc.loginForm({ ...member, returnUrl: 'https://example.com/' })
  t.match(withoutOptions, '<script>document')
  t.match(withoutOptions, 'name="returnUrl" value="https://example.com/"')
  t.notMatch(await oc.loginForm(member), 'returnUrl')
  for (
    const part of ['<html lang="en">', '<title>Help centre</title>', '<button>Continue</button>']
  ) t.match(withoutOptions, part, 'by default')
  await t.rejects((await withOptions(t, { url: undefined as never })).loginForm(member), {
    code: 'FST_CC_OPTION_INVALID',
    message: /"url" is required/
  })
})

t.test('logs a member in from the server', async t => {
  const oc = await withOptions(t)
  const success = {
    header: { resultCode: 200, resultMessage: '', isSuccessful: true },
    result: { content: 'a/token?' }
  }
  const answering = (answer: unknown, status = 200) => async () => Response.json(answer, { status })
  let sent: unknown[] = []
  const done = await oc.serverLogin({ ...member, returnUrl: 'https://example.com/' }, {
    fetch: async (input, init) => {
      sent = [input, init]
      return Response.json(success)
    }
  })
  t.strictSame(done, {
    accessToken: 'a/token?',
    helpCentreUrl: `${url}/shop/hc/?accessToken=a%2Ftoken%3F`,
    usercode: 'u1',
    time: String(now)
  })
  t.equal(oc.helpCentreUrl('a/token?'), done.helpCentreUrl)
  t.equal(sent[0], `${url}/api/v2/enduser/remote.json`)
  t.equal(
    String((sent[1] as RequestInit).body),
    String(new URLSearchParams(await oc.signMember(member))),
    'a form without returnUrl'
  )
  t.match(sent[1], { method: 'POST', redirect: 'error' })

  const refusal = {
    header: { resultCode: 403, resultMessage: 'Access Denied', isSuccessful: false },
    result: null
  }
  const failures: Record<string, [typeof globalThis.fetch, string, number]> = {
    'a refusal': [answering(refusal), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    'a refusal with a status': [answering(refusal, 403), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    "a success with a failure's status": [
      answering(success, 500),
      'FST_CC_REMOTE_LOGIN_REFUSED',
      502
    ],
    'a success without a token': [
      answering({ ...success, result: null }),
      'FST_CC_REMOTE_LOGIN_REFUSED',
      502
    ],
    'an empty token': [
      answering({ ...success, result: { content: '' } }),
      'FST_CC_REMOTE_LOGIN_REFUSED',
      502
    ],
    'unexpected shape': [answering({ accessToken: 'x' }), 'FST_CC_REMOTE_LOGIN_FAILED', 502],
    'no JSON': [async () => new Response('<html>'), 'FST_CC_REMOTE_LOGIN_FAILED', 502],
    'no connection': [
      async () => {
        throw new TypeError('fetch failed')
      },
      'FST_CC_REMOTE_LOGIN_FAILED',
      502
    ],
    'no answer': [
      async (_input, init) =>
        await new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
      'FST_CC_REMOTE_LOGIN_TIMED_OUT',
      504
    ]
  }
  for (const [name, [fetch, code, statusCode]] of Object.entries(failures)) {
    // Keeps the event loop alive while the test waits for an unreferenced timer.
    const alive = setTimeout(() => {}, 10_000)
    await t.rejects(
      oc.serverLogin(member, { fetch, timeoutMs: statusCode === 504 ? 20 : 10_000 }),
      { code, statusCode, message: /^Online Contact/ },
      name
    )
    clearTimeout(alive)
  }
  for (const timeoutMs of [0, NaN, 2 ** 31]) {
    await t.rejects(oc.serverLogin(member, { timeoutMs }), {
      name: 'RangeError',
      message: 'timeoutMs must be a positive integer up to 2147483647'
    })
  }
})

t.test('logs in over real HTTP with the global fetch', async t => {
  const vendor = Fastify()
  t.after(() => vendor.close())
  vendor.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, text: string) => text
  )
  vendor.post('/api/v2/enduser/remote.json', async request => ({
    header: { resultCode: 200, resultMessage: '', isSuccessful: true },
    result: { content: new URLSearchParams(String(request.body)).get('usercode') }
  }))
  const oc = await withOptions(t, { url: await vendor.listen({ host: '127.0.0.1', port: 0 }) })
  t.equal((await oc.serverLogin(member)).accessToken, 'u1')
})

t.test('makes a GET link, and confirms its token to Online Contact', async t => {
  let at = now
  const oc = await withOptions(t, { now: () => at })
  const pages: Array<[HelpCentrePage | undefined, string]> = [[undefined, '/shop/hc/'], [
    'inquiry',
    '/shop/hc/ticket/'
  ], ['history', '/shop/hc/ticket/list/']]
  for (const [page, path] of pages) {
    const link = new URL(
      await oc.link({ ...member, returnUrl: 'https://example.com/' } as typeof member, page)
    )
    t.equal(link.origin + link.pathname, url + path)
    t.strictSame([...link.searchParams.keys()], ['usercode', 'username', 'email', 'time', 'token'])
    t.notMatch(link.search, /\+/, 'everything is percent-encoded')
  }
  const token = new URL(await oc.link(member)).searchParams.get('token') ?? ''
  const queries: Record<string, [usercode: string, token: string, login: string | null]> = {
    'as issued': ['u1', token, 'u1'],
    'asked again': ['u1', token, 'u1'],
    'another member': ['u2', token, null],
    'a token of ours that was not issued as a link': [
      'u1',
      (await oc.signMember({ ...member, phone: '1' })).token,
      null
    ],
    'a malformed token': ['u1', token.slice(1), null],
    nothing: ['', '', null]
  }
  for (const [name, [usercode, text, expected]] of Object.entries(queries)) {
    t.strictSame(await oc.checkIssuedToken(usercode, text), loginStatus(expected), name)
  }

  let plus = ''
  for (let phone = 0; !plus.includes('+'); phone++) {
    plus = new URL(await oc.link({ ...member, phone: String(phone) })).searchParams.get('token') ??
      ''
  }
  t.strictSame(
    await oc.checkIssuedToken('u1', plus.replaceAll('+', ' ')),
    loginStatus('u1'),
    'a plus sign received as a space'
  )
  at += 180_000
  t.strictSame(await oc.checkIssuedToken('u1', plus), loginStatus(null), 'the token has expired')

  await t.rejects(oc.link({ usercode: 'u1', email: ' ' }), { name: 'InputError', message: /email/ })
  await t.rejects(oc.link({ usercode: 'u1' } as typeof member), {
    name: 'InputError',
    message: /email/
  })
  await t.rejects(oc.link(member, 'toString' as 'home'), {
    name: 'TypeError',
    message: /page must be one of home, inquiry, history/
  })
})

t.test('uses a custom token store', async t => {
  const stored = new Map<string, string>()
  const lifetimes: unknown[] = []
  const tokens: ExpiringStore = {
    putIfAbsent: async (key, usercode, ttlMs) => {
      lifetimes.push(ttlMs)
      const live = stored.get(key) ?? null
      if (live === null) stored.set(key, usercode)
      return live
    },
    get: async key => stored.get(key) ?? null,
    replace: async (key, expected, value, ttlMs) => {
      lifetimes.push(`again ${ttlMs}`)
      return stored.get(key) === expected && stored.set(key, value).size > 0
    },
    delete: async () => {}
  }
  const oc = await withOptions(t, { tokens, tolerance: { pastMs: 60_000, futureMs: 1000 } })
  const token = new URL(await oc.link(member)).searchParams.get('token') ?? ''
  t.strictSame(
    [...stored],
    [[`token:${createHash('sha256').update(token).digest('hex')}`, 'u1']],
    'the store holds no token'
  )
  t.strictSame(lifetimes, [60_000])
  await oc.link(member)
  t.strictSame(lifetimes, [60_000, 60_000, 'again 60000'], 'a repeated link gets a new lifetime')
  t.strictSame(await oc.checkIssuedToken('u1', token), { login: 'true', usercode: 'u1' })

  const fails = () => {
    throw new Error('down')
  }
  const down = await withOptions(t, {
    tokens: { putIfAbsent: fails, get: async () => fails(), replace: fails, delete: fails }
  })
  const unavailable = { code: 'FST_CC_TOKEN_STORE_UNAVAILABLE', statusCode: 503 }
  await t.rejects(down.link(member), unavailable)
  await t.rejects(down.checkIssuedToken('u1', token), unavailable)
})

t.test('a full token store answers 503, and never drops a live token', async t => {
  let at = now
  const oc = await withOptions(t, {
    tokens: memoryStore({ capacity: 1, now: () => at }),
    now: () => at
  })
  const token = new URL(await oc.link(member)).searchParams.get('token') ?? ''
  at++
  await t.rejects(oc.link(member), new TokenStoreUnavailable())
  t.strictSame(await oc.checkIssuedToken('u1', token), loginStatus('u1'))
  at += 180_000
  await oc.link(member)
  t.strictSame(await oc.checkIssuedToken('u1', token), loginStatus(null))
  for (const tokens of [{}, 5, null, { putIfAbsent () {}, get () {}, replace () {} }]) {
    await t.rejects(withOptions(t, { tokens: tokens as never }), {
      code: 'FST_CC_OPTION_INVALID',
      message: /"tokens" must be a store with the functions putIfAbsent, get, replace, delete/
    })
  }
})

/** A token query, as a route without a schema passes it on. */
const strange: Record<string, [usercode: unknown, token: unknown]> = {
  'no token': ['u1', undefined],
  'a token twice': ['u1', ['a', 'b']],
  'a token in a list': ['u1', ['A'.repeat(43) + '=']],
  'no member': [undefined, 'A'.repeat(43) + '='],
  'a member in a list': [['u1'], 'A'.repeat(43) + '='],
  neither: [undefined, undefined]
}

t.test('regression: a query with no token or two tokens crashed', async t => {
  const tokens = { ...memoryStore(), get: () => 'u1' }
  const oc = await withOptions(t, { tokens })
  for (const [name, [usercode, token]] of Object.entries(strange)) {
    t.strictSame(await oc.checkIssuedToken(usercode as string, token as string), {
      login: 'false',
      usercode: null
    }, name)
  }
  const app = await build(t, async app => {
    await app.register(onlineContact, { keys, url, service: 'shop', now: () => now })
    app.get('/verify-token', async request => {
      const { usercode, token } = request.query as { usercode: string, token: string }
      return await app.onlineContact.checkIssuedToken(usercode, token)
    })
  })
  const token = new URL(await app.onlineContact.link(member)).searchParams.get('token') ?? ''
  const verifyToken = async (query: string): Promise<unknown> =>
    (await app.inject(`/verify-token?${query}`)).json()
  t.strictSame(
    await verifyToken(`usercode=u1&token=${encodeURIComponent(token)}`),
    loginStatus('u1')
  )
  for (
    const query of [
      '',
      'usercode=u1',
      `token=${encodeURIComponent(token)}`,
      `usercode=u1&token=${encodeURIComponent(token)}&token=x`,
      `usercode=u1&usercode=u1&token=${encodeURIComponent(token)}`
    ]
  ) {
    t.strictSame(await verifyToken(query), loginStatus(null), query)
  }
})

const noRedis = await missing('Redis on 127.0.0.1:6379', () => listensOn(6379))

t.test('every process sees issued links in Redis, and Redis expires them', {
  skip: noRedis
}, async t => {
  const { io, node, prefix } = await redisClients(t)
  const first = redisStore({ client: io, prefix })
  const second = redisStore({ client: node, prefix })
  const issuing = await withOptions(t, { tokens: first })
  const app = await withOptions(t, { tokens: second })
  const token = new URL(await issuing.link(member)).searchParams.get('token') ?? ''
  t.strictSame(await app.checkIssuedToken('u1', token), loginStatus('u1'))
  t.strictSame(await app.checkIssuedToken('u2', token), loginStatus(null))
  t.notMatch(await io.keys(`${prefix}*`), token, 'Redis holds digests, not tokens')
})

t.test('answers 503 if Redis does not answer', async t => {
  const clients: Record<string, RedisClient> = {
    slow: { call: async () => await new Promise(() => {}) },
    down: {
      sendCommand: async () => {
        throw new Error('ECONNREFUSED')
      }
    }
  }
  for (const [name, client] of Object.entries(clients)) {
    const oc = await withOptions(t, { tokens: redisStore({ client, timeoutMs: 10 }) })
    const unavailable = { code: 'FST_CC_TOKEN_STORE_UNAVAILABLE', statusCode: 503 }
    await t.rejects(oc.link(member), unavailable, name)
    await t.rejects(oc.checkIssuedToken('u1', 'A'.repeat(43) + '='), unavailable, name)
  }
})

t.test('allows only return URLs on listed hosts', async t => {
  const hosts = [
    'example.com',
    'shop.example.com:8443',
    'localhost:3000',
    '127.0.0.1:3000',
    '[::1]:3000',
    ''
  ]
  const allowed = [
    'https://example.com',
    'https://example.com/',
    'https://example.com/a?b=//c#d',
    'https://example.com?x',
    'https://example.com#x',
    'https://shop.example.com:8443/',
    'http://localhost:3000/x',
    'http://127.0.0.1:3000/',
    'http://[::1]:3000/'
  ]
  for (const url of allowed) t.ok(isAllowedReturnUrl(url, hosts), url)
  const refused = [
    '',
    '/hc/',
    '//example.com/',
    '///example.com',
    'example.com',
    'http://example.com/',
    'https://www.example.com/',
    'https://example.com.evil.test/',
    'https://example.com@evil.test/',
    'https://evil.test/?https://example.com',
    'https://user@example.com/',
    'https://@example.com/',
    'https://:@example.com/',
    'https://example.com:8443/',
    'https://example.com:443/',
    'https:/example.com/',
    'https:example.com',
    'https:///example.com/',
    'https:\\\\example.com/',
    'https://example.com\\@evil.test/',
    'https://example.com/\\evil.test',
    'https://exam\tple.com/',
    ' https://example.com/',
    'https://example.com/\n',
    'https://example.com/\u0000',
    'HTTPS://EXAMPLE.COM/',
    'https://example.com./',
    'https://ex\u00adample.com/',
    'https://ｅxample.com/',
    'javascript:alert(1)//example.com',
    'data:text/html,x',
    'blob:https://example.com/x',
    'ftp://example.com/',
    'file:///etc/passwd',
    'http://localhost:3001/',
    'https://example.com/\ud800',
    'https://%65xample.com/',
    'ftp://localhost:3000/',
    'ws://localhost:3000/'
  ]
  for (const url of refused) t.notOk(isAllowedReturnUrl(url, hosts), JSON.stringify(url))
  t.notOk(isAllowedReturnUrl(undefined as unknown as string, hosts))
})

t.test('N5: a host without a port allows no other port', t => {
  const url = 'http://127.0.0.1:3000/after'
  t.notOk(isAllowedReturnUrl(url, ['127.0.0.1']))
  t.ok(isAllowedReturnUrl(url, ['127.0.0.1:3000']))
  t.notOk(isAllowedReturnUrl('https://example.com:8443/', ['example.com']))
  t.end()
})

t.test('adds the member to the return URL of a server-side login', async t => {
  const oc = await withOptions(t)
  t.equal(
    oc.returnUrlWith(`${url}/shop/hc/ticket/list/`, { usercode: 'u 1', time: '5' }),
    `${url}/shop/hc/ticket/list/?usercode=u+1&time=5`
  )
  const cases: Record<string, [query: string, expected: string]> = {
    'no query': ['', '?usercode=u1&time=5'],
    'an empty one': ['?', '?usercode=u1&time=5'],
    "another member's id is replaced": [
      '?a=1&usercode=x&usercode=y#f',
      '?a=1&usercode=u1&time=5#f'
    ],
    'other spellings and a time are replaced': [
      '?usercod%65=x&time&a=1&time=4',
      '?a=1&usercode=u1&time=5'
    ],
    'only those parameters': ['?usercode=x', '?usercode=u1&time=5'],
    'names that only look alike stay': [
      '?xusercode=1&Time=2&a=usercode',
      '?xusercode=1&Time=2&a=usercode&usercode=u1&time=5'
    ],
    'a question mark is part of a name': ['??usercode=x', '??usercode=x&usercode=u1&time=5'],
    'regression: the query was re-encoded': [
      '?q=a%20b&flag&p=~a',
      '?q=a%20b&flag&p=~a&usercode=u1&time=5'
    ],
    'regression: empty parts were dropped': ['?&a&&b=&', '?&a&&b=&&usercode=u1&time=5']
  }
  for (const [name, [query, expected]] of Object.entries(cases)) {
    t.equal(
      returnUrlWith(`https://example.com/${query}`, { usercode: 'u1', time: '5' }),
      `https://example.com/${expected}`,
      name
    )
  }
})

t.test('sends the login status as strings, and reads strings and booleans', async t => {
  const oc = await withOptions(t)
  t.strictSame(oc.loginStatus('u1'), { login: 'true', usercode: 'u1' })
  t.strictSame(oc.loginStatus(null), { login: 'false', usercode: null })
  for (const login of ['true', true] as const) {
    t.equal(loggedInMember({ login, usercode: 'u1' }), 'u1')
  }
  for (const login of ['false', false] as const) {
    t.equal(loggedInMember({ login, usercode: 'u1' }), null)
  }
  const app = await build(
    t,
    app =>
      app.get('/', { schema: { response: { 200: LoginStatus } } }, async () => loginStatus('u1'))
  )
  t.strictSame(
    (await app.inject('/')).json(),
    { login: 'true', usercode: 'u1' },
    'the schema keeps the string'
  )
})

t.test('signs calls of the OpenAPI (no vector confirms them)', async t => {
  const call: OpenApiCall = {
    organizationId: 'org',
    uri: '/shop/openapi/v1/ticket.json',
    time: String(now)
  }
  const messages: Record<string, [Partial<OpenApiCall>, string]> = {
    nothing: [{}, ''],
    'values by name': [{ query: { b: '2', B: '0', a: ['1', '9'], c: [] } }, '0&1&2&'],
    'a long value': [{ query: { a: '12', b: ['34'], c: '' } }, '12&34&'],
    'a body': [{ body: '{"a":1}' }, '{"a":1}'],
    'a body of bytes': [{ body: Buffer.from('{"a":"é"}') }, '{"a":"é"}'],
    both: [{ query: { a: '1' }, body: '{}' }, '1&{}'],
    'an empty body': [{ query: { a: '1' }, body: '' }, '1'],
    'a file': [
      { query: { a: '1' }, fileMd5: 'd41d8cd98f00b204e9800998ecf8427e' },
      '1&d41d8cd98f00b204e9800998ecf8427e'
    ]
  }
  for (const [name, [more, values]] of Object.entries(messages)) {
    const message = `org/shop/openapi/v1/ticket.json${values}${now}`
    t.equal(openApiMessage({ ...call, ...more }), message, name)
    t.strictSame(signOpenApi({ ...call, ...more }, keys), {
      authorization: hmacSha256(keys, message).toString('base64'),
      'x-tc-timestamp': String(now)
    }, name)
  }
  const refused: Record<string, Partial<OpenApiCall>> = {
    'a query in the uri': { uri: '/x?a=1' },
    'a whole address': { uri: 'https://example.com/x' },
    'a time that is not digits': { time: '1e3' },
    'a digest that is too long': { fileMd5: 'd41d8cd98f00b204e9800998ecf8427e0' },
    'a digest with more before it': { fileMd5: '0d41d8cd98f00b204e9800998ecf8427e' },
    'a digest in capitals': { fileMd5: 'D41D8CD98F00B204E9800998ECF8427E' },
    'ill-formed text': { query: { a: '\ud800' } },
    'bytes that are not UTF-8': { body: Buffer.from([0xff]) }
  }
  for (const [name, refusedCall] of Object.entries(refused)) {
    t.throws(() => signOpenApi({ ...call, ...refusedCall }, keys), InputError, name)
  }
  t.throws(
    () => signOpenApi({ ...call, body: 'x', fileMd5: 'd41d8cd98f00b204e9800998ecf8427e' }, keys),
    TypeError
  )
  t.throws(() => signOpenApi(call, ''), TypeError)
  const mistyped: Record<string, [object, RegExp]> = {
    'regression: a number in the query was signed as nothing': [
      { query: { page: 1 } },
      /^query\.page must be a string$/
    ],
    'a number in a list': [{ query: { page: [1, 2] } }, /^query\.page must be/],
    'undefined in the query': [{ query: { page: undefined } }, /^query\.page must be/],
    'undefined in a list': [{ query: { page: [undefined] } }, /^query\.page must be/],
    'regression: a missing id was signed as "undefined"': [
      { organizationId: undefined },
      /^organizationId must be/
    ],
    'an id that is a number': [{ organizationId: 7 }, /^organizationId must be/],
    'no uri': [{ uri: undefined }, /^uri must be/],
    'a uri that is a URL': [{ uri: new URL('https://example.com/x') }, /^uri must be/],
    'a time that is a number': [{ time: now }, /^time must be/],
    'a body that is an object': [{ body: { a: 1 } }, /^body must be/],
    'a body that is a number': [{ body: 1 }, /^body must be/],
    'a digest in a list': [{ fileMd5: ['d41d8cd98f00b204e9800998ecf8427e'] }, /^fileMd5 must be/]
  }
  for (const [name, [mistypedCall, message]] of Object.entries(mistyped)) {
    t.throws(() => signOpenApi({ ...call, ...mistypedCall } as OpenApiCall, keys), {
      name: 'TypeError',
      message
    }, name)
  }
})
