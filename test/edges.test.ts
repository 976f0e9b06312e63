// Edge cases that no other test reaches: missing parts, and values at the limits of a format.
import Fastify, { type RouteOptions } from 'fastify'
import { explain } from 'fastify-contact-center/explain'
import * as line from 'fastify-contact-center/line'
import { diagnosis as zendeskDiagnosis } from 'fastify-contact-center/zendesk'
import onlineContact from 'fastify-contact-center/online-contact'
import * as standardWebhooks from 'fastify-contact-center/standard-webhooks'
import { diagnosis as intercomDiagnosis } from 'fastify-contact-center/intercom'
import * as telnyx from 'fastify-contact-center/telnyx'
import * as vonage from 'fastify-contact-center/vonage'
import * as whatsapp from 'fastify-contact-center/whatsapp'
import zoom, * as zoomModule from 'fastify-contact-center/zoom'
import huaweiAicc from 'fastify-contact-center/huawei-aicc'
import t from 'tap'
import { InputError } from 'fastify-contact-center'
import { refuseInputErrors, refuseOwnInput } from '../plugins/kit/errors.ts'
import { bodyMistakes } from '../plugins/kit/explain/body-mistakes.ts'
import { jsonTexts } from '../plugins/kit/explain/json-writers.ts'
import { continueWith } from '../plugins/kit/route/maybe-promise.ts'
import { canSeeHooksOf, deferSetting } from '../plugins/kit/route/route-hooks.ts'
import { matchingKey } from '../plugins/kit/route/verify.ts'
import { parseWireJson, toWire, WireNumber } from '../plugins/kit/wire/json.ts'
import { isBase64 } from '../plugins/kit/wire/mac.ts'
import { build } from './helper.ts'

const secret = 'a-key-of-at-least-16'

t.test('reads a request without headers as one with empty parts', async t => {
  const bare = { method: 'POST', target: '/', headers: new Map<string, string>() }
  for (const { diagnosis } of [line, standardWebhooks, telnyx, whatsapp, zoomModule]) {
    t.equal(diagnosis.extract({ ...bare, body: Buffer.from('{}') }).signature, '')
  }
  const body = Buffer.from('{}')
  t.same(intercomDiagnosis.extract({ ...bare, body }), { input: { body }, signature: '' })
  t.same(zendeskDiagnosis.extract({ ...bare, body }), {
    input: { timestamp: '', body },
    signature: ''
  })
  t.same(vonage.diagnosis.extract({ ...bare, body: Buffer.alloc(0) }), {
    input: { header: '', claims: '' },
    signature: ''
  })
})

t.test('does not date a token without a time to 1970', async t => {
  const scheme = vonage.createScheme({ strict: false })
  const input = { header: '{"alg":"HS256"}', claims: '{"jti":"1"}' }
  const { matches, reasons } = explain(
    scheme,
    vonage.diagnosis,
    input,
    scheme.sign(input, secret),
    [{ id: 'one', secret }],
    { now: Date.now(), window: { pastMs: 1000, futureMs: 1000 } }
  )
  t.ok(matches)
  t.same(reasons, [])
})

t.test('explain recognises wrong clients for every kind of body', async t => {
  t.ok([...bodyMistakes('no JSON')].length > 0)
  t.same(
    [...line.diagnosis.variants({ body: 'no JSON' }, secret)].filter(({ code }) =>
      code === 'body-part'
    ),
    []
  )
  t.same([...jsonTexts(null).keys()], ['null'])
  const deep = parseWireJson('['.repeat(200) + ']'.repeat(200), 'body')
  const longest = Math.max(...Array.from(jsonTexts(deep).keys(), text => text.length))
  t.ok(longest > 400, 'indented')
  t.ok(longest < 200 * 300, 'indented up to a limit')
  t.ok([...vonage.diagnosis.variants({ header: '{}', claims: '{}' }, secret)].length > 5)
})

t.test('toWire leaves the values beside a bigint unchanged', async t => {
  const wire = toWire({ id: 12345678901234567890n, name: 'Kim', none: null, list: [1n] })
  t.same(
    wire,
    new Map<string, unknown>([
      ['id', new WireNumber('12345678901234567890')],
      ['name', 'Kim'],
      ['none', null],
      ['list', [new WireNumber('1')]]
    ])
  )
})

t.test('accepts one base64 spelling of each length', async t => {
  for (const length of [1, 2, 3, 20, 32, 64]) {
    const text = Buffer.alloc(length, 0xff).toString('base64')
    t.ok(isBase64(text, length), text)
    t.notOk(isBase64(text, length + 1), `${text} as ${length + 1} bytes`)
    if (text.endsWith('=')) {
      t.notOk(
        isBase64(text.replace(/[A-Za-z0-9+/](?==+$)/, '/'), length),
        'spare bits are set'
      )
    }
  }
  t.notOk(isBase64(7, 1))
})

t.test('an unknown key ID costs as much as a wrong signature', async t => {
  let verified = 0
  const scheme = {
    name: 'counting',
    limits: [],
    message: () => '',
    verify () {
      verified++
      return true
    }
  }
  const keys = [{ id: 'one', secret }, { id: 'two', secret }]
  t.equal(matchingKey(scheme, { input: {}, signature: '', keyId: 'three' }, keys), undefined)
  t.equal(verified, 1)
})

t.test("plugins that share an open route see each other's settings", async t => {
  const [first, second] = [async () => {}, async () => {}]
  const route: Pick<RouteOptions, 'preParsing'> = {}
  for (const own of [first, second]) {
    deferSetting(route as RouteOptions, 'preParsing', hooks => {
      const before = [hooks ?? []].flat()
      return before.includes(own) ? hooks : [...before, own]
    })
  }
  t.same(route.preParsing, [first, second])
  const preParsing = async () => {}
  route.preParsing = [preParsing]
  t.same(route.preParsing, [preParsing, first, second])
})

t.test('treats a step that throws like one that rejects', async t => {
  const cause = new InputError('name must be text')
  for (
    const step of [
      () => {
        throw cause
      },
      async () => {
        throw cause
      }
    ]
  ) {
    const failed = async (refuse: typeof refuseOwnInput) =>
      await Promise.resolve().then(() => refuse(step)).then(
        () => undefined,
        (error: Error) => error
      )
    t.match(await failed(refuseInputErrors), {
      code: 'FST_CC_INPUT_REFUSED',
      message: 'The signed input is refused',
      cause
    })
    t.match(await failed(refuseOwnInput), {
      code: 'FST_CC_INPUT_REFUSED',
      message: 'The signed input is refused: name must be text',
      cause
    })
  }
  const fault = new TypeError('not of the input')
  t.throws(() =>
    refuseInputErrors(() => {
      throw fault
    }), fault)
})

t.test('awaits a thenable like a promise', async t => {
  const thenable = { then: (resolve: (value: number) => void) => resolve(1) }
  t.equal(await continueWith(thenable as never, (value: number) => value + 1), 2)
  t.equal(await continueWith(Promise.resolve(1), value => value + 1), 2)
  t.equal(continueWith(1, value => value + 1), 2, 'a plain value is used synchronously')
  t.equal(continueWith(null, value => value), null)
})

t.test('finds no hooks without access to them', async t => {
  t.equal(canSeeHooksOf({} as never), false)
})

t.test("answers a status without a phrase in the vendor's shape", async t => {
  const app = await build(t, async app => {
    await app.register(zoom, { keys: secret })
    for (const status of [499, 599]) {
      app.get(`/${status}`, { config: { contactCenter: { replies: 'zoom' } } }, async () => {
        throw Object.assign(new Error('odd'), { statusCode: status })
      })
    }
  })
  t.match((await app.inject('/499')).json(), { code: 'BAD_REQUEST', error: 'Error' })
  t.match((await app.inject('/599')).json(), { code: 'INTERNAL_SERVER_ERROR', error: 'Error' })
})

t.test('error handlers of other frameworks can reply with a failure', async t => {
  const app = await build(t, app => app.register(zoom, { keys: secret }))
  const { status, headers, body } = app.zoom.failureReply({ statusCode: 404, message: 'no such' })
  t.equal(status, 404)
  t.equal(headers['content-type'], 'application/json; charset=utf-8')
  t.match(body, { code: 'NOT_FOUND', message: 'no such' })
})

t.test('registration fails for a second account under a taken name', async t => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(zoom, { keys: secret })
  await t.rejects(async () => await app.register(zoom, { keys: secret }), {
    code: 'FST_CC_OPTION_INVALID',
    message: /app\.zoom already exists/
  })
})

t.test('explains a signature on a request without a body', async t => {
  const lines: Array<Record<string, unknown>> = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const app = await build(t, async app => {
    await app.register(onlineContact, { keys: secret, service: 'help', explain: true })
    app.get('/login', { preValidation: app.onlineContact.verify }, async () => ({}))
  }, { logger: { level: 'warn', stream } })
  const query = new URLSearchParams({
    usercode: 'kim',
    email: 'kim@example.com',
    time: String(Date.now()),
    token: Buffer.alloc(32).toString('base64')
  })
  t.equal((await app.inject(`/login?${query}`)).statusCode, 403)
  await new Promise(resolve => setImmediate(resolve))
  await app.close()
  t.match(lines, [{ vendor: 'online-contact', code: 'FST_CC_SIGNATURE_INVALID' }])
})

t.test("the plugin's createCall uses the plugin's options", async t => {
  const requests: Array<[url: string, headers: Headers]> = []
  const app = await build(t, app =>
    app.register(huaweiAicc, {
      keys: secret,
      url: 'http://aicc.example',
      allowHttp: true,
      accessToken: 'token',
      appKey: 'the-app',
      timeoutMs: 5000,
      fetch: async (url, init) => {
        requests.push([String(url), new Headers(init?.headers)])
        return Response.json({ resultCode: '0', resultDesc: 'ok', callSerialNo: '1' })
      }
    }))
  await app.huaweiAicc.createCall({ caller: '1', called: '2' } as never).catch(() => {})
  t.match(requests[0]?.[0], /^http:\/\/aicc\.example\//)
  t.equal(requests[0]?.[1].get('x-app-key'), 'the-app')
})
