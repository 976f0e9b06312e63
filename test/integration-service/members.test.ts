import t from 'tap'
import { scheme } from 'fastify-contact-center/online-contact'
import { startStack } from '../../examples/demo/stack.ts'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { onEachStore, service, signIn, sqliteUrl } from './helper.ts'
import { Browser, hiddenFields } from './members-helper.ts'

const [{ login, password, name, phone, email }, second] = demoSignIns.members
const env = {
  MEMBER_RETURN_HOSTS: 'help.example,127.0.0.1:8081',
  ONLINE_CONTACT_ORIGINS: 'https://help.example, https://other.example'
}
const returnUrl = 'https://help.example/demo/hc/?a=1&b=2'
const loginFrom = (url: string, more = '') =>
  `/member/login?returnUrl=${encodeURIComponent(url)}${more}`

onEachStore(
  t,
  'a member who comes from Online Contact signs in, and signs out',
  async (t, DATABASE_URL) => {
    let now = Date.now()
    const { app } = await service(t, { ...env, DATABASE_URL }, { now: () => now })
    const browser = new Browser(app)
    const page = await browser.get(loginFrom(returnUrl))
    t.equal(page.statusCode, 200)
    t.match(
      page.headers['content-security-policy'],
      /script-src 'self' 'nonce-[^']+';.* form-action 'self' http:\/\/127\.0\.0\.1:8081 /
    )
    t.equal(page.headers['cache-control'], 'no-store')

    const form = await browser.post('/member/login', {
      ...hiddenFields(page.body),
      login,
      password
    })
    t.equal(form.statusCode, 200)
    t.match(
      form.body,
      /<form [^>]*method="post" action="http:\/\/127\.0\.0\.1:8081\/v2\/enduser\/remote\.json"/
    )
    const { token = '', ...fields } = hiddenFields(form.body)
    t.match(fields, {
      service: 'demo',
      usercode: login,
      username: name,
      email,
      phone,
      memberno: 'M-1001',
      returnUrl,
      time: String(now)
    })
    t.ok(
      scheme.verify(
        fields as unknown as Parameters<typeof scheme.verify>[0],
        token,
        demoSecrets.ONLINE_CONTACT_KEY
      ),
      'the form is signed'
    )
    const { 'content-security-policy': policy = '' } = form.headers
    const [, nonce] = /'nonce-([^']+)'/.exec(String(policy)) ?? []
    t.ok(form.body.includes(`<script nonce="${nonce}">`), 'its script may run')
    t.match(policy, /form-action http:\/\/127\.0\.0\.1:8081 https:\/\/help\.example/)
    const [cookie] = form.cookies
    t.match(
      form.headers['set-cookie'],
      /^member=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/
    )

    const status = async () => (await browser.get('/member/login-status')).json()
    t.same(await status(), { login: 'true', usercode: login })
    t.equal(
      (await browser.get(loginFrom(returnUrl))).body.includes('remote.json'),
      true,
      'a signed-in member continues at once'
    )
    const secondSignIn = await browser.fill('/member', '/member/login', { login, password })
    t.match([secondSignIn.statusCode, secondSignIn.headers.location], [303, '/member'])
    t.not(browser.cookies.get('member'), cookie?.value, 'each sign-in starts a new session')
    const old = await app.inject({
      url: '/member/login-status',
      headers: { cookie: `member=${cookie?.value}` }
    })
    t.same(old.json(), { login: 'false', usercode: null }, 'the old session has ended')

    const out = await browser.fill('/member', '/member/sign-out', {})
    t.equal(out.statusCode, 303)
    t.same(await status(), { login: 'false', usercode: null })
    t.same(await app.store.read(db => db.selectFrom('sessions').selectAll().execute()), [])

    await browser.signIn()
    now += 13 * 60 * 60 * 1000
    t.same(await status(), { login: 'false', usercode: null }, 'a session expires')
  }
)

t.test('never redirects to other addresses', async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  const token = hiddenFields((await browser.get('/member/login')).body)
  const signedIn = new Browser(app)
  await signedIn.signIn()
  for (
    const url of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      '\\\\evil.example',
      '/member',
      'javascript:alert(1)',
      'data:text/html,x',
      'https://help.example@evil.example/',
      'https://help.example:8443/',
      'https://help.example.evil.example/',
      'https://nothelp.example/',
      'http://help.example/',
      'https:help.example/',
      'https:///help.example/',
      'HTTPS://help.example/',
      'https://help.example\\@evil.example/',
      'https://help.example%2eevil.example/',
      ' https://help.example/',
      'https://help.example/\r\nx: y',
      'https://127.0.0.1:8081@evil.example/',
      'help.example'
    ]
  ) {
    for (
      const reply of [
        await browser.get(loginFrom(url)),
        await signedIn.get(loginFrom(url)),
        await signedIn.get(loginFrom(url, '&way=server')),
        await browser.post('/member/login', { ...token, login, password, returnUrl: url })
      ]
    ) {
      t.equal(reply.statusCode, 400, url)
      t.equal(reply.headers.location, undefined)
      t.notMatch(reply.body, 'evil')
      t.same(reply.cookies, [])
    }
  }
  t.equal(
    (await browser.get(`${loginFrom(returnUrl)}&returnUrl=https://evil.example/`)).statusCode,
    400,
    'one allowed address and one other'
  )
  for (const query of ['to=https://evil.example', 'to=//evil.example', 'way=ftp']) {
    t.equal((await browser.get(`/member/login?${query}`)).statusCode, 400, query)
  }
  t.match(
    (await browser.get(loginFrom('https://evil.example/'), { accept: 'application/json' })).json(),
    { code: 'SERVICE_RETURN_URL_REFUSED' }
  )
})

t.test('accepts return hosts whose names begin with http', async t => {
  const { app } = await service(t, {
    MEMBER_RETURN_HOSTS: 'httpd.example, http',
    DATABASE_URL: sqliteUrl(t)
  })
  const page = await new Browser(app).get(loginFrom('https://httpd.example/demo/hc/'))
  t.equal(page.statusCode, 200)
  t.match(
    page.headers['content-security-policy'],
    /form-action 'self' http:\/\/127\.0\.0\.1:8081 httpd\.example http;/
  )
})

t.test('refuses wrong sign-ins', async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  const replies = []
  for (
    const typed of [{ login, password: 'wrong' }, { login: 'nobody', password }, {
      login: demoSignIns.agents[0].login,
      password: demoSignIns.agents[0].password
    }]
  ) {
    const reply = await browser.fill(loginFrom(returnUrl), '/member/login', typed)
    t.equal(reply.statusCode, 401, typed.login)
    t.match(reply.body, /role="alert"[^>]*>Login or password is wrong</)
    t.match(hiddenFields(reply.body), { returnUrl }, 'the form keeps the return URL')
    replies.push(reply.body.replace(/value="[^"]*"/g, ''))
  }
  t.equal(new Set(replies).size, 1, 'the reply does not reveal which field was wrong')
  const quoted = await browser.fill('/member/login', '/member/login', {
    login: '"><script>x</script>',
    password
  })
  t.notMatch(quoted.body, '<script>x')
  t.notOk(browser.cookies.has('member'))
})

t.test('refuses forms of other sites', async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  await browser.signIn()
  const validToken = hiddenFields((await browser.get('/member')).body)
  const { _csrf: foreignToken = '' } = hiddenFields(
    (await new Browser(app).get('/member/login')).body
  )
  const typed: Record<string, Record<string, string>> = {
    '/member/login': { login, password },
    '/member/account': { name: 'Mallory', email, phone },
    '/member/sign-out': {}
  }
  for (const [url, fields] of Object.entries(typed)) {
    const cases: Array<[string, Record<string, string>, Record<string, string>]> = [
      ['no token', {}, {}],
      ['a wrong token', { _csrf: 'x' }, {}],
      ["another visitor's token", { _csrf: foreignToken }, {}],
      ['another origin', validToken, { origin: 'https://evil.example' }],
      ['another site', validToken, { 'sec-fetch-site': 'cross-site' }],
      ['text/plain, which needs no preflight', validToken, { 'content-type': 'text/plain' }],
      ["no cookie for the form's token", validToken, {
        cookie: `member=${browser.cookies.get('member')}`
      }]
    ]
    for (const [title, token, headers] of cases) {
      t.equal(
        (await browser.post(url, { ...fields, ...token }, headers)).statusCode,
        403,
        `${url}: ${title}`
      )
    }
  }
  t.match((await browser.get('/member')).body, name, 'the account is unchanged')
})

t.test('limits sign-ins by address and by login', async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) }, { signInsPerMinute: 2 })
  const browser = new Browser(app)
  const attempt = async (name: string) =>
    (await browser.fill('/member/login', '/member/login', { login: name, password: 'wrong' }))
      .statusCode
  t.same([await attempt(login), await attempt(login), await attempt(login)], [401, 401, 429])
  const statuses = []
  for (let index = 1; index < 6; index++) {
    browser.remoteAddress = `127.0.1.${index}`
    statuses.push(await attempt(login))
  }
  t.same(statuses, [401, 401, 401, 401, 429], 'one login from many addresses')
  t.equal(await attempt(second.login), 401, 'other members can sign in')
})

t.test("only Online Contact's origins can read the login status", async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  await browser.signIn()
  for (const origin of ['https://help.example', 'https://other.example']) {
    const reply = await browser.get('/member/login-status', { origin })
    t.match([
      reply.headers['access-control-allow-origin'],
      reply.headers['access-control-allow-credentials'],
      reply.headers['vary']
    ], [origin, 'true', 'Origin'])
    t.same(reply.json(), { login: 'true', usercode: login })
    t.equal(reply.headers['cache-control'], 'no-store')
  }
  for (
    const origin of [
      'https://evil.example',
      'null',
      'http://help.example',
      'https://help.example:444',
      'https://help.example.evil.example',
      'https://HELP.example'
    ]
  ) {
    const reply = await browser.get('/member/login-status', { origin })
    t.equal(reply.headers['access-control-allow-origin'], undefined, origin)
    t.equal(reply.headers['vary'], 'Origin')
  }
  for (
    const url of ['/member/login-status', '/api/calls', '/member/account', '/member/verify-token']
  ) {
    const preflight = await app.inject({
      method: 'OPTIONS',
      url,
      headers: { origin: 'https://help.example', 'access-control-request-method': 'POST' }
    })
    t.equal(preflight.statusCode, 404, `no preflight for ${url}`)
  }
  t.equal(
    (await browser.get('/member', { origin: 'https://help.example' }))
      .headers['access-control-allow-origin'],
    undefined
  )
})

onEachStore(t, 'issues links, and recognises its own', async (t, DATABASE_URL) => {
  let now = Date.now()
  const { app } = await service(t, { ...env, DATABASE_URL }, { now: () => now })
  const browser = new Browser(app)
  t.equal(
    (await browser.get('/member/help?way=link')).headers.location,
    '/member/login?to=help&way=link'
  )
  t.equal(
    (await browser.signIn('/member/login?to=help&way=link')).headers.location,
    '/member/help?way=link'
  )
  const reply = await browser.get('/member/help?way=link')
  t.match([reply.statusCode, reply.headers['cache-control']], [303, 'no-store'])
  const link = new URL(String(reply.headers.location))
  t.equal(link.origin + link.pathname, 'http://127.0.0.1:8081/demo/hc/')
  const token = link.searchParams.get('token') ?? ''
  const verifyToken = async (query: Record<string, string>) =>
    (await app.inject({ url: `/member/verify-token?${new URLSearchParams(query)}` })).json()
  t.same(await verifyToken({ usercode: login, token }), { login: 'true', usercode: login })
  t.same(await verifyToken({ usercode: login, token: token.replaceAll('+', ' ') }), {
    login: 'true',
    usercode: login
  })
  const rows = await app.store.read(db => db.selectFrom('expiring_entries').selectAll().execute())
  t.notMatch(JSON.stringify(rows), token, 'the store keeps a digest')
  const notLoggedIn = { login: 'false', usercode: null }
  t.same(await verifyToken({ usercode: second.login, token }), notLoggedIn, "another member's")
  t.same(
    await verifyToken({ usercode: login, token: `${'A'.repeat(43)}=` }),
    notLoggedIn,
    'unknown'
  )
  t.same(await verifyToken({ usercode: login, token: '' }), notLoggedIn, 'no token')
  const signedElsewhere = await app.onlineContact.signMember({ usercode: login, email })
  t.same(
    await verifyToken({ usercode: login, token: signedElsewhere.token }),
    notLoggedIn,
    'signed, but never issued as a link'
  )
  now += 181_000
  t.same(await verifyToken({ usercode: login, token }), notLoggedIn, 'expired')
})

t.test('the three ways into Online Contact work with its simulator', async t => {
  const { service: app, urls, close } = await startStack({
    firstPort: 0,
    env: { DATABASE_URL: sqliteUrl(t), LOG_LEVEL: 'silent' }
  })
  t.after(close)
  const browser = new Browser(app)
  await browser.signIn()
  for (const way of ['server', 'link']) {
    const { headers } = await browser.get(`/member/help?way=${way}`)
    t.match(await (await fetch(String(headers.location))).text(), /You are member <b>gildong</, way)
  }
  const form = await browser.get('/member/help')
  const sent = await fetch(`${urls.onlineContact}/v2/enduser/remote.json`, {
    method: 'POST',
    body: new URLSearchParams(hiddenFields(form.body)),
    redirect: 'manual'
  })
  t.match([sent.status, sent.headers.get('location')], [302, `${urls.onlineContact}/demo/hc/`])
  const direct = await browser.get(
    loginFrom(`${urls.onlineContact}/demo/hc/ticket/`, '&way=server')
  )
  t.match([direct.statusCode, direct.headers.location], [
    303,
    new RegExp(`^${urls.onlineContact}/demo/hc/ticket/\\?usercode=${login}&time=[0-9]{13}$`)
  ])

  const link = new URL(String((await browser.get('/member/help?way=link')).headers.location))
  link.searchParams.set('usercode', second.login)
  t.match(await (await fetch(link)).text(), /You are a guest/, 'a link with another member')
})

t.test('a server-side login reports that Online Contact is unavailable', async t => {
  const { app } = await service(t, {
    ...env,
    DATABASE_URL: sqliteUrl(t),
    ONLINE_CONTACT_URL: 'http://127.0.0.1:1'
  })
  const browser = new Browser(app)
  await browser.signIn()
  const reply = await browser.get('/member/help?way=server')
  t.match([reply.statusCode, reply.json()], [502, { code: 'FST_CC_REMOTE_LOGIN_FAILED' }])
})

t.test("neither an agent's nor a member's session opens the other's routes", async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  await browser.signIn()
  const member = browser.cookies.get('member') ?? ''
  const agent = (await signIn(app)).cookie.replace('agent=', '')
  const cookie = `agent=${member}; member=${agent}`
  for (
    const url of [
      '/api/calls',
      '/api/calls/1',
      '/api/chats',
      '/api/events',
      '/api/agents/session',
      '/chat/session'
    ]
  ) {
    t.equal((await app.inject({ url, headers: { cookie } })).statusCode, 401, url)
  }
  for (const url of ['/api/calls', '/api/calls/1/screen-pop']) {
    t.equal(
      (await app.inject({ method: 'POST', url, headers: { cookie }, payload: { number: '1' } }))
        .statusCode,
      401,
      url
    )
  }
  t.same((await app.inject({ url: '/member/login-status', headers: { cookie } })).json(), {
    login: 'false',
    usercode: null
  })
  for (const url of ['/member/help', '/member/chat']) {
    t.match(
      (await app.inject({ url, headers: { cookie } })).headers.location,
      /^\/member\/login\?/,
      url
    )
  }
  t.notMatch((await app.inject({ url: '/member', headers: { cookie } })).body, name)
})

t.test('a member changes the account; a guest has none', async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  t.match((await browser.get('/member')).body, /Help centre as a guest/)
  const token = hiddenFields((await browser.get('/member/login')).body)
  t.equal(
    (await browser.post('/member/account', { ...token, name, email, phone })).statusCode,
    401,
    'a guest'
  )
  await browser.signIn()
  const saved = await browser.fill('/member', '/member/account', {
    name: ' <b>Åse & Co</b> ',
    email: 'a@b.example',
    phone: '010-2222-3333'
  })
  t.match([saved.statusCode, saved.headers.location], [303, '/member?changed'])
  const page = (await browser.get('/member?changed')).body
  t.match(page, /role="status">Saved/)
  t.match(page, '+821022223333')
  t.notMatch(page, '<b>Åse')
  for (
    const [invalid, field] of [
      [{ name: ' ' }, 'name'],
      [{ name: 'a\nb' }, 'name'],
      [{ name: 'x'.repeat(51) }, 'name'],
      [{ email: 'nobody' }, 'email'],
      [{ phone: 'home' }, 'phone']
    ] as const
  ) {
    t.equal(
      (await browser.fill('/member', '/member/account', {
        name,
        email,
        phone: '010-2222-3333',
        ...invalid
      }))
        .statusCode,
      400,
      `${field} ${JSON.stringify(invalid)}`
    )
  }
  await app.store.commit(({ db }) => db.updateTable('members').set({ name: 'A & B' }).execute())
  const reply = await browser.get('/member/help')
  t.equal(reply.statusCode, 409, 'unsafe data is not signed')
  t.match(reply.body, /does not accept/)
})

t.test('pages', async t => {
  const { app } = await service(t, { ...env, DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  t.match(
    (await browser.get('/member/help-centre')).body,
    '<iframe id="ocPage" title="Help centre" src="http://127.0.0.1:8081/demo/hc/?iframe&#61;true"',
    'a guest sees the help centre'
  )
  await browser.signIn()
  const frame = await browser.get('/member/help-centre')
  t.match(frame.body, /<iframe id="ocPage" [^>]*src="[^"]*member\/login/)
  t.match(
    frame.headers['content-security-policy'],
    /frame-ancestors 'none'; frame-src 'self' http:\/\/127\.0\.0\.1:8081$/
  )
  for (
    const url of [
      '/assets/theme.css',
      '/assets/site.css',
      '/assets/chat.js',
      '/assets/help-frame.js',
      '/assets/account-changed.js',
      '/assets/icon.svg'
    ]
  ) t.equal((await app.inject(url)).statusCode, 200, url)
  for (const url of ['/assets/../routes.ts', '/assets/%2e%2e/routes.ts', '/assets/']) {
    t.match(String((await app.inject(url)).statusCode), /40[34]/, url)
  }
  for (const url of ['/member', '/member/chat', '/member/help-centre']) {
    const { body, headers } = await browser.get(url)
    t.match(
      headers['content-security-policy'],
      /^default-src 'none'; script-src 'self' 'nonce-[^']+'; style-src 'self'/
    )
    t.notMatch(String(headers['content-security-policy']), 'unsafe')
    t.notMatch(body, / style=| on[a-z]+="/)
  }
})

t.test("over HTTPS, Online Contact's pages may send the session cookie", async t => {
  const { app } = await service(t, {
    ...env,
    DATABASE_URL: sqliteUrl(t),
    PUBLIC_URL: 'https://cti.example.com'
  })
  const browser = new Browser(app)
  t.match(
    (await browser.get('/member/login')).headers['set-cookie'],
    /^__Host-form=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/
  )
  t.match(
    (await browser.signIn()).headers['set-cookie'],
    /^__Host-member=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=None$/
  )
})
