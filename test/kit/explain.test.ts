import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions } from 'fastify'
import contiple, {
  diagnosis as contipleDiagnosis,
  scheme as contipleScheme
} from 'fastify-contact-center/contiple'
import huaweiAicc from 'fastify-contact-center/huawei-aicc'
import itxChat from 'fastify-contact-center/itx-chat'
import onlineContact from 'fastify-contact-center/online-contact'
import oracleCsc, {
  diagnosis as oracleDiagnosis,
  scheme as oracle
} from 'fastify-contact-center/oracle-csc'
import { explain, hmacSha256Digests, type Diagnosis } from 'fastify-contact-center/explain'
import { InputError, type Scheme } from 'fastify-contact-center/kit'
import type { Key } from 'fastify-contact-center'
import t, { type Test } from 'tap'
import { build, now } from '../helper.ts'
import { secret, toy, toyHeaders, toyScheme, type ToyInput } from './toy.ts'

const diagnosis: Diagnosis<ToyInput> = {
  ...hmacSha256Digests,
  otherSpellings: [{
    code: 'spelling-prefix',
    text: 'A word stands before it.',
    fix: 'Send the signature alone.',
    write: digest => `HMAC ${Buffer.from(digest).toString('base64')}`
  }],
  timestamp: ({ time }) => time,
  variants: (
    { body, time }
  ) => [{
    code: 'time-first',
    text: 'The time comes first.',
    fix: 'Put it last.',
    message: `${time}.${Buffer.from(body).toString()}`
  }],
  extract: ({ headers, body }) => ({
    input: { body, time: headers.get('x-toy-time') ?? '' },
    signature: headers.get('x-toy-signature') ?? ''
  })
}
const scheme = toyScheme
const keys: [Key, Key] = [{ id: 'new', secret }, { id: 'old', secret: ' a-key-in-blanks-16 ' }]
const body = Buffer.from('{}')
const window = { pastMs: 1000, futureMs: 500 }

function explainAt (
  time: string,
  signature = toyScheme.sign({ body, time }, secret)
): { matches: boolean, codes: string[], texts: string } {
  const { matches, reasons } = explain(scheme, diagnosis, { body, time }, signature, keys, {
    now,
    window
  })
  return {
    matches,
    codes: reasons.map(({ code }) => code),
    texts: reasons.map(({ text }) => text).join()
  }
}

t.test('a matching signature gets reasons for its time only', async t => {
  t.strictSame(
    explain(
      scheme,
      diagnosis,
      { body, time: String(now) },
      toyScheme.sign({ body, time: String(now) }, ' a-key-in-blanks-16 '),
      keys,
      { now, window }
    ),
    {
      matches: true,
      keyId: 'old',
      reasons: [],
      signedText: `{}.${now}`,
      tried: 2,
      complete: true
    }
  )
  for (const time of [now - 1000, now + 500]) {
    t.strictSame(
      explainAt(String(time)),
      { matches: true, codes: [], texts: '' },
      'both edges are inside the window'
    )
  }
  t.strictSame(explainAt(String(now - 1001)), {
    matches: true,
    codes: ['time-outside-window'],
    texts: 'The time is 1001 ms in the past; the limit is 1000 ms.'
  })
  t.strictSame(explainAt(String(now + 501)), {
    matches: true,
    codes: ['time-outside-window'],
    texts: 'The time is 501 ms in the future; the limit is 500 ms.'
  })
  t.strictSame(explainAt(String(now).slice(0, -3)), {
    matches: true,
    codes: ['time-seconds'],
    texts: 'The time looks like seconds.'
  })
  t.strictSame(explainAt('yesterday'), {
    matches: true,
    codes: ['time-malformed'],
    texts: 'The time is not a decimal integer.'
  })
  t.strictSame(
    explain(
      scheme,
      diagnosis,
      { body, time: '1' },
      toyScheme.sign({ body, time: '1' }, secret),
      keys
    ).reasons,
    [],
    'without a clock'
  )
  t.strictSame(
    explain(
      scheme,
      { ...hmacSha256Digests, variants: () => [], extract: diagnosis.extract },
      { body, time: '1' },
      toyScheme.sign({ body, time: '1' }, secret),
      keys,
      { now, window }
    ).reasons,
    [],
    'without a signed time'
  )
})

t.test('a signature that does not match gets its reasons', async t => {
  const time = String(now)
  const mac = (text: string, key: string | Uint8Array = secret): string =>
    createHmac('sha256', key).update(text).digest('base64')
  const text = `{}.${time}`
  const cases: Array<[string[], string]> = [
    [[], mac('something else')],
    [[], ''],
    [[], mac(`${time}.{}`, secret + '\n').toLowerCase()],
    [['key-trimmed'], mac(text, 'a-key-in-blanks-16')],
    [['key-blanks'], mac(text, `'${secret}'`)],
    [['time-first'], mac(`${time}.{}`)],
    [['spelling-prefix'], `HMAC ${mac(text)}`],
    [['spelling-hex'], Buffer.from(mac(text), 'base64').toString('hex')],
    [['key-blanks', 'time-first'], mac(`${time}.{}`, `${secret}\r\n`)],
    [['time-first', 'spelling-prefix'], `HMAC ${mac(`${time}.{}`)}`]
  ]
  for (const [i, [codes, signature]] of cases.entries()) {
    t.strictSame(explainAt(time, signature).codes, codes, `signature ${i}`)
  }
  const withPlus =
    Array.from({ length: 20 }, (_, i) => String(now + i)).find(time =>
      mac(`{}.${time}`).includes('+')
    ) ?? ''
  t.strictSame(explainAt(withPlus, mac(`{}.${withPlus}`).replaceAll('+', ' ')).codes, [
    'spelling-plus'
  ])
  t.strictSame(explainAt(String(now - 2000), mac(`${now - 2000}.{}`)).codes, [
    'time-first',
    'time-outside-window'
  ], 'the reason for the signature comes first')
  t.notOk(cases.some(([, signature]) => explainAt(time, signature).matches))
  const { spelling, digest, variants, extract } = diagnosis
  t.strictSame(
    explain(
      scheme,
      { spelling, digest, variants, extract },
      { body, time },
      mac(`${time}.{}`),
      keys
    ).reasons.map(({ code }) => code),
    ['time-first'],
    'a minimal diagnosis'
  )
})

t.test('handles misuse, and input that a scheme refuses', async t => {
  const refusingScheme: Scheme<ToyInput> = {
    ...scheme,
    message: () => {
      throw new InputError('no')
    }
  }
  t.throws(() => explain(refusingScheme, diagnosis, { body, time: '1' }, '', keys), {
    code: 'ERR_CC_INPUT'
  })
  const faultyScheme: Scheme<ToyInput> = {
    ...scheme,
    verify: () => {
      throw new RangeError('a fault of the scheme')
    }
  }
  t.throws(
    () => explain(faultyScheme, diagnosis, { body, time: '1' }, '', keys),
    RangeError,
    'a fault is not a refusal'
  )
  t.strictSame(
    explain(oracle, oracleDiagnosis, { username: 'kim', callerId: '1' }, '', [{
      id: 'blank',
      secret: '  '
    }])
      .reasons,
    [],
    'a blank key cannot be trimmed'
  )
  const shortKey = { id: 'short', secret: 'tiny' }
  t.strictSame(
    explain(oracle, oracleDiagnosis, { username: 'Renée', callerId: '555' }, 'x', [{
      id: 'long',
      secret: 'a-key-of-at-least-16'
    }, shortKey], { otherKeys: [{ ...shortKey, id: 'shorter' }] }).reasons,
    [],
    'one key refuses input that another key signs'
  )
})

t.test('shows no secret, in any form', async t => {
  const schemeWith = (message: (secret: string) => string): Scheme<ToyInput> => ({
    ...scheme,
    message: (_input, secret) => message(secret)
  })
  const shown = (message: (secret: string) => string): string =>
    explain(schemeWith(message), diagnosis, { body, time: '1' }, '', keys).signedText
  t.equal(shown(key => `a-${key}-b-${key}`), 'a-‹secret›-b-‹secret›')
  t.equal(
    shown(key => `‹secret› ${key}`.slice(0, -5)),
    '‹secret› ‹secret›',
    'cut off, after text that looks like the mask'
  )
  t.equal(
    shown(key => `text ${Buffer.from(key).toString('hex')}`),
    '‹secret›',
    'in an unknown encoding'
  )
  t.equal(
    shown(key => {
      if (key.startsWith('*')) throw new InputError('weak')
      return `text ${key.slice(0, 9)}`
    }),
    'text ‹secret›',
    'where the scheme takes no other key'
  )
  t.equal(
    shown(() => `its text holds ${secret}`),
    'its text holds ‹secret›',
    'in the input by chance'
  )
  t.equal(
    shown(() => 'ends in the beginning a-key'),
    'ends in the beginning a-key',
    'a text without the secret is shown whole'
  )
})

interface Line {
  level: number
  msg: string
  reasons?: Array<{ code: string }>
  err?: { message: string } & Record<string, unknown>
}

async function buildWithLog (
  t: Test,
  set: (app: FastifyInstance) => unknown
): Promise<
  {
    app: FastifyInstance,
    lines: () => Promise<Line[]>,
    line: () => Promise<Line | undefined>,
    text: () => string
  }
> {
  let text = ''
  const lines = async (): Promise<Line[]> => {
    await wait(20)
    const parsed = text.trim().split('\n').filter(line => line !== '').map(line =>
      JSON.parse(line) as Line
    )
    text = ''
    return parsed
  }
  const app = await build(t, set, {
    logger: {
      level: 'warn',
      stream: {
        write: (line: string) => {
          text += line
        }
      }
    }
  })
  return {
    app,
    text: () => text,
    lines,
    async line () {
      let found = await lines()
      for (let waits = 0; found.length === 0 && waits < 1000; waits++) found = await lines()
      const [line, ...more] = found
      t.strictSame(more, [], 'a single line')
      return line
    }
  }
}

t.test('logs the reason, and does not send it', async t => {
  let clock = now
  const otherKey = { id: 'gone', secret: 'a-key-that-is-no-more', notAfter: now - 1 }
  const { app, lines, line, text } = await buildWithLog(t, async app => {
    toy(
      app,
      { keys: [{ id: 'now', secret }, otherKey], explain: true, now: () => clock },
      scheme,
      diagnosis
    )
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  const send = async (headers: Record<string, string | string[]>, payload = '{"name":"Kim"}') =>
    await app.inject({
      method: 'POST',
      url: '/signed',
      payload,
      headers: { 'content-type': 'application/json', ...headers }
    })
  const expired = toyHeaders('{"name":"Kim"}', now, otherKey.secret)

  const reply = await send(expired)
  t.strictSame(reply.json(), {
    toy: 'FST_CC_SIGNATURE_INVALID',
    message: 'The signature does not match'
  })
  await wait(20)
  for (const hidden of [secret, otherKey.secret, 'Kim', expired['x-toy-signature'] ?? '']) {
    t.notOk(text().includes(hidden), 'the log holds no secret, signature or signed text')
  }
  t.match(await line(), {
    level: 40,
    vendor: 'toy',
    decorator: 'toy',
    code: 'FST_CC_SIGNATURE_INVALID',
    matches: false,
    keyId: 'gone',
    reasons: [{ code: 'key-other', text: /"gone"/, fix: /\w/ }],
    msg: 'the signature was refused for these reasons'
  })

  await send(expired)
  clock += 999
  await send(expired)
  t.strictSame(await lines(), [], 'at most one search per second')
  clock += 1
  const malformed = await send({
    ...toyHeaders('{"name":"Kim"}', clock),
    'x-toy-signature': `HMAC ${toyHeaders('{"name":"Kim"}', clock)['x-toy-signature']}`
  })
  t.equal(malformed.json<{ toy: string }>().toy, 'FST_CC_SIGNATURE_MALFORMED')
  t.match(await line(), {
    code: 'FST_CC_SIGNATURE_MALFORMED',
    keyId: 'now',
    reasons: [{ code: 'spelling-prefix' }]
  })

  clock += 1000
  await send(toyHeaders('another body', clock))
  t.match(await line(), {
    msg: 'no known mistake explains the signature',
    reasons: { length: 0 }
  })
  clock += 1000
  t.equal((await send(toyHeaders('x', clock), JSON.stringify('x'.repeat(20_000)))).statusCode, 401)
  t.match(await line(), {
    msg: 'the signature cannot be explained',
    err: { message: 'the body is larger than 8192 bytes' }
  })
  clock += 1000
  t.equal(
    (await send({ ...toyHeaders('{"name":"Kim"}', clock - 600_000) })).json<{ toy: string }>().toy,
    'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
  )
  t.equal((await send({})).json<{ toy: string }>().toy, 'FST_CC_SIGNATURE_MISSING')
  t.strictSame(await lines(), [], 'other refusals need no search')
})

t.test('regression: deeply nested JSON took seconds to indent', async t => {
  const deep = '['.repeat(4000) + ']'.repeat(4000)
  const began = process.cpuUsage()
  const { reasons } = explain(
    contipleScheme,
    contipleDiagnosis,
    { body: deep, timestamp: '1' },
    'A'.repeat(43) + '=',
    [{ id: 'a', secret }, { id: 'b', secret: secret + 'b' }, { id: 'c', secret: secret + 'c' }],
    { mostMs: 250 }
  )
  t.strictSame(reasons, [])
  t.ok(process.cpuUsage(began).user < 3_000_000, 'instead of half a minute')
  const indented = JSON.stringify({ a: [1, { b: '2' }] }, null, 2)
  t.match(
    explain(
      contipleScheme,
      contipleDiagnosis,
      { body: '{"a":[1,{"b":"2"}]}', timestamp: '1' },
      contipleScheme.sign({ body: indented, timestamp: '1' }, secret),
      [{ id: 'a', secret }]
    ),
    { reasons: [{ code: 'body-reserialised' }] },
    'shallow JSON is still indented'
  )
})

t.test('a search ends at its time limit, with the reasons found so far', async t => {
  const signature = scheme.sign({ body: Buffer.from('x'), time: '2' }, secret)
  const ended = explain(scheme, diagnosis, { body: Buffer.from('x'), time: '1' }, signature, [{
    id: 'a',
    secret
  }], { mostMs: 0 })
  t.match(ended, { matches: false, complete: false, tried: 0, reasons: { length: 0 } })
  t.match(
    explain(scheme, diagnosis, { body: Buffer.from('x'), time: '1' }, signature, [{
      id: 'a',
      secret
    }], {
      mostMs: 60_000
    }),
    { complete: true }
  )
  const { app, line } = await buildWithLog(t, async app => {
    const slow = {
      ...diagnosis,
      *variants () {
        const before = process.cpuUsage()
        while (process.cpuUsage(before).user < 300_000);
      }
    }
    toy(app, { explain: true, now: () => now }, scheme, slow)
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  await app.inject({
    method: 'POST',
    url: '/signed',
    payload: 'x',
    headers: { 'content-type': 'text/plain', ...toyHeaders('y', now) }
  })
  t.match(await line(), { msg: 'no explanation of the signature was found within 250 ms' })
})

t.test('a diagnosis that throws changes no reply', async t => {
  const { app, line } = await buildWithLog(t, async app => {
    toy(app, { keys: () => [], explain: true }, scheme, {
      ...diagnosis,
      variants () {
        throw new RangeError('a fault of the diagnosis')
      }
    })
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
    app.addHook('onRequest', async () => {
      await wait(1)
    })
  })
  const reply = await app.inject({
    method: 'POST',
    url: '/signed',
    payload: 'x',
    headers: { 'content-type': 'text/plain', ...toyHeaders('y') }
  })
  t.equal(reply.statusCode, 401)
  t.strictSame(reply.json(), {
    toy: 'FST_CC_SIGNATURE_INVALID',
    message: 'The signature does not match'
  })
  t.match(await line(), {
    msg: 'the signature cannot be explained',
    err: { message: 'a fault of the diagnosis' }
  })
})

t.test('is off by default, and refused without a diagnosis', async t => {
  const { app, lines } = await buildWithLog(t, async app => {
    toy(app, {}, scheme, diagnosis)
    app.post('/signed', { preValidation: app.toy.verify }, async () => 'ok')
  })
  await app.inject({
    method: 'POST',
    url: '/signed',
    payload: 'x',
    headers: { 'content-type': 'text/plain', ...toyHeaders('y') }
  })
  t.strictSame(await lines(), [])
  await t.rejects(
    build(t, app => {
      toy(app, { explain: true })
    }),
    { code: 'FST_CC_OPTION_INVALID', message: /needs a vendor with a diagnosis/ }
  )
  await t.rejects(
    build(t, app => {
      toy(app, { explain: 'yes' as never })
    }),
    { code: 'FST_CC_OPTION_INVALID', message: /"explain" must be true or false/ }
  )
})

t.test("every vendor's plugin explains", async t => {
  const common = { keys: secret, now: () => now, explain: true }
  const { app, lines, line } = await buildWithLog(t, async app => {
    await app.register(contiple, common)
    await app.register(huaweiAicc, common)
    await app.register(itxChat, common)
    await app.register(onlineContact, { ...common, service: 'shop' })
    await app.register(oracleCsc, {
      ...common,
      checkCallId: true,
      parameterNames: { hash: 'h', callId: 'called' }
    })
    app.post('/contiple', { preValidation: app.contiple.verify }, async () => 'ok')
    app.post('/huawei', { preValidation: app.huaweiAicc.verify }, async () => 'ok')
    app.post('/itx', { preValidation: app.itxChat.verify }, async () => 'ok')
    app.get('/member', { preValidation: app.onlineContact.verify }, async () => 'ok')
    app.get('/csc', { preValidation: app.oracleCsc.verify }, async () => 'ok')
  })
  const hmac = (text: string): string => createHmac('sha256', secret).update(text).digest('base64')
  const json = { 'content-type': 'application/json' }
  const cases: Record<string, InjectOptions> = {
    'uri-included': {
      method: 'POST',
      url: '/contiple',
      payload: '{}',
      headers: { ...json, 'x-tc-timestamp': String(now), authorization: hmac(`/contiple{}${now}`) }
    },
    'secret-missing': {
      method: 'POST',
      url: '/huawei',
      payload: { a: '1', timestamp: String(now), nonce: 'n', signature: hmac(`${now}_n_a=1`) }
    },
    'spelling-hex-case': {
      method: 'POST',
      url: '/itx',
      payload: {
        verifiedData: { a: 1 },
        extSystemHash: app.itxChat.scheme.sign({ verifiedData: { a: 1 } }, secret).toUpperCase()
      }
    },
    'return-url-included': {
      method: 'GET',
      url: '/member',
      query: {
        usercode: 'u',
        email: 'e',
        returnUrl: 'r',
        time: String(now),
        token: hmac(`shop&u&e&r&${now}`)
      }
    },
    'callid-missing': {
      method: 'GET',
      url: '/csc',
      query: {
        clickToCallInit: 'true',
        username: 'kim',
        UserTelephoneNumber: '+1',
        called: '1',
        h: oracle.sign({ username: 'kim', callerId: '+1' }, secret)
      }
    }
  }
  for (const [code, request] of Object.entries(cases)) {
    const reply = await app.inject(request)
    t.notOk(reply.body.includes(code), 'the reply has no reason')
    t.equal((await line())?.reasons?.[0]?.code, code)
  }
  await app.inject({
    method: 'GET',
    url: '/csc?clickToCallInit=true&username=kim&UserTelephoneNumber=%2B1&called=1&h=zz'
  })
  t.strictSame(await lines(), [], 'the limit is per account')
})
