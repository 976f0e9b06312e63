import Fastify, { type FastifyInstance } from 'fastify'
import huaweiAicc, {
  CallbackReplies,
  ConnectionCallback,
  createCall,
  ReleaseCallback,
  success,
  VoiceNotificationCallback
} from 'fastify-contact-center/huawei-aicc'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { LabEvent } from '../../examples/simulators/shared/events.ts'
import { Calls } from '../../examples/simulators/huawei-aicc/calls.ts'
import {
  huaweiAiccSimulator,
  type HuaweiAiccSimulatorOptions
} from '../../examples/simulators/huawei-aicc/app.ts'

const secret = 'a-key-of-at-least-16'
const accessToken = 'token-of-the-lab'
const gate = 'gate-token-of-this-service'

const callTime = /^\d{4}\/\d\d\/\d\d,\d\d:\d\d:\d\d:\d{3}$/

interface Seen {
  path: string
  body: object
}

/** Starts a service with the plugin, and the simulator that calls it back. */
async function lab (t: Test, options: Partial<HuaweiAiccSimulatorOptions> = {}, failures = 0) {
  const received: Seen[] = []
  const service = Fastify()
  const knownCalls = new Set<string>()
  await service.register(huaweiAicc, {
    keys: secret,
    unsigned: { token: gate },
    isKnownCall: callSerialNo => knownCalls.has(callSerialNo)
  })
  const receive = (path: string, body: object) => {
    received.push({ path, body })
    if (received.length <= failures) throw new Error('the store is down')
    return success
  }
  service.post('/aicc/connected/:gate', {
    preValidation: service.huaweiAicc.verifyUnsigned,
    schema: { body: ConnectionCallback, response: CallbackReplies }
  }, async request => receive('connected', request.body as object))
  service.post('/aicc/released', {
    preValidation: service.huaweiAicc.verify,
    schema: { body: ReleaseCallback, response: CallbackReplies }
  }, async request => receive('released', request.body as object))
  service.post('/aicc/notified', {
    preValidation: service.huaweiAicc.verify,
    schema: { body: VoiceNotificationCallback, response: CallbackReplies }
  }, async request => receive('notified', request.body as object))
  const serviceUrl = await listen(t, service)

  const simulator = await huaweiAiccSimulator({
    secret,
    accessToken,
    connectedUrl: `${serviceUrl}/aicc/connected/${gate}`,
    retryMs: '5, 5',
    releasedUrl: `${serviceUrl}/aicc/notified`,
    ...options
  })
  const url = await listen(t, simulator)
  const dial = async (token = accessToken) => {
    const { callSerialNo } = await createCall({ url, accessToken: token })({
      caller: '70001',
      called: '88880067',
      callData: 'order 7',
      callBackUrl: `${serviceUrl}/aicc/released`
    })
    knownCalls.add(callSerialNo)
    return callSerialNo
  }
  const post = async (path: string, body?: object) =>
    await fetch(url + path, {
      method: 'POST',
      ...body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    })
  const events = async (since = 0) =>
    await (await fetch(`${url}/lab/events?since=${since}`)).json() as LabEvent[]
  return { url, simulator, serviceUrl, seen: received, dial, post, events }
}

async function listen (t: Test, app: FastifyInstance): Promise<string> {
  t.after(() => app.close())
  return await app.listen({ host: '127.0.0.1', port: 0 })
}

async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await sleep(5)
}

t.test('a call is made, connected and released', async t => {
  const { url, dial, post, events, seen } = await lab(t)
  const id = await dial()
  t.match(id, /^[0-9]{19}$/)
  t.not(String(Number(id)), id, 'the ID does not fit a double')
  t.match(await (await fetch(`${url}/lab/calls`)).json(), [{
    callSerialNo: id,
    state: 'calling',
    called: '88880067'
  }])

  t.match(await (await post(`/lab/calls/${id}/ring`)).json(), { call: { state: 'ringing' } })
  t.equal((await post(`/lab/calls/${id}/ring`)).status, 409)
  t.same(seen, [], 'ringing sends no callback')
  t.match(await (await post(`/lab/calls/${id}/connect`)).json(), {
    call: { state: 'talking' },
    answer: { ok: true, status: 200 }
  })
  t.match(await (await post(`/lab/calls/${id}/release`, { reason: '1' })).json(), {
    call: { state: 'released', releaseReason: '1' },
    answer: { ok: true, status: 200 }
  })
  t.match(seen, [
    { path: 'connected', body: { callSerialNo: id, called: '88880067', callData: 'order 7' } },
    {
      path: 'released',
      body: {
        callSerialNo: id,
        releaseReason: '1',
        alertingTime: callTime,
        agentTalkingTime: callTime,
        talkingTime: callTime
      }
    }
  ])
  t.same((await events()).map(({ kind, outcome }) => `${kind} ${outcome}`), [
    'create-call accepted',
    'ringing sent',
    'connected accepted',
    'released accepted'
  ])

  t.equal((await post(`/lab/calls/${id}/connect`)).status, 409)
  t.equal((await post(`/lab/calls/${id}/release`)).status, 409)
  t.equal((await post('/lab/calls/1/connect')).status, 404)

  const unanswered = await dial()
  t.match(await (await post(`/lab/calls/${unanswered}/release`, { reason: '5' })).json(), {
    answer: { ok: true }
  }, 'never connected')
  t.match(seen.at(-1), {
    body: { alertingTime: '', talkingTime: '', talkDuration: '0', recordfile: null }
  })
})

t.test('the service refuses forged twins', async t => {
  const { dial, post, events, seen } = await lab(t)
  const id = await dial()
  t.match(await (await post(`/lab/calls/${id}/forge`)).json(), {
    answer: { ok: false, status: 401, text: /FST_CC_SIGNATURE_INVALID/ }
  })
  t.match(await (await post(`/lab/calls/${id}/forge`, { callback: 'connected' })).json(), {
    answer: { ok: false, status: 404, text: /FST_CC_UNKNOWN_CALL/ }
  })
  t.same(seen, [])
  t.same((await events(1)).map(({ outcome }) => outcome), ['refused', 'refused'])
})

t.test('createCall checks the access token', async t => {
  const { dial, post, events } = await lab(t)
  await t.rejects(dial('another-token'), { code: 'FST_CC_CALL_FAILED', cause: { message: /401/ } })
  const unauthorised = await post('/apiaccess/CC-Management/v1/mobileAgent/createCall', {})
  t.match(await unauthorised.json(), { retCode: '401' })
  t.same((await events()).map(({ outcome }) => outcome), ['refused', 'refused'])
})

t.test('retries a failed callback with a new signature', async t => {
  const { url, dial, post, events, seen } = await lab(t, {}, 2)
  const id = await dial()
  t.match(await (await post(`/lab/calls/${id}/release`)).json(), {
    answer: { ok: false, status: 500 }
  })
  await until(() => seen.length === 3)
  await until(async () => (await events()).length === 4)
  t.same((await events()).map(({ kind, outcome }) => `${kind} ${outcome}`), [
    'create-call accepted',
    'released failed',
    'released failed',
    'released accepted'
  ])
  t.equal(new Set(seen.map(({ body }) => (body as ReleaseCallback).nonce)).size, 3)
  t.match(await (await fetch(`${url}/lab/deliveries`)).json(), [{
    kind: 'released',
    callSerialNo: id,
    state: 'taken',
    nextAt: null,
    attempts: [{ ok: false, status: 500 }, { ok: false }, { ok: true, status: 200 }]
  }])
  t.match(
    await (await fetch(`${url}/lab`)).text(),
    /id="delivery-1"[^]*<td>3<\/td><td class="accepted">taken/
  )
})

t.test('handles missing and unexpected replies', async t => {
  const { url, simulator, post, events, serviceUrl } = await lab(t, {
    connectedUrl: 'http://127.0.0.1:9/'
  })
  const create = async (callBackUrl?: string) =>
    (await createCall({ url, accessToken })({
      caller: '1',
      called: '2',
      ...callBackUrl && { callBackUrl }
    })).callSerialNo
  const id = await create()
  t.match(await (await post(`/lab/calls/${id}/connect`)).json(), {
    answer: { ok: false, status: null }
  })
  await until(async () => (await events()).some(({ text }) => text.startsWith('gave up')))
  t.match(
    await (await fetch(`${url}/lab`)).text(),
    /id="delivery-1"[^]*<td>3<\/td><td class="failed">given up/
  )
  t.match(await (await post(`/lab/calls/${id}/release`)).json(), { answer: null }, 'no callBackUrl')
  t.match(await (await post(`/lab/calls/${id}/forge`)).json(), { answer: null })

  const misdirected = await create(`${serviceUrl}/healthz`)
  t.match(await (await post(`/lab/calls/${misdirected}/release`)).json(), {
    answer: { ok: false, status: 404 }
  })
  const notJson = await create(`${url}/lab/calls`)
  t.match(await (await post(`/lab/calls/${notJson}/release`)).json(), { answer: { ok: false } })

  const reply = await simulator.inject({
    method: 'POST',
    url: '/apiaccess/CC-Management/v1/mobileAgent/createCall',
    headers: { authorization: `Bearer ${accessToken}` },
    payload: { caller: '1', called: '2', callBackUrl: 'https://not.encoded/' }
  })
  t.match(reply.json(), { retCode: '400' })
})

t.test('runs calls automatically if configured', async t => {
  const { url, dial, seen } = await lab(t, { ringMs: '10', talkMs: '10', releaseMs: '10' })
  const id = await dial()
  await until(() => seen.length === 2)
  t.match(seen.map(({ path }) => path), ['connected', 'released'])
  t.match(await (await fetch(`${url}/lab/calls`)).json(), [{ callSerialNo: id, state: 'released' }])

  const handled = await lab(t)
  const call = await handled.dial()
  await handled.post('/lab/settings', { ringMs: '', talkMs: '5', releaseMs: '5' })
  await handled.post(`/lab/calls/${call}/ring`)
  await until(() => handled.seen.length === 2)
  t.pass('a call that was rung by hand continues automatically')

  const run = await lab(t, { ringMs: '0', talkMs: '5' })
  const letRun = await run.dial()
  await run.post('/lab/settings', { ringMs: '' })
  t.match(await (await run.post(`/lab/calls/${letRun}/run`)).json(), {
    call: { callSerialNo: letRun }
  })
  await until(() => run.seen.length === 1)
  await run.post(`/lab/calls/${letRun}/release`)
  t.equal((await run.post(`/lab/calls/${letRun}/run`)).status, 409)

  const halfway = await lab(t, { ringMs: '0', talkMs: '10' })
  await halfway.dial()
  await until(() => halfway.seen.length === 1)
})

t.test('the page shows calls and escapes them', async t => {
  const { url, dial, simulator } = await lab(t)
  t.match(await (await fetch(`${url}/lab`)).text(), 'No calls yet')
  const id = await dial()
  t.match(await (await fetch(`${url}/lab`)).text(), id)
  const click = await simulator.inject({
    method: 'POST',
    url: `/lab/calls/${id}/connect`,
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
  })
  t.equal(click.statusCode, 303)
  const release = await simulator.inject({
    method: 'POST',
    url: `/lab/calls/${id}/release`,
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'reason=7'
  })
  t.equal(release.statusCode, 303)
  t.match(await (await fetch(`${url}/lab`)).text(), 'exception 7')
})

t.test('signs voice notifications, and nothing without authentication', async t => {
  const { url, dial, post, seen } = await lab(t)
  t.match(
    await (await post('/lab/voice-notification', { reason: '1', callData: 'order 7' })).json(),
    { callSerialNo: /^[0-9]{19}$/, answer: { ok: true } }
  )
  t.match(seen, [{
    path: 'notified',
    body: { releaseReason: '1', callData: 'order 7', signature: /^.{44}$/ }
  }])
  t.match(await (await fetch(`${url}/lab/events`)).json(), [{
    kind: 'voice-notification',
    outcome: 'accepted'
  }])
  const id = await dial()
  await post('/lab/settings', { authentication: 'none' })
  t.match(await (await post(`/lab/calls/${id}/release`)).json(), {
    answer: { status: 401, text: /FST_CC_SIGNATURE_MISSING/ }
  })
  t.equal(seen.length, 1)
  t.equal((await post('/lab/settings', { authentication: 'oauth' })).status, 400)
  t.match(await (await post('/lab/settings', { retryMs: 'soon' })).json(), {
    message: 'LAB_AICC_RETRY_MS must be whole numbers, separated by commas'
  })
})

t.test('keeps a bounded number of calls', async t => {
  const calls = new Calls(Date.now)
  const first = calls.create({ caller: '1', called: '2' })
  for (let index = 0; index < 10_000; index++) calls.create({ caller: '1', called: '2' })
  t.equal(calls.list().length, 10_000)
  t.equal(calls.get(first.callSerialNo), undefined, 'the oldest call is removed')
})

t.test('createCall replies as configured', async t => {
  const { dial, post } = await lab(t)
  for (
    const [answers, message] of [['failing', /500/], ['garbled', /JSON|answer/], [
      'cut',
      /./
    ]] as const
  ) {
    await post('/lab/settings', { answers })
    await t.rejects(dial(), { cause: { message } }, answers)
  }
  await post('/lab/settings', { answers: 'as usual' })
  t.match(await dial(), /^[0-9]{19}$/)
})
