// Twilio's calls: over real sockets, on each database.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { scheme } from 'fastify-contact-center/twilio'
import t, { type Test } from 'tap'
import type { Call } from '../../examples/integration-service/calls/view.ts'
import { removeOlderThan } from '../../examples/integration-service/store/retention.ts'
import { freePort } from '../../examples/demo/free-port.ts'
import type { SimulatedCall } from '../../examples/simulators/twilio/calls.ts'
import { readInstructions } from '../../examples/simulators/twilio/instructions.ts'
import { twilioSimulator } from '../../examples/simulators/twilio/app.ts'
import { onEachStore, service, settings, signInAvailable, sqliteUrl } from './helper.ts'

const customer = '+821012345678'
const token = settings.TWILIO_AUTH_TOKEN
type Fields = Record<string, string>
type Overrides = Parameters<typeof service>[2]

/** Starts the service on a socket, at the address that Twilio signs. */
async function listen (t: Test, DATABASE_URL: string, env: Fields = {}, more: Overrides = {}) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { app } = await service(t, { DATABASE_URL, PUBLIC_URL: url, ...env }, more)
  await app.listen({ host: '127.0.0.1', port })
  return { app, url }
}

let sids = 0
function newCall (more: Fields = {}): Fields & { CallSid: string } {
  return {
    CallSid: `CA${String(++sids).padStart(32, '0')}`,
    AccountSid: `AC${'5'.repeat(32)}`,
    From: customer,
    To: '+82215881000',
    CallStatus: 'ringing',
    Direction: 'inbound',
    ...more
  }
}

/** Posts fields as Twilio does. `signed` and `as` replace the signed fields and URL. */
async function post (
  url: string,
  fields: Fields,
  { signed = fields, key = token, as = url }: { signed?: Fields, key?: string, as?: string } = {}
): Promise<{ status: number, text: string, type: string | null }> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': scheme.sign({ url: as, params: signed }, key)
    },
    body: new URLSearchParams(fields)
  })
  return {
    status: reply.status,
    text: await reply.text(),
    type: reply.headers.get('content-type')
  }
}

async function accept (app: FastifyInstance, headers: { cookie: string }, callSerialNo = '') {
  return await app.inject({ method: 'POST', url: `/api/calls/${callSerialNo}/accept`, headers })
}

async function ringing (app: FastifyInstance, headers: { cookie: string }): Promise<Call[]> {
  return ((await app.inject({ url: '/api/work', headers })).json() as { ringing: Call[] }).ringing
}

async function callOf (
  app: FastifyInstance,
  headers: { cookie: string },
  callSerialNo: string
): Promise<Call> {
  return (await app.inject({ url: `/api/calls/${callSerialNo}`, headers })).json()
}

async function kinds (app: FastifyInstance): Promise<string[]> {
  const rows = await app.store.read(db =>
    db.selectFrom('events').select('kind').where('kind', 'like', 'call.%').orderBy('id').execute()
  )
  return rows.map(({ kind }) => kind)
}

function verbs (document: string): string[] {
  return readInstructions(document).map(({ verb }) => verb)
}

onEachStore(
  t,
  'a caller waits, is connected and talks; the end is recorded',
  async (t, database) => {
    const { app, url } = await listen(t, database)
    const simulator = await twilioSimulator({
      authToken: token,
      voiceUrl: `${url}/twilio/voice`,
      statusUrl: `${url}/twilio/status`,
      secondMs: 10
    })
    t.after(async () => await simulator.close())
    const lab = await simulator.listen({ host: '127.0.0.1', port: 0 })
    const control = async (path: string, body: object): Promise<SimulatedCall> =>
      await (await fetch(`${lab}/lab/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body)
      })).json() as SimulatedCall
    const waitFor = async (sid: string, until: (call: SimulatedCall) => boolean) => {
      for (let tries = 0; tries < 200; tries++) {
        const calls = await (await fetch(`${lab}/lab/calls`)).json() as SimulatedCall[]
        const call = calls.find(item => item.sid === sid)
        if (call !== undefined && until(call)) return call
        await sleep(25)
      }
      return undefined
    }

    const minji = await signInAvailable(app, 0)
    const { sid } = await control('incoming', { from: customer })
    t.match(await ringing(app, minji), [{
      callSerialNo: sid,
      direction: 'inbound',
      state: 'ringing',
      caller: customer,
      called: '+82215881000',
      customer: { name: '홍길동' }
    }])
    t.match((await waitFor(sid, ({ heard }) => heard.length > 0))?.heard, [
      'Please wait. We are putting you through.'
    ])
    t.equal((await accept(app, minji, sid)).statusCode, 200)
    t.match(await waitFor(sid, ({ line }) => line !== null), { line: { number: '+82215881001' } })
    await control(`calls/${sid}`, { what: 'answer' })
    await control(`calls/${sid}`, { what: 'hang-up' })
    t.match(await waitFor(sid, ({ status }) => status === 'completed'), { heard: { length: 1 } })
    t.match(await callOf(app, minji, sid), {
      state: 'released',
      agentId: 'minji',
      talkSeconds: 12,
      releaseText: 'Ended',
      closed: null
    })
    t.same(await kinds(app), ['call.ringing', 'call.accepted', 'call.released'])

    // The agent's line does not answer: the call counts as missed.
    const unanswered = await control('incoming', { from: '+4740612345' })
    await accept(app, minji, unanswered.sid)
    t.ok(await waitFor(unanswered.sid, ({ line }) => line !== null))
    await control(`calls/${unanswered.sid}`, { what: 'no-answer' })
    t.match(await waitFor(unanswered.sid, ({ status }) => status === 'completed'), {
      heard: ['Please wait. We are putting you through.', /Nobody can take your call now/]
    })
    t.match(await callOf(app, minji, unanswered.sid), { state: 'released', closed: 'missed' })
    t.match(
      (await app.inject('/metrics')).body,
      /callbacks_total\{kind="twilio-dialled",outcome="st/
    )
  }
)

onEachStore(t, 'repeated, late and reordered requests converge', async (t, database) => {
  const { app, url } = await listen(t, database)
  const minji = await signInAvailable(app, 0)
  const at = (second: number) => new Date(1_795_000_000_000 + second * 1000).toUTCString()

  // If the end overtakes the start, the call never rings.
  const early = newCall()
  const completed = { ...early, CallStatus: 'completed', Timestamp: at(5), CallDuration: '3' }
  t.equal((await post(`${url}/twilio/status`, completed)).status, 204)
  const late = await post(`${url}/twilio/voice`, early)
  t.same([late.status, verbs(late.text), late.type], [
    200,
    ['Say', 'Hangup'],
    'text/xml; charset=utf-8'
  ])
  t.same(await ringing(app, minji), [])
  t.match(await callOf(app, minji, early.CallSid), { state: 'released', closed: 'missed' })

  // Concurrent copies of every request change nothing.
  const call = newCall()
  const replies = await Promise.all(
    Array.from({ length: 6 }, async () => await post(`${url}/twilio/voice`, call))
  )
  t.same([...new Set(replies.map(({ text }) => verbs(text).join()))], ['Say,Pause,Redirect'])
  t.equal((await ringing(app, minji)).length, 1)
  for (const CallStatus of ['initiated', 'ringing', 'in-progress', 'a-new-one']) {
    t.equal((await post(`${url}/twilio/status`, { ...call, CallStatus })).status, 204)
  }
  t.equal(
    (await ringing(app, minji)).length,
    1,
    "an answer by Twilio's own voice connects no agent"
  )
  const repeated = await post(`${url}/twilio/voice`, { ...call, CallStatus: 'in-progress' })
  t.same(verbs(repeated.text), ['Pause', 'Redirect'], 'the caller hears the sentence once')
  await accept(app, minji, call.CallSid)
  const dialled = {
    ...call,
    CallStatus: 'in-progress',
    DialCallStatus: 'completed',
    DialCallDuration: '42'
  }
  const end = { ...call, CallStatus: 'completed', Timestamp: at(60), CallDuration: '61' }
  await Promise.all(
    Array.from({ length: 8 }, async (_, index) =>
      index % 2 === 0
        ? await post(`${url}/twilio/status`, end)
        : await post(`${url}/twilio/dialled`, dialled))
  )
  await post(`${url}/twilio/status`, { ...call, CallStatus: 'ringing' })
  t.match(await callOf(app, minji, call.CallSid), {
    state: 'released',
    talkSeconds: 42,
    releasedAt: Date.parse(at(60)),
    closed: null
  })
  t.same(await kinds(app), ['call.missed', 'call.ringing', 'call.accepted', 'call.released'])
  t.match((await accept(app, minji, call.CallSid)).json(), { code: 'SERVICE_CALL_NOT_RINGING' })

  // The unanswered dial and the end arrive in either order.
  for (const order of [[0, 1], [1, 0]]) {
    const call = newCall()
    await post(`${url}/twilio/voice`, call)
    await accept(app, minji, call.CallSid)
    const requests: Array<[string, Fields]> = [
      ['dialled', { ...call, CallStatus: 'in-progress', DialCallStatus: 'no-answer' }],
      ['status', { ...call, CallStatus: 'completed', Timestamp: at(90) }]
    ]
    for (const index of order) {
      const [path = '', fields = {}] = requests[index] ?? []
      await post(`${url}/twilio/${path}`, fields)
    }
    t.match(await callOf(app, minji, call.CallSid), {
      state: 'released',
      closed: 'missed',
      connectedAt: null,
      releasedAt: Date.parse(at(90)),
      releaseReason: 'completed'
    }, order.join())
  }

  const unknown = newCall({ DialCallStatus: 'completed' })
  t.same(verbs((await post(`${url}/twilio/dialled`, unknown)).text), ['Hangup'])
  // The leg to the agent is not a customer's call.
  const leg = newCall({ CallStatus: 'completed', ParentCallSid: call.CallSid })
  t.equal((await post(`${url}/twilio/status`, leg)).status, 204)
  t.equal((await app.inject({ url: `/api/calls/${leg.CallSid}`, headers: minji })).statusCode, 404)
})

onEachStore(t, 'ends a call that no agent takes', async (t, database) => {
  let now = 1_795_000_000_000
  const { app, url } = await listen(t, database, {}, { now: () => now })
  const minji = await signInAvailable(app, 0)
  for (const CallStatus of ['completed', 'no-answer', 'busy', 'failed', 'canceled']) {
    const call = newCall()
    await post(`${url}/twilio/voice`, call)
    await post(`${url}/twilio/status`, { ...call, CallStatus })
    t.match(await callOf(app, minji, call.CallSid), {
      state: 'released',
      closed: 'missed',
      releaseReason: CallStatus
    }, CallStatus)
  }
  const call = newCall()
  await post(`${url}/twilio/voice`, call)
  now += 31_000
  await app.sweepCalls()
  const answer = await post(`${url}/twilio/voice`, { ...call, CallStatus: 'in-progress' })
  t.same(readInstructions(answer.text).at(0), {
    verb: 'Say',
    text: 'Nobody can take your call now. Please call again later.'
  })
  await post(`${url}/twilio/status`, { ...call, CallStatus: 'completed' })
  t.equal(
    (await kinds(app)).filter(kind => kind === 'call.missed').length,
    6,
    'each call is missed once'
  )

  now += 2 * 24 * 60 * 60 * 1000
  await removeOlderThan(app.store, now - 24 * 60 * 60 * 1000)
  for (const table of ['calls', 'call_callbacks'] as const) {
    const rows = await app.store.read(db => db.selectFrom(table).selectAll().execute())
    t.same(rows, [], `nothing is left in ${table}`)
  }
})

onEachStore(
  t,
  'handles callers who withhold or share a number, or were looked up before',
  async (t, database) => {
    const { app, url } = await listen(t, database)
    const minji = await signInAvailable(app, 0)
    for (const From of ['anonymous', '+266696687', '+86282452253', 'sip:+821012345678@x.example']) {
      const call = newCall({ From })
      await post(`${url}/twilio/voice`, call)
      t.match(await callOf(app, minji, call.CallSid), { customerNumber: null, caller: From }, From)
      await post(`${url}/twilio/status`, { ...call, CallStatus: 'canceled' })
    }
    // Two people call from one company number.
    const [first, second] = [newCall(), newCall()]
    await post(`${url}/twilio/voice`, first)
    await post(`${url}/twilio/voice`, second)
    t.equal((await ringing(app, minji)).length, 2)
    for (const call of [first, second]) {
      await post(`${url}/twilio/status`, { ...call, CallStatus: 'completed' })
    }
    t.same(await ringing(app, minji), [])

    // Another vendor has reported the caller already: one call, one ring.
    await app.ring({ number: customer, customer: undefined, at: null })
    const call = newCall()
    await post(`${url}/twilio/voice`, call)
    const [ring, ...more] = await ringing(app, minji)
    t.match([ring?.callSerialNo, more.length], [/^in-/, 0])
    await app.ring({ number: customer, customer: undefined, at: null })
    t.equal((await ringing(app, minji)).length, 1, 'nor does a second look-up ring')
    await accept(app, minji, ring?.callSerialNo)
    const next = await post(`${url}/twilio/voice`, { ...call, CallStatus: 'in-progress' })
    t.match(readInstructions(next.text), [{ verb: 'Dial', number: '+82215881001' }])
    await post(`${url}/twilio/status`, { ...call, CallStatus: 'completed' })
    t.match(await callOf(app, minji, ring?.callSerialNo ?? ''), { state: 'released' })
    const cutoff = Date.now() + 24 * 60 * 60 * 1000
    await removeOlderThan(app.store, cutoff)
    const left = await app.store.read(db => db.selectFrom('call_callbacks').selectAll().execute())
    t.same(left, [], "retention removes rows under the vendor's ID, too")
  }
)

t.test('refuses forged, changed and malformed requests, and nothing rings', async t => {
  const { app, url } = await listen(t, sqliteUrl(t))
  const minji = await signInAvailable(app, 0)
  const call = newCall()
  const cases: Array<[string, Promise<{ status: number }>, number]> = [
    ['another token', post(`${url}/twilio/voice`, call, { key: 'another-token-0000001' }), 403],
    [
      'a field changed',
      post(`${url}/twilio/voice`, call, { signed: { ...call, From: '+82109999' } }),
      403
    ],
    [
      'for another address',
      post(`${url}/twilio/voice`, call, { as: 'https://evil.example/twilio/voice' }),
      403
    ],
    ['for another route', post(`${url}/twilio/voice`, call, { as: `${url}/twilio/status` }), 403],
    ['status', post(`${url}/twilio/status`, call, { key: 'another-token-0000001' }), 403],
    ['dialled', post(`${url}/twilio/dialled`, call, { key: 'another-token-0000001' }), 403],
    ['an ID of our own', post(`${url}/twilio/voice`, newCall({ CallSid: 'in-1' })), 400],
    ['no ID', post(`${url}/twilio/voice`, newCall({ CallSid: '' })), 400],
    ['U+0000', post(`${url}/twilio/voice`, newCall({ From: 'a\0b' })), 400]
  ]
  for (const [title, reply, status] of cases) t.equal((await reply).status, status, title)
  t.same(await ringing(app, minji), [])
  t.same(await kinds(app), [])
})

t.test('serves a path, whether or not the proxy keeps it', async t => {
  const { app } = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    PUBLIC_URL: 'https://tools.example/cti'
  })
  const call = newCall()
  const signature = scheme.sign({
    url: 'https://tools.example/cti/twilio/voice',
    params: call
  }, token)
  for (const path of ['/cti/twilio/voice', '/twilio/voice']) {
    const reply = await app.inject({
      method: 'POST',
      url: path,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': signature
      },
      payload: new URLSearchParams(call).toString()
    })
    t.equal(reply.statusCode, 200, path)
    t.match(readInstructions(reply.body).at(-1), {
      url: 'https://tools.example/cti/twilio/voice'
    })
  }
})

t.test('speaks to callers in the configured language, and escapes markup', async t => {
  const { url } = await listen(t, sqliteUrl(t), {
    TWILIO_LANGUAGE: 'ko-KR',
    TWILIO_WAITING: '잠시만 <기다려> 주세요 & 감사합니다'
  })
  const { text } = await post(`${url}/twilio/voice`, newCall())
  t.match(text, '<Say language="ko-KR">잠시만 &lt;기다려&gt; 주세요 &amp; 감사합니다</Say>')
})

t.test('has no routes without a token', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t), TWILIO_AUTH_TOKEN: '' })
  for (const route of ['voice', 'status', 'dialled']) {
    const reply = await app.inject({ method: 'POST', url: `/twilio/${route}` })
    t.equal(reply.statusCode, 404, route)
  }
})
