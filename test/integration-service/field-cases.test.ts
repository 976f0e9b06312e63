import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyError, FastifyInstance } from 'fastify'
import { scheme as contiple } from 'fastify-contact-center/contiple'
import { scheme as itxChat } from 'fastify-contact-center/itx-chat'
import { sql } from 'kysely'
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import metadata from 'libphonenumber-js/min/metadata'
import t from 'tap'
import { integrationService } from '../../examples/integration-service/app.ts'
import { loadConfig } from '../../examples/integration-service/config.ts'
import { toE164 } from '../../examples/integration-service/customers/phone.ts'
import { isPlainNumber } from '../../examples/integration-service/customers/plain-number.ts'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import {
  maskNumbers,
  createLoggerOptions
} from '../../examples/integration-service/operations/log.ts'
import { onOrphaned } from '../../examples/integration-service/operations/on-orphaned.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { aicc, onEachStore, service, settings, signIn, sqliteUrl } from './helper.ts'
import { Browser } from './members-helper.ts'

const [member, otherMember] = demoSignIns.members

async function eventCount (app: FastifyInstance): Promise<number> {
  return (await app.store.read(db => db.selectFrom('events').select('id').execute())).length
}

onEachStore(
  t,
  'S5: unconfirmed account changes are not signed as verified',
  async (t, DATABASE_URL) => {
    const { app } = await service(t, { DATABASE_URL })
    const browser = new Browser(app)
    await browser.signIn()
    const { name, email, phone } = otherMember
    await browser.fill('/member', '/member/account', { name, email, phone })
    const session = (await browser.get('/chat/session')).json()
    t.same(session.verifiedData, {
      name: member.name,
      email: member.email,
      phoneNumber: member.phone,
      memberNo: member.member_no
    })
    t.same(session.unverifiedData, { name, email, phoneNumber: phone })
    const { verifiedData, extSystemHash } = session
    t.ok(itxChat.verify({ verifiedData }, extSystemHash, demoSecrets.ITX_SECRET))
    const page = (await browser.get('/member/chat')).body
    t.match(page, new RegExp(extSystemHash), 'the page has the same signature')
    for (const way of ['form', 'link']) {
      const help = await browser.get(`/member/help?way=${way}`)
      const signed = `${help.body}${decodeURIComponent(String(help.headers.location))}`
      t.match(signed, member.email, way)
      t.notMatch(signed, email, way)
    }
    t.same(
      await app.store.read(db =>
        db.selectFrom('customer_entries').select('customer_number').where(
          'kind',
          '=',
          'help-centre'
        )
          .execute()
      ),
      [{ customer_number: member.phone }],
      'the timeline of the confirmed number has the entry'
    )
    t.match((await browser.get('/member')).body, email, 'the member sees the unconfirmed change')
    // Undoing the change leaves no trace.
    const own = { name: member.name, email: member.email, phone: member.phone }
    await browser.fill('/member', '/member/account', own)
    t.notOk('unverifiedData' in (await browser.get('/chat/session')).json())
    // A name that imitates another field is not signed.
    await browser.fill('/member', '/member/account', {
      ...own,
      name: 'Kari-email:victim@x.example'
    })
    t.equal((await browser.get('/chat/session')).json().verifiedData.name, member.name)
  }
)

onEachStore(t, 'S6: other sites cannot change data through pages', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL })
  const browser = new Browser(app)
  await browser.signIn()
  const tokens = async () =>
    (await app.store.read(db => sql`select * from expiring_entries`.execute(db))).rows.length
  for (const site of ['cross-site', 'same-site']) {
    const from = { 'sec-fetch-site': site }
    for (let time = 0; time < 20; time++) {
      t.equal((await browser.get('/chat/session', from)).statusCode, 403)
    }
    for (
      const url of [
        '/member/chat',
        '/member/help?way=link',
        '/member/help?way=server',
        '/member/login?to=help&way=link'
      ]
    ) {
      const reply = await browser.get(url, from)
      if (reply.statusCode === 303) {
        t.match(reply.headers.location, /^\/member\/help/, 'the help page asks next')
      } else t.match([reply.statusCode, reply.body], [200, /Another site sent you here/], url)
    }
  }
  t.equal(await eventCount(app), 0)
  t.equal(await tokens(), 0)
  for (let time = 0; time < 5; time++) {
    t.equal(
      (await browser.get('/chat/session', { 'sec-fetch-site': 'same-origin' })).statusCode,
      200
    )
    t.equal((await browser.get('/member/chat', { 'sec-fetch-site': 'none' })).statusCode, 200)
  }
  t.equal(await eventCount(app), 1, 'only a change publishes an event')
  const form = await browser.get('/member/help', { 'sec-fetch-site': 'cross-site' })
  t.match(form.body, /remote\.json/, 'the form login still works')
})

onEachStore(t, 'S7: refuses U+0000 everywhere, without a server error', async (t, DATABASE_URL) => {
  const logged: string[] = []
  const { app } = await service(t, { DATABASE_URL }, { logged, fetch: aicc('1') })
  const agent = await signIn(app)
  const browser = new Browser(app)
  const json = async (method: 'POST' | 'PUT', url: string, payload: object, headers = {}) =>
    (await app.inject({ method, url, payload, headers })).statusCode
  const signed = JSON.stringify({ callNum: '010-1234\0-5678', nation: 'korea' })
  const timestamp = String(Date.now())
  const statuses = {
    'agent login': await json('POST', '/api/agents/session', { login: 'a\0', password: 'b' }),
    password: await json('POST', '/api/agents/session', { login: 'minji', password: 'b\0' }),
    dial: await json('POST', '/api/calls', { number: '+8210\0' }, agent),
    calls: (await app.inject({ url: '/api/calls?number=%00', headers: agent })).statusCode,
    call: (await app.inject({ url: '/api/calls/%00', headers: agent })).statusCode,
    pop: await json('POST', '/api/calls/a%00/screen-pop', {}, agent),
    wrapUp: await json('PUT', '/api/calls/1/wrap-up', { disposition: 'a\0', note: 'b' }, agent),
    'member login': (await browser.fill('/member/login', '/member/login', {
      login: 'x\0',
      password: 'y'
    })).statusCode,
    token: (await app.inject('/member/verify-token?usercode=%00&token=%00')).statusCode,
    contiple: (await app.inject({
      method: 'POST',
      url: '/contiple/customer',
      payload: signed,
      headers: {
        'content-type': 'application/json',
        'x-tc-timestamp': timestamp,
        authorization: contiple.sign({ body: signed, timestamp }, demoSecrets.CONTIPLE_KEY)
      }
    })).statusCode
  }
  t.same(statuses, Object.fromEntries(Object.keys(statuses).map(name => [name, 400])))
  await browser.signIn()
  t.equal(
    (await browser.fill('/member', '/member/account', {
      name: 'a\0b',
      email: 'a@b.example',
      phone: member.phone
    })).statusCode,
    400
  )
  const connected = await app.inject({
    method: 'POST',
    url: `/aicc/connected/${demoSecrets.AICC_GATE}`,
    payload: { callSerialNo: '1\0', called: '+821012345678' }
  })
  t.ok(connected.statusCode >= 400 && connected.statusCode < 500, String(connected.statusCode))
  t.same(logged.filter(line => JSON.parse(line).level >= 50), [], 'no error line')
})

t.test('S9: malformed origins and hosts stop the start', async t => {
  const read = (env: Record<string, string>) => loadConfig({ ...settings, ...env })
  for (
    const origins of [
      'null',
      '*',
      'https://*.oc.example',
      'https://a.example/x',
      'https://u@a.example',
      'a.example',
      'javascript:x',
      'https://a.example,null'
    ]
  ) {
    t.throws(() => read({ ONLINE_CONTACT_ORIGINS: origins }), {
      message: /ONLINE_CONTACT_ORIGINS must be origins/
    }, origins)
  }
  t.same(
    read({ ONLINE_CONTACT_ORIGINS: 'https://A.example/, https://b.example:443' })
      .ONLINE_CONTACT_ORIGINS,
    ['https://a.example', 'https://b.example']
  )
  for (const hosts of ['*', 'https://a.example', 'a.example/x', '*.a.example', 'a@b.example']) {
    t.throws(() => read({ MEMBER_RETURN_HOSTS: hosts }), {
      message: /MEMBER_RETURN_HOSTS must be hosts/
    }, hosts)
  }
  t.same(read({ MEMBER_RETURN_HOSTS: 'A.example,b.example:8443' }).MEMBER_RETURN_HOSTS, [
    'a.example',
    'b.example:8443'
  ])
  for (const url of ['https://a.example/x?y', 'https://u:p@a.example', 'https://a.example/x y']) {
    t.throws(() => read({ PUBLIC_URL: url }), { message: /PUBLIC_URL must/ }, url)
  }
})

t.test('S10: API replies are not cached', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const agent = await signIn(app)
  for (
    const url of [
      '/api/calls',
      '/api/chats',
      '/api/agents/session',
      '/api/work',
      '/api/calls/none',
      '/member/login-status',
      '/none'
    ]
  ) {
    const { headers } = await app.inject({ url, headers: agent })
    t.equal(headers['cache-control'], 'no-store', url)
  }
})

onEachStore(t, 'S11: signs a CSC URL for a login that ends in a digit', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL }, { fetch: aicc('77', '78') })
  const agent = await signIn(app)
  const pop = async (login: string) => {
    await app.store.commit(({ db }) =>
      db.updateTable('agents').set({ csc_username: login }).execute()
    )
    return await app.inject({ method: 'POST', url: '/api/calls/77/screen-pop', headers: agent })
  }
  await app.inject({
    method: 'POST',
    url: '/api/calls',
    headers: agent,
    payload: { number: '+821012345678' }
  })
  const reply = await pop('agent33')
  t.equal(reply.statusCode, 200)
  t.match(new URL(reply.json().url).searchParams.get('UserTelephoneNumber'), /^\+82/)
  t.equal((await pop('agent+33')).statusCode, 400, 'a plus sign in the login')
  await app.store.commit(({ db }) =>
    db.updateTable('calls').set({ customer_number: '01012345678' }).execute()
  )
  t.equal((await pop('agent33')).statusCode, 409, 'a number without a plus sign')
})

t.test('N14: serves a PUBLIC_URL with a path', async t => {
  const { app } = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    PUBLIC_URL: 'https://tools.example/cti/'
  }, { fetch: aicc('1197765398201387040') })
  const own = { headers: { accept: 'text/html' } }
  for (const base of ['', '/cti']) {
    const login = await app.inject({ ...own, url: `${base}/member/login` })
    t.equal(login.statusCode, 200, `the proxy ${base === '' ? 'removes' : 'keeps'} the path`)
    const addresses = [...login.body.matchAll(/(?:href|src|action)="([^"#][^"]*)"/g)]
      .map(([, address = '']) => address)
    t.ok(addresses.length > 4)
    for (const address of addresses) {
      t.match(address, /^\/cti\//)
      if (address.includes('/assets/')) {
        t.equal((await app.inject(address.slice(4 - base.length))).statusCode, 200, address)
      }
    }
    t.equal((await app.inject(`${base}/desk`)).statusCode, 200)
    t.equal((await app.inject(`${base}/desk/desk.js`)).statusCode, 200)
    t.equal((await app.inject(`${base}/docs/`)).statusCode, 200)
    t.equal((await app.inject(`${base}/readyz`)).statusCode, 200)
  }
  t.notMatch((await app.inject('/desk')).body, /(?:href|src)="\//, "the desk's links are relative")
  t.equal((await app.inject('/ctix/readyz')).statusCode, 404)
  t.equal((await app.inject('/cti')).headers.location, '/cti/desk')
  const browser = new Browser(app)
  const signedIn = await browser.signIn('/cti/member/login?to=chat')
  t.equal(signedIn.headers.location, '/cti/member/chat')
  t.match(signedIn.cookies.find(({ name }) => name.endsWith('member')), {
    name: '__Secure-member',
    path: '/cti',
    secure: true
  })
  t.equal((await browser.get('/cti/chat/session')).statusCode, 200)
  t.match((await app.inject('/cti/openapi.json')).json().servers, [
    { url: 'https://tools.example/cti' }
  ])
  const agent = await app.inject({
    method: 'POST',
    url: '/cti/api/agents/session',
    headers: { origin: 'https://tools.example' },
    payload: { login: demoSignIns.agents[0].login, password: demoSignIns.agents[0].password }
  })
  t.match([agent.statusCode, agent.cookies], [200, [{ name: '__Secure-agent', path: '/cti' }]])
  const [cookie] = agent.cookies
  const dialled = await app.inject({
    method: 'POST',
    url: '/cti/api/calls',
    headers: { origin: 'https://tools.example', cookie: `${cookie?.name}=${cookie?.value}` },
    payload: { number: '+821012345678' }
  })
  t.match(dialled.headers.location, /^\/cti\/api\/calls\/\d+$/)
})

t.test('N15: serves a company that uses only Contiple', async t => {
  const config = loadConfig({
    CONTIPLE_KEY: 'only-contiple-key-00001',
    DATABASE_URL: sqliteUrl(t),
    LOG_LEVEL: 'silent'
  })
  const app = await integrationService(config, { signInsPerMinute: 100 })
  t.after(() => app.close())
  const payload = JSON.stringify({ callNum: '1', nation: 'korea' })
  const timestamp = String(Date.now())
  const reply = await app.inject({
    method: 'POST',
    url: '/contiple/customer',
    payload,
    headers: {
      'content-type': 'application/json',
      'x-tc-timestamp': timestamp,
      authorization: contiple.sign({ body: payload, timestamp }, 'only-contiple-key-00001')
    }
  })
  t.equal(reply.statusCode, 400, 'no such customer')
  for (
    const [method, url] of [
      ['POST', '/aicc/released'],
      ['POST', '/aicc/connected/x'],
      ['GET', '/member'],
      ['GET', '/member/login'],
      ['GET', '/member/login-status'],
      ['GET', '/chat/session'],
      ['POST', '/api/calls'],
      ['POST', '/api/calls/1/screen-pop']
    ] as const
  ) {
    t.equal((await app.inject({ method, url })).statusCode, 404, url)
  }
  t.equal((await app.inject('/desk')).statusCode, 200)
  t.equal((await app.inject('/assets/theme.css')).statusCode, 200)
  t.same(
    Object.keys((await app.inject('/openapi.json')).json().paths).filter(path =>
      /aicc|chat\/session|member/.test(path)
    ),
    []
  )
  t.throws(() => loadConfig({}), { message: /no vendor is configured/ })
  const { AICC_URL, ...rest } = settings
  t.throws(() => loadConfig(rest), { message: /AICC_URL is required, because AICC_SECRET is set/ })
})

t.test('N15: reads secrets from files, and an expiring token', async t => {
  const folder = t.testdir({ key: 'contiple-key-of-a-file\n', token: 'first\n', empty: '\n' })
  const { CONTIPLE_KEY, AICC_ACCESS_TOKEN, ...rest } = settings
  const files = {
    CONTIPLE_KEY_FILE: join(folder, 'key'),
    AICC_ACCESS_TOKEN_FILE: join(folder, 'token')
  }
  t.equal(loadConfig({ ...rest, ...files }).CONTIPLE_KEY, 'contiple-key-of-a-file')
  for (const end of ['', '\n', '\r\n', '\n\n', '\r']) {
    for (const start of ['', '\uFEFF']) {
      writeFileSync(join(folder, 'key'), `${start}contiple-key-of-a-file${end}`)
      t.equal(
        loadConfig({ ...rest, ...files }).CONTIPLE_KEY,
        'contiple-key-of-a-file',
        JSON.stringify([start, end])
      )
    }
  }
  writeFileSync(join(folder, 'utf-16'), '\uFEFFcontiple-key-of-a-file\r\n', 'utf16le')
  for (
    const [env, message] of [
      [{ CONTIPLE_KEY, ...files }, /CONTIPLE_KEY and CONTIPLE_KEY_FILE are both set/],
      [
        { ...files, CONTIPLE_KEY_FILE: join(folder, 'none') },
        /CONTIPLE_KEY_FILE cannot be read: ENOENT/
      ],
      [
        { ...files, CONTIPLE_KEY_FILE: join(folder, 'empty') },
        /CONTIPLE_KEY_FILE is an empty file/
      ],
      [
        { ...files, CONTIPLE_KEY_FILE: join(folder, 'utf-16') },
        /CONTIPLE_KEY_FILE cannot be read: it is not UTF-8/
      ]
    ] as const
  ) t.throws(() => loadConfig({ ...rest, ...env }), { message })

  const tokens: string[] = []
  const huawei = aicc('1', '2')
  const config = loadConfig({ ...rest, ...files, DATABASE_URL: sqliteUrl(t) })
  const app = await integrationService(config, {
    signInsPerMinute: 100,
    fetch: async (input, init) => {
      tokens.push(new Headers(init?.headers).get('authorization') ?? '')
      return await huawei(input, init)
    }
  })
  t.after(() => app.close())
  const { seedDemo } = await import('../../examples/integration-service/store/seed.ts')
  await seedDemo(app.store)
  const headers = await signIn(app)
  for (const token of ['first', 'second']) {
    writeFileSync(join(folder, 'token'), `\uFEFF${token}\r\n`)
    const payload = { number: '+821012345678' }
    t.equal(
      (await app.inject({ method: 'POST', url: '/api/calls', headers, payload })).statusCode,
      201
    )
  }
  t.same(tokens, ['Bearer first', 'Bearer second'], 'each call reads the file')
})

t.test('N13: the service stops when the npm process that started it ends', async t => {
  let parent = 4711
  const orphaned = new Promise<void>(resolve => {
    onOrphaned(resolve, { isRunByNpm: true, parent: () => parent })
  })
  onOrphaned(() => t.fail('a background service must not stop'), {
    isRunByNpm: false,
    parent: () => parent
  })
  parent = 1
  const keepAlive = setTimeout(() => {}, 5000)
  await orphaned
  clearTimeout(keepAlive)
  t.match(
    JSON.parse(readFileSync('package.json', 'utf8')).scripts['start:service'],
    /^exec node /,
    'npm starts Node without a shell in between'
  )
})

t.test('N17: masks telephone numbers, but no addresses', async t => {
  for (
    const text of [
      'connect ECONNREFUSED 127.0.0.1:22998',
      'connect ECONNREFUSED 10.211.55.123:5432',
      'connect ECONNREFUSED ::1:5432',
      'connect ETIMEDOUT [2001:db8:85a3::8a2e:370:7334]:6379',
      'at 2026-11-28T13:05:08.123Z',
      'id 550e8400-e29b-41d4-a716-446655440000',
      'file.ts:123456:1234567'
    ]
  ) t.equal(maskNumbers(text), text)
  for (
    const number of [
      '+821012345678',
      '010-1234-5678',
      '(02) 1588-1001',
      '1.555.123.4567',
      '+47 406 12 345',
      '821012345678'
    ]
  ) {
    t.notMatch(maskNumbers(`called ${number} today`), /\d{3}/, number)
  }
  const { serializers } = createLoggerOptions('info')
  const cause = Object.assign(new Error('getaddrinfo ENOTFOUND aicc.example'), {
    code: 'ENOTFOUND',
    hostname: 'aicc.example'
  })
  t.match(
    serializers?.['err']?.(
      new Error('No call', { cause: new TypeError('fetch failed', { cause }) }) as FastifyError
    ),
    { cause: { message: 'fetch failed', cause: { code: 'ENOTFOUND', hostname: 'aicc.example' } } }
  )
})

t.test('N19: errors carry the standard phrase of their status', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  t.match((await app.inject('/api/calls')).json(), { statusCode: 401, error: 'Unauthorized' })
  t.match((await app.inject('/none')).json(), { statusCode: 404, error: 'Not Found' })
})

t.test('S15: reads the older form of Mexican numbers', async t => {
  for (const text of ['+52 1 55 1234 5678', '0052 1 55 1234 5678', '+5215512345678']) {
    t.equal(toE164(text, 'KR'), '+525512345678', text)
  }
  t.equal(toE164('+52 55 1234 5678', 'KR'), '+525512345678')
})

t.test('skips libphonenumber only for numbers that it would not change', async t => {
  t.ok(isPlainNumber('+821012345678'))
  for (const text of ['+12125550123', '+82 10 1234 5678', '01012345678', '+8210123456789012']) {
    t.notOk(isPlainNumber(text), text)
  }
  let plainNumbers = 0
  for (const code of Object.keys(metadata.country_calling_codes)) {
    for (let index = 0; index < 200; index++) {
      // Pseudo-random digits in every length, equal in each run.
      const digits = String((index * 7_919 + 104_729) ** 3 % 1e14).padStart(14, '0')
      const text = `+${code}${digits.slice(0, 4 + index % 9)}`
      if (!isPlainNumber(text)) continue
      plainNumbers++
      const number = parsePhoneNumberFromString(text)
      t.ok(number?.isValid() === true && number.number === text, text)
    }
  }
  t.ok(plainNumbers > 1000, `${plainNumbers} numbers`)
})
