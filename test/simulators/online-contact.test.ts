import cors from '@fastify/cors'
import Fastify, { type FastifyInstance } from 'fastify'
import onlineContact, {
  isAllowedReturnUrl,
  LoginQuery,
  type OpenApiCall,
  signOpenApi,
  VerifyTokenQuery
} from 'fastify-contact-center/online-contact'
import t from 'tap'
import { freePort } from '../../examples/demo/free-port.ts'
import { onlineContactSimulator } from '../../examples/simulators/online-contact/app.ts'
import { Sessions } from '../../examples/simulators/online-contact/sessions.ts'
import { parseForm } from '../../examples/simulators/shared/form.ts'
import { now } from '../helper.ts'

const key = 'a-key-of-at-least-16'
const member = { usercode: 'u1', username: 'Hong <b>', email: 'hong+1@example.com' }

/** Starts our site and Online Contact, configured for each other. */
async function startBoth (
  t: { after: (end: () => Promise<unknown>) => void }
): Promise<{ site: FastifyInstance, siteUrl: string, vendor: FastifyInstance, vendorUrl: string }> {
  const site = Fastify()
  t.after(() => site.close())
  const siteUrl = `http://127.0.0.1:${await freePort()}`
  const vendorUrl = `http://127.0.0.1:${await freePort()}`
  const vendor = await onlineContactSimulator({
    key,
    service: 'shop',
    url: vendorUrl,
    loginUrl: `${siteUrl}/login`,
    statusUrl: `${siteUrl}/status`,
    verifyTokenUrl: `${siteUrl}/verify`
  })
  t.after(() => vendor.close())
  await site.register(onlineContact, { keys: key, service: 'shop', url: vendorUrl })
  await site.register(cors, { origin: [vendorUrl], credentials: true })
  const { onlineContact: oc } = site
  site.get('/login', { schema: { querystring: LoginQuery } }, async (request, reply) => {
    const { returnUrl } = request.query as LoginQuery
    if (!isAllowedReturnUrl(returnUrl, [new URL(vendorUrl).host])) return reply.code(400).send()
    return reply.type('text/html').send(await oc.loginForm(member, { returnUrl }))
  })
  site.get(
    '/status',
    async request => oc.loginStatus(request.headers.cookie === 'member=u1' ? 'u1' : null)
  )
  site.get('/verify', { schema: { querystring: VerifyTokenQuery } }, async request => {
    const { usercode, token } = request.query as VerifyTokenQuery
    return await oc.checkIssuedToken(usercode, token)
  })
  await site.listen({ host: '127.0.0.1', port: Number(new URL(siteUrl).port) })
  await vendor.listen({ host: '127.0.0.1', port: Number(new URL(vendorUrl).port) })
  return { site, siteUrl, vendor, vendorUrl }
}

const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''
const visitorOf = async (response: Response) =>
  /You are (a guest|member <b>[^<]*)/.exec(await response.text())?.[1]

t.test('accepts a client-side login, and refuses forged twins', async t => {
  const { siteUrl, vendorUrl } = await startBoth(t)
  const returnUrl = `${vendorUrl}/shop/hc/ticket/`
  const login = `${siteUrl}/login?${new URLSearchParams({ returnUrl })}`
  const { action, fields } = parseForm(await (await fetch(login)).text(), login)
  const send = (more = {}) =>
    fetch(action, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, ...more }),
      redirect: 'manual'
    })

  const forged = await send({ usercode: 'u2' })
  t.equal(forged.status, 403)
  t.same(await forged.json(), {
    header: { resultCode: 403, resultMessage: 'Access Denied', isSuccessful: false },
    result: null
  })
  const otherReturnUrl = await send({ returnUrl: 'https://evil.test/' })
  t.equal(otherReturnUrl.status, 403, 'the return URL is signed')

  const done = await send()
  t.equal(done.status, 302)
  t.equal(done.headers.get('location'), returnUrl)
  t.match(done.headers.get('set-cookie'), /HttpOnly/)
  t.equal(
    await visitorOf(await fetch(returnUrl, { headers: { cookie: cookieOf(done) } })),
    'member <b>u1'
  )
  t.equal(await visitorOf(await fetch(returnUrl)), 'a guest')
  t.equal((await send()).status, 403, 'a token works once')

  const events = await (await fetch(`${vendorUrl}/lab/events?since=2`)).json()
  t.match(events, [{ id: 3, kind: 'remote-login', outcome: 'accepted' }, {
    kind: 'remote-login',
    outcome: 'refused',
    detail: { code: 'FST_CC_REPLAYED' }
  }])
})

t.test('answers SUCCESS without a return URL', async t => {
  const { site, vendorUrl } = await startBoth(t)
  const fields = { ...await site.onlineContact.signMember(member), returnUrl: ' ' }
  const response = await fetch(`${vendorUrl}/v2/enduser/remote.json`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual'
  })
  t.equal(await response.text(), 'SUCCESS', 'a blank return URL is neither signed nor followed')
})

t.test('server-side login: an access token works once', async t => {
  const { site, vendorUrl } = await startBoth(t)
  const { helpCentreUrl } = await site.onlineContact.serverLogin(member)
  const first = await fetch(helpCentreUrl)
  t.equal(await visitorOf(first), 'member <b>u1')
  t.equal(await visitorOf(await fetch(helpCentreUrl)), 'a guest')
  t.equal(
    await visitorOf(await fetch(`${vendorUrl}/shop/hc/`, { headers: { cookie: cookieOf(first) } })),
    'member <b>u1'
  )
  await t.rejects(site.onlineContact.serverLogin({ ...member, time: Date.now() - 180_001 }), {
    code: 'FST_CC_REMOTE_LOGIN_REFUSED'
  }, 'older than three minutes')
  await t.rejects(site.onlineContact.serverLogin({ ...member, service: 'other' }), {
    code: 'FST_CC_REMOTE_LOGIN_REFUSED'
  })
})

t.test('keeps a bounded number of access tokens', async t => {
  const sessions = new Sessions()
  const [first = '', second = ''] = Array.from(
    { length: 10_001 },
    () => sessions.issueAccessToken('u1')
  )
  t.same(
    [sessions.redeem(first), sessions.redeem(second)],
    [null, 'u1'],
    'the oldest token is removed'
  )
})

t.test('GET link: Online Contact checks the signature, and asks our site about the token', async t => {
  const { site, vendorUrl } = await startBoth(t)
  const link = await site.onlineContact.link(member, 'history')
  t.equal(
    await visitorOf(await fetch(link.replace('usercode=u1', 'usercode=u2'))),
    'a guest',
    'a forged link'
  )
  const opened = await fetch(link)
  t.equal(await visitorOf(opened), 'member <b>u1')
  t.ok(cookieOf(opened))
  t.equal(await visitorOf(await fetch(link)), 'a guest', 'a copy')

  const { service: _, ...fields } = await site.onlineContact.signMember({ ...member, phone: '1' })
  t.equal(
    await visitorOf(await fetch(`${vendorUrl}/shop/hc/?${new URLSearchParams(fields)}`)),
    'a guest',
    'signed, but never issued as a link'
  )
  const after = await site.onlineContact.link({ ...member, phone: '2' })
  await site.close()
  t.equal(await visitorOf(await fetch(after)), 'a guest', 'our site does not answer')
  t.match(await (await fetch(`${vendorUrl}/lab`)).text(), /did not confirm the link/)
})

t.test('reads the login status like a browser', async t => {
  const { siteUrl, vendorUrl } = await startBoth(t)
  const checkStatus = async (body: object) =>
    await (await fetch(`${vendorUrl}/lab/check-status`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })).json()
  t.match(await checkStatus({ cookie: 'member=u1' }), {
    status: 200,
    readable: true,
    usercode: 'u1',
    headers: { 'access-control-allow-origin': vendorUrl }
  })
  t.match(await checkStatus({ cookie: 'member=forged' }), { readable: true, usercode: null })
  t.match(await checkStatus({ cookie: 'member=u1', origin: 'https://evil.test' }), {
    readable: false
  })
  const page = await (await fetch(`${vendorUrl}/shop/hc/?iframe=true`)).text()
  t.match(page, `data-url="${siteUrl}/status"`)
  t.match(page, "credentials: 'include'")
  t.match(page, 'parent.postMessage(')
  t.notMatch(await (await fetch(`${vendorUrl}/shop/hc/`)).text(), 'parent.postMessage(')
  t.match(
    page,
    `href="${siteUrl}/login?returnUrl&#61;${encodeURIComponent(`${vendorUrl}/shop/hc/`)}"`
  )
  t.equal((await fetch(`${vendorUrl}/other/hc/`)).status, 404)
})

t.test('without guest inquiries, guests are sent to the login URL', async t => {
  const { siteUrl, vendorUrl } = await startBoth(t)
  const set = async (payload: object) =>
    await fetch(`${vendorUrl}/lab/settings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload)
    })
  t.equal((await set({ guests: 'off' })).status, 200)
  const inquiry = await fetch(`${vendorUrl}/shop/hc/ticket/`, { redirect: 'manual' })
  t.equal(inquiry.status, 302)
  t.equal(
    inquiry.headers.get('location'),
    `${siteUrl}/login?returnUrl=${encodeURIComponent(`${vendorUrl}/shop/hc/ticket/`)}`
  )
  t.equal(
    await visitorOf(await fetch(`${vendorUrl}/shop/hc/`)),
    'a guest',
    'the start page is open to guests'
  )
  await set({ guests: 'on' })
  t.equal(await visitorOf(await fetch(`${vendorUrl}/shop/hc/ticket/`)), 'a guest')
})

t.test('refuses logins with a wrong clock or another service', async t => {
  const { site, vendorUrl } = await startBoth(t)
  const set = async (payload: object) =>
    await fetch(`${vendorUrl}/lab/settings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload)
    })
  for (const clock of ['181', '-181']) {
    await set({ clock })
    await t.rejects(
      site.onlineContact.serverLogin(member),
      { code: 'FST_CC_REMOTE_LOGIN_REFUSED' },
      clock
    )
  }
  await set({ clock: '0', service: 'other' })
  await t.rejects(site.onlineContact.serverLogin(member), { code: 'FST_CC_REMOTE_LOGIN_REFUSED' })
  t.equal((await fetch(`${vendorUrl}/shop/hc/`)).status, 404)
  await set({ service: 'shop', answers: 'garbled' })
  await t.rejects(site.onlineContact.serverLogin(member), { code: 'FST_CC_REMOTE_LOGIN_FAILED' })
})

t.test('reports a site that does not answer', async t => {
  const { site, vendorUrl } = await startBoth(t)
  const postJson = async (path: string, body: object) =>
    await (await fetch(vendorUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })).json()
  const { token } = Object.fromEntries(new URL(await site.onlineContact.link(member)).searchParams)
  t.same(await postJson('/lab/check-token', { usercode: 'u1', token }), {
    usercode: 'u1',
    issued: true
  })
  t.same(await postJson('/lab/check-token', { usercode: 'u2', token }), {
    usercode: 'u2',
    issued: false
  })
  await site.close()
  t.match(await postJson('/lab/check-status', {}), {
    status: null,
    readable: false,
    usercode: null
  })
  t.match(
    await (await fetch(`${vendorUrl}/lab`)).text(),
    /id="status-answer" class="refused"[^]*id="token-answer" class="refused"/
  )
})

t.test('checks the signature of OpenAPI calls, and explains a wrong one', async t => {
  const openApiKey = 'the-key-of-the-open-api'
  const app = await onlineContactSimulator({
    key,
    service: 'shop',
    organization: 'org',
    openApiKey,
    now: () => now
  })
  t.after(() => app.close())
  const uri = '/shop/openapi/v1/ticket.json'
  const time = String(now)
  const send = async (
    call: Partial<OpenApiCall>,
    { search = '', method = 'POST', payload = '', type = 'application/json' }: {
      search?: string,
      method?: 'GET' | 'POST',
      payload?: string,
      type?: string
    } = {},
    signedWith = openApiKey
  ) => {
    const headers = {
      ...signOpenApi({ organizationId: 'org', uri, time, ...call }, signedWith),
      ...payload !== '' && { 'content-type': type }
    }
    const reply = await app.inject({
      method,
      url: uri + search,
      headers,
      ...payload !== '' && { payload }
    })
    const [event] = (await app.inject('/lab/events')).json().slice(-1)
    return { status: reply.statusCode, text: event.text as string }
  }
  const query = { page: '1', a: '한 b' }
  const search = '?page=1&a=%ED%95%9C+b'
  t.match(await send({ query }, { search, method: 'GET' }), {
    status: 200,
    text: /signature is right/
  })
  t.match(await send({ query, body: '{"x": 1}' }, { search, payload: '{"x": 1}' }), { status: 200 })
  const upload =
    '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nhello\r\n--b--\r\n'
  t.match(
    await send({ fileMd5: '5d41402abc4b2a76b9719d911017c592' }, {
      payload: upload,
      type: 'multipart/form-data; boundary=b'
    }),
    { status: 200 }
  )

  const faults: Array<[RegExp, Partial<OpenApiCall>, Parameters<typeof send>[1]?, string?]> = [
    [/key or the signed text is different/, {}, {}, 'another-key-of-the-open-api'],
    [/the body is not signed/, {}, { payload: '{}' }],
    [/the organization id is not signed/, { organizationId: '' }],
    [/the parameters are not signed/, {}, { search, method: 'GET' }],
    [/as name=value/, { query: { page: 'page=1', a: 'a=한 b' } }, { search, method: 'GET' }],
    [/in the order of the query/, { query: { a: '1', b: '한 b' } }, { search, method: 'GET' }],
    [/more than five minutes/, { time: String(now - 300_001) }],
    [/more than five minutes/, { time: String(now + 300_001) }],
    [/upload is unreadable/, {}, { payload: 'x', type: 'multipart/form-data' }]
  ]
  for (const [text, call, sent, signedWith] of faults) {
    t.match(await send(call, sent, signedWith), { status: 403, text }, String(text))
  }
  const bare = await app.inject(uri)
  t.same({ status: bare.statusCode, body: bare.json() }, {
    status: 403,
    body: {
      header: { resultCode: 403, resultMessage: 'Access Denied', isSuccessful: false },
      result: null
    }
  })
})
