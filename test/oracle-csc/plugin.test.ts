import auth from '@fastify/auth'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import oracleCsc, {
  ClickToCall,
  ClickToCallQuery,
  ClickToCallReplies,
  clickToCallUrl,
  createScheme,
  maskClickToCallUrl,
  type OracleCscDecorator,
  type OracleCscOptions,
  scheme
} from 'fastify-contact-center/oracle-csc'
import { get } from 'node:http'
import { basename } from 'node:path'
import { memoryStore } from 'fastify-contact-center'
import t from 'tap'
import { build, hearOutcomes, now } from '../helper.ts'

declare module 'fastify' {
  interface FastifyInstance {
    oracleCscEurope: OracleCscDecorator
  }
}

const keys = 'a-key-of-at-least-16'
const url = 'https://csc.example/agent/main'
const call = { username: 'kim', callerId: '+15551234567' }

async function service (
  app: FastifyInstance,
  options: Partial<OracleCscOptions> = {}
): Promise<void> {
  await app.register(oracleCsc, { keys, url, now: () => now, ...options })
  app.get('/agent/main', {
    onRequest: app.oracleCsc.verify,
    schema: { querystring: ClickToCallQuery }
  }, async request => {
    if (request.verification?.keyId === 'crash') throw new Error('the store said: secret things')
    return request.verification
  })
  app.get('/open', async request => ({ got: request.query, verification: request.verification }))
  app.post('/call', {
    preSerialization: app.oracleCsc.sign,
    config: { contactCenter: { replies: 'oracleCsc' } }
  }, async (request, reply) => {
    const { status = 200, ...payload } = request.body as { status?: number }
    return reply.code(status).send(payload)
  })
}

/** The signed target for the route, with or without a change to its query. */
async function target (
  app: FastifyInstance,
  change: (query: URLSearchParams) => void = () => {},
  fields: Parameters<OracleCscDecorator['clickToCallUrl']>[0] = call
): Promise<string> {
  const { searchParams } = new URL(await app.oracleCsc.clickToCallUrl(fields))
  change(searchParams)
  return `/agent/main?${searchParams}`
}

t.test('accepts a signed URL', async t => {
  const app = await build(t, service)
  const signed = await app.oracleCsc.clickToCallUrl(call)
  t.equal(signed, clickToCallUrl(url, { ...call, hash: scheme.sign(call, keys) }))
  const verification = {
    scheme: 'oracle-csc',
    keyId: 'default',
    duplicate: false,
    covered: ['username', 'callerId']
  }
  t.strictSame((await app.inject(signed)).json(), verification)
  const spelled = await target(
    app,
    query => query.set('hash', (query.get('hash') ?? '').padStart(40, '0').toUpperCase())
  )
  t.equal(
    (await app.inject(await target(app, () => {}, { ...call, username: 'k1.m-2x' }))).statusCode,
    200,
    "a name with a number's punctuation inside"
  )
  t.strictSame(
    (await app.inject(spelled)).json(),
    verification,
    'with another spelling of the hash'
  )
  const more = await target(app, query => query.append('lang', 'en'), {
    ...call,
    callId: 'any (id)',
    sessionGuid: 'g',
    callToken: 't',
    referrer: 'r'
  })
  t.strictSame((await app.inject(more)).json(), verification, 'with unsigned parameters')
})

t.test('regression: with a router that begins the query at ;, the handler saw an unverified agent', async t => {
  const app = await build(
    t,
    service,
    { routerOptions: { useSemicolonDelimiter: true } } as FastifyServerOptions
  )
  const [path, query] = (await target(app)).split('?')
  const reply = await app.inject(`${path};username=admin&x?${query}`)
  t.equal(reply.statusCode, 400)
  t.equal(reply.json<{ error: string }>().error, 'FST_CC_INPUT_REFUSED')
  t.equal((await app.inject(`${path}?${query}`)).statusCode, 200)
})

t.test('every failure has one shape', async t => {
  const app = await build(
    t,
    app =>
      service(app, {
        keys: [{ id: 'default', secret: keys }, { id: 'crash', secret: 'the-key-that-crashes' }]
      })
  )
  const drop = (name: string) => target(app, query => query.delete(name))
  const set = (name: string, value: string) => target(app, query => query.set(name, value))
  const loose = createScheme({ strict: false })
  const forged = (username: string, callerId = call.callerId, key = keys) => {
    const input = { username, callerId }
    return clickToCallUrl(url, { ...input, hash: loose.sign(input, key) })
  }
  const genuine = await target(app)
  const cases: Record<string, [string, number, string]> = {
    'no clickToCallInit': [await drop('clickToCallInit'), 401, 'FST_CC_SIGNATURE_MISSING'],
    'no hash': [await drop('hash'), 401, 'FST_CC_SIGNATURE_MISSING'],
    'an empty hash': [await set('hash', ''), 401, 'FST_CC_SIGNATURE_MISSING'],
    'no user name': [await drop('username'), 401, 'FST_CC_SIGNATURE_MISSING'],
    'no number': [await drop('UserTelephoneNumber'), 401, 'FST_CC_SIGNATURE_MISSING'],
    'no query': ['/agent/main', 401, 'FST_CC_SIGNATURE_MISSING'],
    'clickToCallInit of another value': [
      await set('clickToCallInit', 'false'),
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a hash that is not hex': [
      await set('hash', 'z'.repeat(40)),
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a hash with a letter before it': [
      await set('hash', 'z' + 'a'.repeat(39)),
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a hash with a letter after it': [
      await set('hash', 'a'.repeat(39) + 'z'),
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'a hash of another length': [
      await set('hash', 'a'.repeat(64)),
      401,
      'FST_CC_SIGNATURE_MALFORMED'
    ],
    'another agent': [await set('username', 'lee'), 401, 'FST_CC_SIGNATURE_INVALID'],
    'another number': [
      await set('UserTelephoneNumber', '+15551234568'),
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'another key': [
      forged('kim', call.callerId, 'a-key-of-someone-else'),
      401,
      'FST_CC_SIGNATURE_INVALID'
    ],
    'a repeated parameter': [genuine + '&username=lee', 400, 'FST_CC_INPUT_REFUSED'],
    'a broken escape': [genuine + '&x=%E9', 400, 'FST_CC_INPUT_REFUSED'],
    'a user name outside the pattern': [forged('j.doe (sales)x'), 400, 'FST_CC_INPUT_REFUSED'],
    'a user name that runs into the number': [
      forged('agent33', '5551234567'),
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a user name that takes punctuation of the number': [
      forged('kim1-', '555'),
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a number that starts with a letter': [forged('kim', 'x555'), 400, 'FST_CC_INPUT_REFUSED'],
    'too few key bytes in the hash': [forged('김'.repeat(20)), 400, 'FST_CC_INPUT_REFUSED'],
    'a crash in the handler': [
      forged('kim', call.callerId, 'the-key-that-crashes'),
      500,
      'INTERNAL_SERVER_ERROR'
    ]
  }
  for (const [name, [path, status, error]] of Object.entries(cases)) {
    const reply = await app.inject(path)
    t.equal(reply.statusCode, status, name)
    t.strictSame(Object.keys(reply.json()), ['error', 'message'], name)
    t.equal(reply.json().error, error, name)
    t.notMatch(reply.body, /secret things|kim|555/, name)
  }
  t.strictSame((await app.inject('/open?username=a')).json(), {
    got: { username: 'a' },
    verification: null
  }, 'a sibling is untouched')
})

t.test('refuses a fragment in the request target, which the router would read as a query', async t => {
  const app = await build(t, service)
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const genuine = await target(app)
  // Raw, because inject and fetch drop a fragment.
  const send = async (path: string) =>
    await new Promise<number | undefined>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path }, reply => {
        resolve(reply.resume().statusCode)
      }).on('error', reject)
    })
  t.equal(await send(genuine), 200)
  for (
    const path of [
      genuine + '#&username=lee',
      '/agent/main#username=lee&x=' + genuine.slice('/agent/main'.length),
      genuine + '#'
    ]
  ) {
    t.equal(await send(path), 400, path)
  }
})

t.test('options change the rules', async t => {
  const app = await build(
    t,
    app => service(app, { confusable: 'allow', usernamePattern: false, callerIdPattern: false })
  )
  for (
    const fields of [{ username: 'agent33', callerId: '5551234567' }, {
      username: "j.doe (sales)*~!'",
      callerId: '+1 555'
    }, { username: 'kim', callerId: 'sip:x@y' }]
  ) {
    t.equal(
      (await app.inject(await target(app, () => {}, fields))).statusCode,
      200,
      fields.username
    )
  }
  const own = await build(t, app => service(app, { usernamePattern: /^k/ }))
  await t.rejects(own.oracleCsc.clickToCallUrl({ ...call, username: 'lee' }), {
    code: 'FST_CC_INPUT_REFUSED'
  })
  t.ok(await own.oracleCsc.clickToCallUrl(call))
})

t.test('the FTCallID check requires and covers the call id', async t => {
  const app = await build(t, app => service(app, { checkCallId: true }))
  const fields = { ...call, callId: '2024-17.3' }
  t.strictSame((await app.inject(await target(app, () => {}, fields))).json().covered, [
    'username',
    'callerId',
    'callId'
  ])
  t.equal(
    await app.oracleCsc.clickToCallUrl(fields),
    clickToCallUrl(url, { ...fields, hash: scheme.sign(fields, keys) })
  )
  const refused: Record<string, [(query: URLSearchParams) => void, number, string]> = {
    'no call id': [query => query.delete('callid'), 401, 'FST_CC_SIGNATURE_MISSING'],
    'another call id': [query => query.set('callid', '2024-17.4'), 401, 'FST_CC_SIGNATURE_INVALID'],
    'a call id outside the pattern': [
      query => query.set('callid', 'x1'),
      400,
      'FST_CC_INPUT_REFUSED'
    ],
    'a number that the call id runs into': [
      query => query.set('UserTelephoneNumber', '555'),
      400,
      'FST_CC_INPUT_REFUSED'
    ]
  }
  for (const [name, [change, status, error]] of Object.entries(refused)) {
    const reply = await app.inject(await target(app, change, fields))
    t.equal(reply.statusCode, status, name)
    t.equal(reply.json().error, error, name)
  }
  for (const invalid of [call, { ...call, callId: '' }, { ...call, callId: 'x1' }]) {
    await t.rejects(app.oracleCsc.clickToCallUrl(invalid), {
      code: 'FST_CC_INPUT_REFUSED',
      statusCode: 400
    })
  }
  const lenientApp = await build(
    t,
    app => service(app, { checkCallId: true, callIdPattern: false })
  )
  await t.rejects(lenientApp.oracleCsc.clickToCallUrl({ ...call, callId: '' }), {
    code: 'FST_CC_INPUT_REFUSED'
  }, 'an empty call ID counts as none, with any pattern')
  const uuid = await build(
    t,
    app => service(app, { checkCallId: true, callIdPattern: /^[0-9a-f-]{36}$/ })
  )
  t.ok(
    await uuid.oracleCsc.clickToCallUrl({ ...call, callId: '1f0c6b1e-7d0a-4d8e-9a55-0a4c6f1f2b3d' })
  )
})

t.test('regression: signing did not name the refused field', async t => {
  const app = await build(t, async app => {
    await service(app)
    app.get(
      '/own',
      { preValidation: app.oracleCsc.verify },
      async () => app.oracleCsc.clickToCallUrl({ ...call, callerId: 'anonymous' })
    )
  })
  const error = await app.oracleCsc.clickToCallUrl({ ...call, callerId: 'anonymous' }).then(
    () => t.fail('the field must be refused') as never,
    (error: Error) => error
  )
  t.match(error, {
    code: 'FST_CC_INPUT_REFUSED',
    statusCode: 400,
    message: /^The signed input is refused: callerId /
  })
  t.notMatch(error.message, /anonymous/, 'never the value')
  t.ok(error.stack?.includes(basename(import.meta.filename)), 'the stack leads to the call')
  const reply = await app.inject({
    url: new URL(await app.oracleCsc.clickToCallUrl(call)).search.replace(/^/, '/own')
  })
  t.match(reply.json(), {
    error: 'FST_CC_INPUT_REFUSED',
    message: /^The signed input is refused$/
  }, 'the reply does not name it')
})

t.test('the sign hook adds the URL to a payload', async t => {
  const app = await build(t, service)
  const send = (payload: object) => app.inject({ method: 'POST', url: '/call', payload })
  const reply = await send({ ...call, callId: 'c', customer: 'not for the URL' })
  t.strictSame(reply.json(), {
    ...call,
    callId: 'c',
    customer: 'not for the URL',
    url: await app.oracleCsc.clickToCallUrl({ ...call, callId: 'c' })
  })
  t.equal(reply.headers['cache-control'], 'no-store')
  t.strictSame((await send({ status: 404, error: 'no such call' })).json(), {
    error: 'no such call'
  }, 'a failure passes unchanged')
  const anonymous = await send({ ...call, callerId: 'anonymous' })
  t.equal(anonymous.statusCode, 400)
  t.match(anonymous.json(), {
    error: 'FST_CC_INPUT_REFUSED',
    message: 'The signed input is refused'
  })
  const misuse = await send({ username: 'kim' })
  t.equal(misuse.statusCode, 500, "a payload without a number is the handler's mistake")
  t.strictSame(misuse.json(), { error: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' })

  const documented = await build(t, async app => {
    await app.register(oracleCsc, { keys, url })
    app.post('/call', {
      preSerialization: app.oracleCsc.sign,
      schema: { body: ClickToCall, response: ClickToCallReplies }
    }, async request => ({ ...request.body as ClickToCall }))
  })
  t.match((await documented.inject({ method: 'POST', url: '/call', payload: call })).json(), {
    ...call,
    url: /^https:\/\/csc\.example\/agent\/main\?clickToCallInit=true/
  })
})

t.test('a field that is not text throws TypeError before any rule runs', async t => {
  const app = await build(t, service)
  await t.rejects(app.oracleCsc.clickToCallUrl({ ...call, username: 7 as never }), TypeError)
})

t.test('keys: any of several verifies, the first signs', async t => {
  const old = { id: 'old', secret: 'the-key-of-last-year' }
  const app = await build(t, app => service(app, { keys: [{ id: 'new', secret: keys }, old] }))
  t.equal((await app.inject(await target(app))).json().keyId, 'new')
  t.equal(await app.oracleCsc.verifyInput(call, scheme.sign(call, old.secret)), 'old')
  t.equal(await app.oracleCsc.verifyInput(call, scheme.sign(call, "nobody's")), null)
})

t.test('passes options to the scheme and the URL', async t => {
  const parameterNames = { callerId: 'UserTelphoneNumber', hash: 'h' }
  const app = await build(
    t,
    app =>
      service(app, {
        algorithm: 'sha256',
        byteLength: 'utf8',
        minimumKeyBytes: 8,
        parameterNames,
        url: url + '?lang=en'
      })
  )
  const fields = { username: '김'.repeat(20), callerId: '1' }
  const signed = await app.oracleCsc.clickToCallUrl(fields)
  t.match(
    signed,
    /\?lang=en&clickToCallInit=true&username=[^&]+&h=[0-9a-f]{60,64}&UserTelphoneNumber=1$/
  )
  const verifier = await build(t, async app => {
    await app.register(oracleCsc, { keys, algorithm: 'sha256', byteLength: 'utf8', parameterNames })
    app.get('/agent/main', { preHandler: app.oracleCsc.verify }, async () => 'in')
  })
  t.equal((await verifier.inject(signed)).body, 'in', 'a verifier needs no url')
  await t.rejects(verifier.oracleCsc.clickToCallUrl(fields), {
    code: 'FST_CC_OPTION_INVALID',
    message: /"url" is needed to sign/
  })
})

t.test('looks keys up to sign and verify for a request', async t => {
  const app = await build(t, app => service(app, { keys: () => [{ id: 'found', secret: keys }] }))
  t.equal(
    (await app.inject({ method: 'POST', url: '/call', payload: call })).json().url,
    clickToCallUrl(url, { ...call, hash: scheme.sign(call, keys) })
  )
  t.equal(
    (await app.inject(clickToCallUrl(url, { ...call, hash: scheme.sign(call, keys) }))).json()
      .keyId,
    'found'
  )
})

t.test('refuses a used URL, in either spelling of its hash, until the store forgets it', async t => {
  let clock = now
  const time = () => clock
  const app = await build(
    t,
    app => service(app, { now: time, replay: memoryStore({ now: time }), rememberMs: 60_000 })
  )
  const input = { username: 'kim', callerId: '+1' }
  while (scheme.sign(input, keys).length === 40) input.callerId += '1'
  const stripped = scheme.sign(input, keys)
  const padded = stripped.padStart(40, '0')
  const open = async (hash: string) =>
    (await app.inject(clickToCallUrl(url, { ...input, hash }))).statusCode
  t.equal(await open(stripped), 200)
  for (const hash of [stripped, padded, padded.toUpperCase()]) t.equal(await open(hash), 401, hash)
  clock += 60_000
  t.equal(await open(padded), 200)
})

t.test('works with a second account and @fastify/auth', async t => {
  const app = await build(t, async app => {
    await app.register(auth)
    await service(app)
    await app.register(oracleCsc, { keys: 'the-key-of-the-other-one', as: 'oracleCscEurope', url })
    app.get('/europe', {
      preHandler: app.auth([app.oracleCscEurope.verify]),
      config: { contactCenter: { replies: 'oracleCscEurope' } }
    }, async request => request.verification)
  })
  const europe = await app.oracleCscEurope.clickToCallUrl(call)
  const { search } = new URL(europe)
  t.equal((await app.inject('/europe' + search)).statusCode, 200)
  const wrongAccount = await app.inject('/agent/main' + search)
  t.equal(wrongAccount.statusCode, 401)
  t.equal(wrongAccount.json().error, 'FST_CC_SIGNATURE_INVALID')
  t.equal((await app.inject('/europe')).json().error, 'FST_CC_SIGNATURE_MISSING')
})

t.test('a masked log holds no credential, number or name', async t => {
  let log = ''
  const logger = {
    stream: {
      write: (line: string) => {
        log += line
      }
    },
    serializers: {
      req: (request: { method: string, url: string }) => ({
        method: request.method,
        url: maskClickToCallUrl(request.url)
      })
    }
  }
  const app = await build(t, service, { logger })
  t.equal((await app.inject(await target(app))).statusCode, 200)
  t.equal(
    (await app.inject(await target(app, query => query.set('username', 'lee')))).statusCode,
    401
  )
  t.equal((await app.inject({ method: 'POST', url: '/call', payload: call })).statusCode, 200)
  t.match(
    log,
    /"url":"\/agent\/main\?clickToCallInit=true&username=\*\*\*&hash=\*\*\*&UserTelephoneNumber=\*\*\*"/
  )
  t.match(log, /FST_CC_SIGNATURE_INVALID/)
  t.notMatch(log, new RegExp(`${scheme.sign(call, keys)}|5551234567|kim|lee|${keys}`))
})

t.test('misconfiguration stops the registration and names the option', async t => {
  const invalid: Record<string, [object, RegExp]> = {
    'an unknown algorithm': [{ algorithm: 'md5' }, /"algorithm" must be one of 'sha1', 'sha256'/],
    'an unknown byte length': [{ byteLength: 'bytes' }, /"byteLength" must be one of/],
    'no key byte at all': [{ minimumKeyBytes: 0 }, /"minimumKeyBytes" must be a positive integer/],
    'a word for a boolean': [{ allowHttp: 'yes' }, /"allowHttp" must be true or false/],
    'a word for a switch': [{ checkCallId: 'false' }, /"checkCallId" must be true or false/],
    'an unknown option': [{ checkFTCallID: true }, /unknown option "checkFTCallID"/],
    'a pattern as text': [
      { usernamePattern: '^k' },
      /^oracle-csc: option "usernamePattern" must be a regular expression/
    ],
    'a global pattern': [
      { callerIdPattern: /1/g },
      /"callerIdPattern" must be a regular expression without/
    ],
    'a sticky pattern': [
      { callIdPattern: /1/y },
      /"callIdPattern" must be a regular expression without/
    ],
    'an unknown policy': [
      { confusable: 'maybe' },
      /^oracle-csc: option "confusable" must be one of 'refuse', 'allow'/
    ],
    'one name twice': [
      { parameterNames: { hash: 'username' } },
      /"parameterNames": two parameters have the same name/
    ],
    'a relative url': [{ url: '/agent/main' }, /"url": the base URL must be an absolute URL/],
    'a url with our parameter': [
      { url: url + '?hash=1' },
      /"url": the base URL already has a parameter "hash"/
    ],
    'a url without TLS': [{ url: 'http://csc.example/agent/main' }, /"url" must be https/],
    'a name that only looks like loopback': [
      { url: 'http://127.0.0.1.example/' },
      /^oracle-csc: option "url" must be https/
    ],
    'a name that only ends like it': [{ url: 'http://evil-localhost/' }, /"url" must be https/],
    'a word for strict': [{ strict: 'yes' }, /"strict" must be true or false/],
    "the vendor's published key": [{ keys: 'mySecretKey', minimumSecretLength: 1 }, /"keys"/],
    'a tolerance, where no time is signed': [{ tolerance: 1 }, /unknown option "tolerance"/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    await t.rejects(
      build(t, app => app.register(oracleCsc, { keys, ...options } as OracleCscOptions)),
      { code: 'FST_CC_OPTION_INVALID', message },
      name
    )
  }
  for (
    const fine of [
      'http://localhost:8080/agent/main',
      'http://127.0.0.1/',
      'http://127.10.20.30/',
      'http://[::1]:1/'
    ]
  ) t.ok(await build(t, app => app.register(oracleCsc, { keys, url: fine })), fine)
  t.ok(
    await build(
      t,
      app => app.register(oracleCsc, { keys, url: 'http://csc.example/', allowHttp: true })
    )
  )
})

t.test("publishes outcomes with the vendor's name", async t => {
  const outcomes = hearOutcomes(t)
  const app = await build(t, service)
  await app.inject('/agent/main?clickToCallInit=true')
  t.strictSame(outcomes.map(({ vendor }) => vendor), ['oracle-csc'])
})
