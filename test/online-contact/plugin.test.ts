import auth from '@fastify/auth'
import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import onlineContact, {
  LinkQuery,
  RemoteLoginForm,
  type MemberToSign,
  type OnlineContactDecorator,
  type OnlineContactOptions,
  type OnlineContactVerification
} from 'fastify-contact-center/online-contact'
import { memoryStore, redisStore } from 'fastify-contact-center'
import t from 'tap'
import { build, hearOutcomes, now } from '../helper.ts'

declare module 'fastify' {
  interface FastifyInstance {
    onlineContactJapan: OnlineContactDecorator
  }
}

const keys = 'a-key-of-at-least-16'
const member = { usercode: 'u1', username: 'Hong Gil-dong', email: 'hong+1@example.com' }
const config = { contactCenter: { capture: true, replies: 'onlineContact' } }

/** Online Contact's side: both types of login, and the codes of its refusals. */
async function service (
  app: FastifyInstance,
  options: Partial<OnlineContactOptions> = {},
  codes: string[] = []
): Promise<void> {
  await app.register(formbody)
  await app.register(onlineContact, { keys, service: 'shop', now: () => now, ...options })
  const preValidation = async (request: FastifyRequest) => {
    try {
      await app.onlineContact.verify(request)
    } catch (error) {
      codes.push((error as { code: string }).code)
      throw error
    }
  }
  app.post(
    '/login',
    { preValidation, config, schema: { body: RemoteLoginForm } },
    async request => {
      if ((request.body as RemoteLoginForm).usercode === 'crash') {
        throw new Error(
          'the store said: secret things'
        )
      }
      return request.verification
    }
  )
  app.get(
    '/:service/hc/',
    { preValidation, config, schema: { querystring: LinkQuery } },
    async request => request.verification
  )
  app.get(
    '/hc/',
    { preValidation: app.onlineContact.verify },
    async request => request.verification
  )
  app.post('/open', async request => ({ got: request.body, verification: request.verification }))
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const encode = (fields: object) => new URLSearchParams(fields as Record<string, string>).toString()
const post = (
  app: FastifyInstance,
  payload: string,
  headers: Record<string, string> = form,
  url = '/login'
) => app.inject({ method: 'POST', url, headers, payload })

t.test('accepts a signed form', async t => {
  const app = await build(t, service)
  const reply = await post(
    app,
    encode(
      await app.onlineContact.signMember({
        ...member,
        memberno: ' ',
        returnUrl: 'https://example.com/?a=1&b=2'
      })
    )
  )
  t.equal(reply.statusCode, 200)
  t.strictSame(reply.json(), {
    scheme: 'online-contact',
    keyId: 'default',
    signedAt: now,
    duplicate: false,
    covered: ['service', 'usercode', 'username', 'email', 'returnUrl', 'time']
  })
})

t.test("accepts other spellings and parameters of a form's media type", async t => {
  const app = await build(t, service)
  const payload = encode(await app.onlineContact.signMember(member))
  for (
    const type of [
      'Application/X-WWW-Form-Urlencoded',
      'application/x-www-form-urlencoded ; charset=utf-8'
    ]
  ) {
    t.equal((await post(app, payload, { 'content-type': type })).statusCode, 200, type)
  }
})

t.test('passes its options to the scheme', async t => {
  const usercode = 'a&b'
  for (const options of [{ ampersand: 'allow' }, { strict: false }] as const) {
    const app = await build(t, app => service(app, options))
    t.equal(
      (await post(app, encode(await app.onlineContact.signMember({ usercode })))).statusCode,
      200,
      JSON.stringify(options)
    )
  }
  const strict = await build(t, service)
  await t.rejects(strict.onlineContact.signMember({ usercode }), { name: 'InputError' })
})

t.test('accepts a signed link, whether the plus of its token is encoded or not', async t => {
  const app = await build(t, service)
  let fields = await app.onlineContact.signMember(member)
  for (let phone = 0; !fields.token.includes('+'); phone++) {
    fields = await app.onlineContact.signMember({ ...member, phone: String(phone) })
  }
  const { service: _, token, ...rest } = fields
  for (
    const [name, text] of Object.entries({
      encoded: encodeURIComponent(token),
      'unencoded': token
    })
  ) {
    const reply = await app.inject(`/shop/hc/?${encode(rest)}&returnUrl=unsigned&token=${text}`)
    t.equal(reply.statusCode, 200, name)
    t.strictSame(
      reply.json().covered,
      ['service', ...Object.keys(rest)],
      `${name}: all but the return URL`
    )
    t.equal(
      (await app.inject(`/hc/?${encode(rest)}&token=${text}`)).statusCode,
      200,
      `${name}, the service being the option's`
    )
    t.equal(
      (await app.inject({ method: 'HEAD', url: `/hc/?${encode(rest)}&token=${text}` })).statusCode,
      200,
      `${name}, HEAD`
    )
  }
})

t.test("every failure of a form has Online Contact's shape", async t => {
  const codes: string[] = []
  const app = await build(t, app => service(app, {}, codes))
  const loose = await build(t, app => service(app, { strict: false }))
  const genuine = await app.onlineContact.signMember(member)
  const at = async (time: number | string) =>
    encode(await loose.onlineContact.signMember({ ...member, time }))
  const without = (name: string) =>
    encode(Object.fromEntries(Object.entries(genuine).filter(([field]) => field !== name)))
  const cases: Record<
    string,
    [payload: string, headers: Record<string, string>, status: number, code: string | undefined]
  > = {
    'no service': [without('service'), form, 403, 'FST_CC_SIGNATURE_MISSING'],
    'no user code': [without('usercode'), form, 403, 'FST_CC_SIGNATURE_MISSING'],
    'no time': [without('time'), form, 403, 'FST_CC_SIGNATURE_MISSING'],
    'no token': [without('token'), form, 403, 'FST_CC_SIGNATURE_MISSING'],
    'an empty token': [encode({ ...genuine, token: '' }), form, 403, 'FST_CC_SIGNATURE_MISSING'],
    'a token that is not base64': [
      encode({ ...genuine, token: '!'.repeat(44) }),
      form,
      403,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a space for a plus in a form': [
      encode({ ...genuine, token: 'A'.repeat(41) + ' A=' }),
      form,
      403,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a time with letters': [
      encode({ ...genuine, time: '12abc' }),
      form,
      403,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a changed user code': [
      encode({ ...genuine, usercode: 'u2' }),
      form,
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'another service, well signed': [
      encode(await app.onlineContact.signMember({ ...member, service: 'other' })),
      form,
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'too old': [await at(now - 180_001), form, 403, 'FST_CC_TIMESTAMP_OUT_OF_WINDOW'],
    'too new': [await at(now + 180_001), form, 403, 'FST_CC_TIMESTAMP_OUT_OF_WINDOW'],
    'a repeated field': [encode(genuine) + '&usercode=u2', form, 400, 'FST_CC_INPUT_REFUSED'],
    'a broken escape': [encode(genuine) + '&phone=%', form, 400, 'FST_CC_INPUT_REFUSED'],
    'bytes that are not UTF-8': [encode(genuine) + '&phone=%ff', form, 400, 'FST_CC_INPUT_REFUSED'],
    'an ampersand in a name': [
      encode({ ...genuine, username: 'x&y' }),
      form,
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'an over-long phone': [
      encode({ ...genuine, phone: '1'.repeat(21) }),
      form,
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'the same bytes called JSON': [
      JSON.stringify({ a: encode(genuine) }),
      { 'content-type': 'application/json' },
      403,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'no body and no media type': ['', {}, 403, 'FST_CC_SIGNATURE_MISSING'],
    'a compressed body': [
      encode(genuine),
      { ...form, 'content-encoding': 'gzip' },
      415,
      'FST_CC_CONTENT_ENCODING'
    ],
    'an unknown media type': [
      encode(genuine),
      { 'content-type': 'application/xml' },
      415,
      undefined
    ],
    'too large a body': ['x'.repeat(2 ** 20 + 1), form, 413, undefined],
    'a crash in the handler': [
      encode(await app.onlineContact.signMember({ usercode: 'crash' })),
      form,
      500,
      undefined
    ]
  }
  for (const [name, [payload, headers, status, code]] of Object.entries(cases)) {
    const reply = await post(app, payload, headers)
    t.equal(reply.statusCode, status, name)
    t.equal(codes.pop(), code, name)
    t.match(reply.json(), {
      header: { resultCode: status, resultMessage: String, isSuccessful: false },
      result: null
    }, name)
    if (status === 403) t.equal(reply.json().header.resultMessage, 'Access Denied', name)
    t.notMatch(reply.body, /secret things|signed at|u1/, name)
  }
})

t.test("every failure of a link has Online Contact's shape", async t => {
  const codes: string[] = []
  const app = await build(t, app => service(app, {}, codes))
  const anyServiceApp = await build(t, async app => {
    await app.register(onlineContact, { keys, now: () => now })
    app.get('/hc/', { preValidation: app.onlineContact.verify }, async () => null)
    app.get('/odd', { preValidation: app.onlineContact.verify }, async () => null)
    app.addHook('onRequest', async request => {
      if (request.url === '/odd') throw Object.assign(new Error('odd'), { statusCode: 599 })
    })
  })
  const { service: _, ...genuine } = await app.onlineContact.signMember(member)
  const { service: __, ...guest } = await app.onlineContact.signMember({ usercode: 'u1' })
  const cases: Record<string, [url: string, status: number, code: string]> = {
    'no email': [`/shop/hc/?${encode(guest)}`, 403, 'FST_CC_SIGNATURE_MISSING'],
    'a blank email': [`/shop/hc/?${encode(guest)}&email=+`, 403, 'FST_CC_SIGNATURE_MISSING'],
    'the path of another service': [
      `/other/hc/?${encode(genuine)}`,
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'a changed email': [
      `/shop/hc/?${encode({ ...genuine, email: 'x@example.com' })}`,
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'an added name': [
      `/shop/hc/?${encode({ ...genuine, phone: '1' })}`,
      403,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'a repeated token': [`/shop/hc/?${encode(genuine)}&token=x`, 400, 'FST_CC_INPUT_REFUSED'],
    'no query': ['/shop/hc/', 403, 'FST_CC_SIGNATURE_MISSING']
  }
  for (const [name, [url, status, code]] of Object.entries(cases)) {
    const reply = await app.inject(url)
    t.equal(reply.statusCode, status, name)
    t.equal(codes.pop(), code, name)
    t.match(
      reply.json(),
      { header: { resultCode: status, isSuccessful: false }, result: null },
      name
    )
  }
  t.equal(
    (await anyServiceApp.inject(`/hc/?${encode(genuine)}`)).statusCode,
    403,
    'no service in the path nor in the options'
  )
  t.strictSame((await anyServiceApp.inject('/odd')).json().header, {
    resultCode: 599,
    resultMessage: 'Error',
    isSuccessful: false
  }, 'a status without a phrase')
})

t.test('both edges of the window are inside it', async t => {
  const app = await build(t, service)
  for (const time of [now - 180_000, now + 180_000]) {
    t.equal(
      (await post(app, encode(await app.onlineContact.signMember({ ...member, time })))).statusCode,
      200
    )
  }
  const short = await build(t, app => service(app, { tolerance: { pastMs: 1, futureMs: 1 } }))
  t.equal(
    (await post(short, encode(await app.onlineContact.signMember({ ...member, time: now - 2 }))))
      .statusCode,
    403
  )
})

t.test('any of several keys verifies, the first signs, and the result names the matching key', async t => {
  const old = { id: 'old', secret: 'the-key-of-last-year' }
  const app = await build(t, app => service(app, { keys: [{ id: 'new', secret: keys }, old] }))
  const before = await build(t, app => service(app, { keys: old }))
  for (const [signer, id] of [[app, 'new'], [before, 'old']] as const) {
    t.equal(
      (await post(app, encode(await signer.onlineContact.signMember(member)))).json().keyId,
      id
    )
  }
  const { token, ...fields } = await before.onlineContact.signMember(member)
  t.equal(await app.onlineContact.verifyInput(fields, token), 'old')
  t.equal(await app.onlineContact.verifyInput({ ...fields, usercode: 'u2' }, token), null)
})

t.test('looks keys up per request', async t => {
  const accounts = new Map([['seoul', 'the-key-of-seoul'], ['tokyo', 'the-key-of-tokyo']])
  const tenant = (request: FastifyRequest) => String(request.headers['x-account'])
  const app = await build(t, async app => {
    await app.register(formbody)
    await app.register(onlineContact, {
      tenant,
      keys: async request => [{
        id: 'k',
        secret: accounts.get(tenant(request)) ?? 'nobody-has-this-one'
      }],
      url: 'https://demo.oc.nhncloud.com',
      service: 'shop',
      now: () => now
    })
    app.post(
      '/login',
      { preValidation: app.onlineContact.verify },
      async request => request.verification?.tenant
    )
    app.get('/sign', { preSerialization: app.onlineContact.sign }, async () => member)
    app.get('/more', async request => {
      const { token, ...input } = await app.onlineContact.signMember(member, request)
      const fetch = async (_url: unknown, init?: RequestInit) =>
        Response.json({
          header: { resultCode: 200, resultMessage: '', isSuccessful: true },
          result: { content: (init?.body as URLSearchParams).get('token') }
        })
      return {
        keyId: await app.onlineContact.verifyInput(input, token, request),
        link: new URL(await app.onlineContact.link(member, 'home', request)).searchParams.get(
          'token'
        ) === token,
        form: (await app.onlineContact.loginForm(member, { request })).includes(token),
        server:
          (await app.onlineContact.serverLogin(member, { request, fetch })).accessToken === token
      }
    })
  })
  const headers = { 'x-account': 'seoul' }
  const payload = encode((await app.inject({ url: '/sign', headers })).json())
  t.equal((await post(app, payload, { ...form, ...headers })).body, 'seoul')
  t.equal((await post(app, payload, { ...form, 'x-account': 'tokyo' })).statusCode, 403)
  t.strictSame((await app.inject({ url: '/more', headers })).json(), {
    keyId: 'k',
    link: true,
    form: true,
    server: true
  })
})

t.test('accepts a token once with a replay store', async t => {
  const codes: string[] = []
  const app = await build(
    t,
    app => service(app, { replay: memoryStore({ now: () => now }) }, codes)
  )
  const payload = encode(await app.onlineContact.signMember(member))
  t.equal((await post(app, payload)).statusCode, 200)
  t.equal((await post(app, payload)).statusCode, 403)
  t.strictSame(codes, ['FST_CC_REPLAYED'])
})

t.test('the sign hook adds service, time and token to a payload', async t => {
  const app = await build(t, async app => {
    await app.register(onlineContact, { keys, service: 'shop', now: () => now })
    const preSerialization = app.onlineContact.sign
    app.get('/member', { preSerialization }, async () => ({ ...member, more: 1 }))
    app.get(
      '/nobody',
      { preSerialization },
      async (_request, reply) => reply.code(404).send({ error: 'nobody' })
    )
    app.get(
      '/refused',
      { preSerialization },
      async (_request, reply) => reply.code(400).send({ error: 'refused' })
    )
    app.get('/unsafe', { preSerialization }, async () => ({ usercode: 'a&b' }))
    app.get('/empty', { preSerialization }, async () => ({}))
  })
  t.strictSame((await app.inject('/member')).json(), {
    ...member,
    more: 1,
    ...await app.onlineContact.signMember(member)
  })
  t.strictSame((await app.inject('/nobody')).json(), { error: 'nobody' })
  t.strictSame((await app.inject('/refused')).json(), { error: 'refused' })
  const unsafe = await app.inject('/unsafe')
  t.equal(unsafe.statusCode, 400, 'regression: a payload that is unsafe to sign was a 500')
  t.equal(unsafe.json().code, 'FST_CC_INPUT_REFUSED')
  t.equal(
    (await app.inject('/empty')).statusCode,
    500,
    "a payload that is not a member is the handler's fault"
  )
})

t.test('verifyInput rejects input that the scheme refuses', async t => {
  const app = await build(t, service)
  await t.rejects(
    app.onlineContact.verifyInput({ service: 'shop', usercode: 'a&b', time: now }, 'x'),
    { name: 'InputError', message: /usercode/ }
  )
})

t.test("request.verification has the vendor's type", async t => {
  const app = await build(t, async app => {
    await service(app)
    app.get('/typed/:service', { preValidation: app.onlineContact.verify }, async request => {
      const { scheme, signedAt } = request.verification as OnlineContactVerification
      const names: 'online-contact' = scheme
      return { names, signedAt: signedAt.toFixed() }
    })
  })
  const { service: _, ...fields } = await app.onlineContact.signMember(member)
  t.strictSame((await app.inject(`/typed/shop?${encode(fields)}`)).json(), {
    names: 'online-contact',
    signedAt: String(now)
  })
})

t.test('regression: no warning at boot if several processes are likely and one remembers the links', async t => {
  const boot = async (
    env: Record<string, string>,
    options: Partial<OnlineContactOptions>
  ): Promise<string> => {
    const lines: string[] = []
    Object.assign(process.env, env)
    try {
      await build(t, app => app.register(onlineContact, { keys, ...options }), {
        logger: {
          stream: {
            write: line => {
              lines.push(line)
            }
          }
        }
      })
    } finally {
      for (const name of Object.keys(env)) delete process.env[name]
    }
    return lines.join('')
  }
  const url = 'https://demo.oc.nhncloud.com'
  const several = { NODE_APP_INSTANCE: '0' }
  const warning = await boot(several, { url })
  t.match(
    warning,
    'links of the GET type are remembered in this process only, and NODE_APP_INSTANCE is set'
  )
  t.match(JSON.parse(warning), { level: 40, vendor: 'online-contact', decorator: 'onlineContact' })
  t.equal(await boot({}, { url }), '', 'one process')
  t.equal(await boot(several, {}), '', 'without an address no link is made')
  t.equal(
    await boot(several, { url, tokens: redisStore({ client: { call: async () => null } }) }),
    '',
    'a store that is shared'
  )
})

t.test('signing names the refused field, or the missing option', async t => {
  const app = await build(t, app => app.register(onlineContact, { keys }))
  const invalid: Record<string, [MemberToSign, { code?: string, name?: string, message: RegExp }]> =
    {
      'no service': [member, { code: 'FST_CC_OPTION_INVALID', message: /"service" is required/ }],
      'an ampersand': [{ ...member, service: 'shop', username: 'a&b' }, {
        name: 'InputError',
        message: /username/
      }],
      'no user code': [{ service: 'shop' } as MemberToSign, {
        name: 'TypeError',
        message: /usercode/
      }]
    }
  for (const [name, [member_, expected]] of Object.entries(invalid)) {
    await t.rejects(app.onlineContact.signMember(member_), expected, name)
  }
  t.match(await app.onlineContact.signMember({ ...member, service: 'shop' }), {
    service: 'shop',
    time: /^[0-9]{13}$/,
    token: /^.{43}=$/
  })
})

t.test('leaves a sibling route unchanged', async t => {
  const app = await build(t, service)
  t.strictSame((await app.inject({ method: 'POST', url: '/open', payload: { a: 1 } })).json(), {
    got: { a: 1 },
    verification: null
  })
})

t.test('a second account in the same scope, under its own name', async t => {
  const app = await build(t, async app => {
    await service(app)
    await app.register(onlineContact, {
      keys: 'the-key-of-the-other-one',
      as: 'onlineContactJapan',
      service: 'shop',
      now: () => now
    })
    app.post(
      '/japan',
      { preValidation: app.onlineContactJapan.verify },
      async request => request.verification
    )
  })
  const payload = encode(await app.onlineContactJapan.signMember(member))
  t.equal((await post(app, payload, form, '/japan')).statusCode, 200)
  t.equal((await post(app, payload)).statusCode, 403)
})

t.test('regression: with app.auth, a route without the hook answered 500', async t => {
  const app = await build(t, async app => {
    await app.register(formbody)
    await app.register(auth)
    await app.register(onlineContact, { keys, service: 'shop', now: () => now })
    const preValidation = app.auth([app.onlineContact.verify])
    app.post('/login', { preValidation, config }, async () => null)
    app.post('/forgotten', { preValidation }, async () => null)
  })
  const payload = encode(await app.onlineContact.signMember(member))
  t.equal((await post(app, payload)).statusCode, 200)
  t.equal((await post(app, payload + 'x')).statusCode, 403)
  t.equal((await post(app, payload, form, '/forgotten')).statusCode, 200)
  t.equal((await post(app, payload + 'x', form, '/forgotten')).statusCode, 403)
})

t.test('misconfiguration stops the registration and names the option', async t => {
  const invalid: Record<string, [object, RegExp]> = {
    'no key': [{ keys: '' }, /"keys"/],
    "the vendor's published key": [{ keys: '7cf2828608274a49a3f06152b2188927' }, /published/],
    'an unknown option': [{ host: 'x' }, /unknown option "host"/],
    'an unknown policy': [{ ampersand: 'perhaps' }, /"ampersand" must be one of 'refuse', 'allow'/],
    'an impossible tolerance': [{ tolerance: 0 }, /"tolerance"/],
    'a blank service': [{ service: ' ' }, /"service"/],
    'a service that is not text': [{ service: 1 }, /"service"/],
    'a store that cannot find': [{ tokens: { remember () {} } }, /"tokens"/],
    'no store': [{ tokens: null }, /"tokens"/],
    'plain http': [{ url: 'http://shop.oc.nhncloud.com' }, /"url"/],
    'a path': [{ url: 'https://shop.oc.nhncloud.com/hc/' }, /"url"/],
    credentials: [{ url: 'https://a:b@shop.oc.nhncloud.com' }, /"url"/],
    'a bare host': [{ url: 'shop.oc.nhncloud.com' }, /"url"/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    await t.rejects(
      build(t, app => app.register(onlineContact, { keys, ...options } as OnlineContactOptions)),
      { code: 'FST_CC_OPTION_INVALID', message },
      name
    )
  }
})

t.test("publishes outcomes with the vendor's name", async t => {
  const outcomes = hearOutcomes(t)
  const app = await build(t, service)
  await app.inject('/shop/hc/')
  t.strictSame(outcomes.map(({ vendor }) => vendor), ['online-contact'])
})
