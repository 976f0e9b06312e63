import { createHash } from 'node:crypto'
import Fastify from 'fastify'
import onlineContact, {
  isAllowedReturnUrl, loggedInMember, loginStatus, LoginStatus, memoryIssuedTokens, openApiMessage, returnUrlWith, signOpenApi, TokenStoreUnavailable,
  type HelpCentrePage, type IssuedTokens, type OnlineContactOptions, type OpenApiCall
} from 'fastify-contact-center/online-contact'
import { hmacSha256, InputError } from 'fastify-contact-center/kit'
import t from 'tap'
import { build, now } from '../helper.ts'

const keys = 'a-key-of-at-least-16'
const url = 'https://demo.oc.nhncloud.com'
const member = { usercode: 'u1', username: 'Hong', email: 'hong+1@example.com' }
const withOptions = async (t: Parameters<typeof build>[0], options: Partial<OnlineContactOptions> = {}) =>
  (await build(t, app => app.register(onlineContact, { keys, url, service: 'shop', now: () => now, ...options }))).onlineContact

t.test('the login form posts the signed fields, escaped', async t => {
  const oc = await withOptions(t)
  const username = '"><script>alert(1)</script>\''
  const page = await oc.loginForm({ ...member, username }, { returnUrl: 'https://example.com/?a=1&b=2', nonce: 'r4nd0m', lang: 'ko', title: '<고객센터>', button: '계속' })
  const inputs = new Map(Array.from(page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g), ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', '\'').replaceAll('&amp;', '&')]))
  t.strictSame(Object.fromEntries(inputs), await oc.signMember({ ...member, username, returnUrl: 'https://example.com/?a=1&b=2' }))
  t.equal(page.match(/<script/g)?.length, 1)
  t.match(page, '<form id="online-contact" method="post" action="https://demo.oc.nhncloud.com/v2/enduser/remote.json"')
  t.match(page, '<script nonce="r4nd0m">')
  t.match(page, '<html lang="ko">')
  t.match(page, '&lt;고객센터&gt;')
  t.match(page, '<button>계속</button>')
  const plain = await oc.loginForm({ ...member, returnUrl: 'https://example.com/' })
  t.match(plain, '<script>document')
  t.match(plain, 'name="returnUrl" value="https://example.com/"')
  t.notMatch(await oc.loginForm(member), 'returnUrl')
  for (const part of ['<html lang="en">', '<title>Help centre</title>', '<button>Continue</button>']) t.match(plain, part, 'by default')
  await t.rejects((await withOptions(t, { url: undefined as never })).loginForm(member), { code: 'FST_CC_OPTION_INVALID', message: /"url" is needed/ })
})

t.test('the server-side login', async t => {
  const oc = await withOptions(t)
  const success = { header: { resultCode: 200, resultMessage: '', isSuccessful: true }, result: { content: 'a/token?' } }
  const answering = (answer: unknown, status = 200) => async () => Response.json(answer, { status })
  let sent: unknown[] = []
  const done = await oc.serverLogin({ ...member, returnUrl: 'https://example.com/' }, {
    fetch: async (input, init) => {
      sent = [input, init]
      return Response.json(success)
    }
  })
  t.strictSame(done, { accessToken: 'a/token?', helpCentreUrl: `${url}/shop/hc/?accessToken=a%2Ftoken%3F`, usercode: 'u1', time: String(now) })
  t.equal(oc.helpCentreUrl('a/token?'), done.helpCentreUrl)
  t.equal(sent[0], `${url}/api/v2/enduser/remote.json`)
  t.equal(String((sent[1] as RequestInit).body), String(new URLSearchParams(await oc.signMember(member))), 'a form without returnUrl')
  t.match(sent[1], { method: 'POST', redirect: 'error' })

  const refusal = { header: { resultCode: 403, resultMessage: 'Access Denied', isSuccessful: false }, result: null }
  const failures: Record<string, [typeof globalThis.fetch, string, number]> = {
    'a refusal': [answering(refusal), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    'a refusal with a status': [answering(refusal, 403), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    'a success with a failure\'s status': [answering(success, 500), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    'a success without a token': [answering({ ...success, result: null }), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    'an empty token': [answering({ ...success, result: { content: '' } }), 'FST_CC_REMOTE_LOGIN_REFUSED', 502],
    'another shape': [answering({ accessToken: 'x' }), 'FST_CC_REMOTE_LOGIN_FAILED', 502],
    'no JSON': [async () => new Response('<html>'), 'FST_CC_REMOTE_LOGIN_FAILED', 502],
    'no connection': [async () => { throw new TypeError('fetch failed') }, 'FST_CC_REMOTE_LOGIN_FAILED', 502],
    'no answer': [async (_input, init) => await new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
    }), 'FST_CC_REMOTE_LOGIN_TIMED_OUT', 504]
  }
  for (const [name, [fetch, code, statusCode]] of Object.entries(failures)) {
    // What keeps the loop alive while a timer that does not is waited for.
    const alive = setTimeout(() => {}, 10_000)
    await t.rejects(oc.serverLogin(member, { fetch, timeoutMs: statusCode === 504 ? 20 : 10_000 }), { code, statusCode, message: /^Online Contact/ }, name)
    clearTimeout(alive)
  }
})

t.test('over real HTTP, with the global fetch', async t => {
  const vendor = Fastify()
  t.after(() => vendor.close())
  vendor.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request: unknown, text: string) => text)
  vendor.post('/api/v2/enduser/remote.json', async request => ({
    header: { resultCode: 200, resultMessage: '', isSuccessful: true }, result: { content: new URLSearchParams(String(request.body)).get('usercode') }
  }))
  const oc = await withOptions(t, { url: await vendor.listen({ host: '127.0.0.1', port: 0 }) })
  t.equal((await oc.serverLogin(member)).accessToken, 'u1')
})

t.test('a GET link, and what Online Contact is told about its token', async t => {
  let at = now
  const oc = await withOptions(t, { now: () => at })
  const pages: Array<[HelpCentrePage | undefined, string]> = [[undefined, '/shop/hc/'], ['inquiry', '/shop/hc/ticket/'], ['history', '/shop/hc/ticket/list/']]
  for (const [page, path] of pages) {
    const link = new URL(await oc.link({ ...member, returnUrl: 'https://example.com/' } as typeof member, page))
    t.equal(link.origin + link.pathname, url + path)
    t.strictSame([...link.searchParams.keys()], ['usercode', 'username', 'email', 'time', 'token'])
    t.notMatch(link.search, /\+/, 'everything is percent-encoded')
  }
  const token = new URL(await oc.link(member)).searchParams.get('token') ?? ''
  const asked: Record<string, [usercode: string, token: string, login: string | null]> = {
    'as issued': ['u1', token, 'u1'],
    'asked again': ['u1', token, 'u1'],
    'another member': ['u2', token, null],
    'a token of ours that was not issued as a link': ['u1', (await oc.signMember({ ...member, phone: '1' })).token, null],
    'a malformed token': ['u1', token.slice(1), null],
    nothing: ['', '', null]
  }
  for (const [name, [usercode, text, who]] of Object.entries(asked)) t.strictSame(await oc.checkIssuedToken(usercode, text), loginStatus(who), name)

  let plus = ''
  for (let phone = 0; !plus.includes('+'); phone++) plus = new URL(await oc.link({ ...member, phone: String(phone) })).searchParams.get('token') ?? ''
  t.strictSame(await oc.checkIssuedToken('u1', plus.replaceAll('+', ' ')), loginStatus('u1'), 'a plus that came as a space')
  at += 180_000
  t.strictSame(await oc.checkIssuedToken('u1', plus), loginStatus(null), 'its time is over')

  await t.rejects(oc.link({ usercode: 'u1', email: ' ' }), { name: 'InputError', message: /email/ })
  await t.rejects(oc.link({ usercode: 'u1' } as typeof member), { name: 'InputError', message: /email/ })
  await t.rejects(oc.link(member, 'toString' as 'home'), { name: 'TypeError', message: /page must be one of home, inquiry, history/ })
})

t.test('a token store of one\'s own', async t => {
  const kept = new Map<string, string>()
  const seen: unknown[] = []
  const tokens: IssuedTokens = {
    remember: async (digest, usercode, ttlMs) => { kept.set(digest, usercode); seen.push(ttlMs) },
    find: async digest => kept.get(digest) ?? null
  }
  const oc = await withOptions(t, { tokens, tolerance: { pastMs: 60_000, futureMs: 1000 } })
  const token = new URL(await oc.link(member)).searchParams.get('token') ?? ''
  t.strictSame([...kept], [[createHash('sha256').update(token).digest('hex'), 'u1']], 'it holds no token')
  t.strictSame(seen, [60_000])
  t.strictSame(await oc.checkIssuedToken('u1', token), { login: 'true', usercode: 'u1' })

  const down = await withOptions(t, { tokens: { remember: () => { throw new Error('down') }, find: async () => { throw new Error('down') } } })
  const unavailable = { code: 'FST_CC_TOKEN_STORE_UNAVAILABLE', statusCode: 503 }
  await t.rejects(down.link(member), unavailable)
  await t.rejects(down.checkIssuedToken('u1', token), unavailable)
})

t.test('the memory store is bounded and never drops what is alive', async t => {
  let at = now
  const tokens = memoryIssuedTokens({ capacity: 2, now: () => at })
  tokens.remember('a', 'u1', 100)
  tokens.remember('b', 'u2', 50)
  t.throws(() => tokens.remember('c', 'u3', 100), { code: 'FST_CC_TOKEN_STORE_UNAVAILABLE' })
  t.equal(tokens.find('c'), null)
  tokens.remember('a', 'u1', 200)
  at += 49
  t.equal(tokens.find('b'), 'u2')
  at++
  t.equal(tokens.find('b'), null)
  tokens.remember('c', 'u3', 100)
  t.equal(tokens.find('a'), 'u1')
  t.equal(tokens.find('c'), 'u3')
  t.throws(() => tokens.remember('d', 'u4', 1), { code: 'FST_CC_TOKEN_STORE_UNAVAILABLE' })
  t.throws(() => memoryIssuedTokens({ capacity: 0 }), { code: 'FST_CC_OPTION_INVALID', message: /"capacity"/ })
  memoryIssuedTokens().remember('a', 'u1', 1)
  t.type(new TokenStoreUnavailable(), Error)
})

t.test('room is made for a token as soon as any other has ended, whichever was remembered last', async t => {
  let at = now
  const tokens = memoryIssuedTokens({ capacity: 2, now: () => at })
  tokens.remember('a', 'u1', 10)
  tokens.remember('b', 'u2', 20)
  at += 10
  tokens.remember('c', 'u3', 100)
  at += 10
  tokens.remember('d', 'u4', 100)
  t.strictSame(['a', 'b', 'c', 'd'].map(name => tokens.find(name)), [null, null, 'u3', 'u4'])
})

t.test('which return URLs are allowed', async t => {
  const hosts = ['example.com', 'shop.example.com:8443', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000', '']
  const allowed = ['https://example.com', 'https://example.com/', 'https://example.com/a?b=//c#d', 'https://example.com?x', 'https://example.com#x',
    'https://shop.example.com:8443/', 'http://localhost:3000/x', 'http://127.0.0.1:3000/', 'http://[::1]:3000/']
  for (const one of allowed) t.ok(isAllowedReturnUrl(one, hosts), one)
  const refused = ['', '/hc/', '//example.com/', '///example.com', 'example.com', 'http://example.com/', 'https://www.example.com/', 'https://example.com.evil.test/',
    'https://example.com@evil.test/', 'https://evil.test/?https://example.com', 'https://user@example.com/', 'https://@example.com/', 'https://:@example.com/',
    'https://example.com:8443/', 'https://example.com:443/', 'https:/example.com/', 'https:example.com', 'https:///example.com/', 'https:\\\\example.com/',
    'https://example.com\\@evil.test/', 'https://example.com/\\evil.test', 'https://exam\tple.com/', ' https://example.com/', 'https://example.com/\n', 'https://example.com/\u0000',
    'HTTPS://EXAMPLE.COM/', 'https://example.com./', 'https://ex\u00adample.com/', 'https://ｅxample.com/', 'javascript:alert(1)//example.com', 'data:text/html,x', 'blob:https://example.com/x',
    'ftp://example.com/', 'file:///etc/passwd', 'http://localhost:3001/', 'https://example.com/\ud800', 'https://%65xample.com/', 'ftp://localhost:3000/', 'ws://localhost:3000/']
  for (const one of refused) t.notOk(isAllowedReturnUrl(one, hosts), JSON.stringify(one))
  t.notOk(isAllowedReturnUrl(undefined as unknown as string, hosts))
})

t.test('the return URL of a server-side login', async t => {
  const oc = await withOptions(t)
  t.equal(oc.returnUrlWith(`${url}/shop/hc/ticket/list/`, { usercode: 'u 1', time: '5' }), `${url}/shop/hc/ticket/list/?usercode=u+1&time=5`)
  t.equal(returnUrlWith('https://example.com/?a=1&usercode=x&usercode=y#f', { usercode: 'u1', time: '5' }), 'https://example.com/?a=1&usercode=u1&time=5#f', 'it cannot bring another member\'s id')
})

t.test('login status is sent in strings, and read in both', async t => {
  const oc = await withOptions(t)
  t.strictSame(oc.loginStatus('u1'), { login: 'true', usercode: 'u1' })
  t.strictSame(oc.loginStatus(null), { login: 'false', usercode: null })
  for (const login of ['true', true] as const) t.equal(loggedInMember({ login, usercode: 'u1' }), 'u1')
  for (const login of ['false', false] as const) t.equal(loggedInMember({ login, usercode: 'u1' }), null)
  const app = await build(t, app => app.get('/', { schema: { response: { 200: LoginStatus } } }, async () => loginStatus('u1')))
  t.strictSame((await app.inject('/')).json(), { login: 'true', usercode: 'u1' }, 'the schema keeps the string')
})

t.test('OpenAPI calls (no vector confirms them)', async t => {
  const call: OpenApiCall = { organizationId: 'org', uri: '/shop/openapi/v1/ticket.json', time: String(now) }
  const messages: Record<string, [Partial<OpenApiCall>, string]> = {
    nothing: [{}, ''],
    'values by name': [{ query: { b: '2', B: '0', a: ['1', '9'], c: [] } }, '0&1&2&'],
    'a long value': [{ query: { a: '12', b: ['34'], c: undefined as never } }, '12&34&'],
    'a body': [{ body: '{"a":1}' }, '{"a":1}'],
    'a body of bytes': [{ body: Buffer.from('{"a":"é"}') }, '{"a":"é"}'],
    both: [{ query: { a: '1' }, body: '{}' }, '1&{}'],
    'an empty body': [{ query: { a: '1' }, body: '' }, '1'],
    'a file': [{ query: { a: '1' }, fileMd5: 'd41d8cd98f00b204e9800998ecf8427e' }, '1&d41d8cd98f00b204e9800998ecf8427e']
  }
  for (const [name, [more, values]] of Object.entries(messages)) {
    const message = `org/shop/openapi/v1/ticket.json${values}${now}`
    t.equal(openApiMessage({ ...call, ...more }), message, name)
    t.strictSame(signOpenApi({ ...call, ...more }, keys), { authorization: hmacSha256(keys, message).toString('base64'), 'x-tc-timestamp': String(now) }, name)
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
  for (const [name, bad] of Object.entries(refused)) t.throws(() => signOpenApi({ ...call, ...bad }, keys), InputError, name)
  t.throws(() => signOpenApi({ ...call, body: 'x', fileMd5: 'd41d8cd98f00b204e9800998ecf8427e' }, keys), TypeError)
  t.throws(() => signOpenApi(call, ''), TypeError)
})
