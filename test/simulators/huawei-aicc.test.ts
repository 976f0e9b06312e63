import Fastify, { type FastifyInstance } from 'fastify'
import huaweiAicc, { CallbackReplies, ConnectionCallback, createCall, ReleaseCallback, success } from 'fastify-contact-center/huawei-aicc'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { LabEvent } from '../../examples/simulators/shared/events.ts'
import { huaweiAiccSimulator, type HuaweiAiccSimulatorOptions } from '../../examples/simulators/huawei-aicc/app.ts'

const secret = 'a-key-of-at-least-16'
const accessToken = 'token-of-the-lab'
const gate = 'gate-token-of-this-service'

interface Seen { path: string, body: object }

/** A service with the plugin, and the simulator that calls it back; both listen. */
async function lab (t: Test, options: Partial<HuaweiAiccSimulatorOptions> = {}, failures = 0) {
  const seen: Seen[] = []
  const service = Fastify()
  const known = new Set<string>()
  await service.register(huaweiAicc, { keys: secret, unsigned: { token: gate }, isKnownCall: callSerialNo => known.has(callSerialNo) })
  const take = (path: string, body: object) => {
    seen.push({ path, body })
    if (seen.length <= failures) throw new Error('the store is down')
    return success
  }
  service.post('/aicc/connected/:gate', { preValidation: service.huaweiAicc.verifyUnsigned, schema: { body: ConnectionCallback, response: CallbackReplies } },
    async request => take('connected', request.body as object))
  service.post('/aicc/released', { preValidation: service.huaweiAicc.verify, schema: { body: ReleaseCallback, response: CallbackReplies } },
    async request => take('released', request.body as object))
  const serviceUrl = await listen(t, service)

  const simulator = await huaweiAiccSimulator({ secret, accessToken, connectedUrl: `${serviceUrl}/aicc/connected/${gate}`, retryDelaysMs: [5, 5], ...options })
  const url = await listen(t, simulator)
  const dial = async (token = accessToken) => {
    const { callSerialNo } = await createCall({ url, accessToken: token })({ caller: '70001', called: '88880067', callData: 'order 7', callBackUrl: `${serviceUrl}/aicc/released` })
    known.add(callSerialNo)
    return callSerialNo
  }
  const post = async (path: string, body?: object) => await fetch(url + path, { method: 'POST', ...body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
  const events = async (since = 0) => await (await fetch(`${url}/lab/events?since=${since}`)).json() as LabEvent[]
  return { url, simulator, serviceUrl, seen, dial, post, events }
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
  t.not(String(Number(id)), id, 'a double would not hold it')
  t.match(await (await fetch(`${url}/lab/calls`)).json(), [{ callSerialNo: id, state: 'calling', called: '88880067' }])

  t.match(await (await post(`/lab/calls/${id}/connect`)).json(), { call: { state: 'connected' }, answer: { ok: true, status: 200 } })
  t.match(await (await post(`/lab/calls/${id}/release`, { reason: '1' })).json(), { call: { state: 'released', releaseReason: '1' }, answer: { ok: true, status: 200 } })
  t.match(seen, [
    { path: 'connected', body: { callSerialNo: id, called: '88880067', callData: 'order 7' } },
    { path: 'released', body: { callSerialNo: id, releaseReason: '1', talkingTime: /^\d{4}\/\d\d\/\d\d,\d\d:\d\d:\d\d:\d{3}$/ } }
  ])
  t.same((await events()).map(({ kind, outcome }) => `${kind} ${outcome}`), ['create-call accepted', 'connected accepted', 'released accepted'])

  t.equal((await post(`/lab/calls/${id}/connect`)).status, 409)
  t.equal((await post(`/lab/calls/${id}/release`)).status, 409)
  t.equal((await post('/lab/calls/1/connect')).status, 404)

  const unanswered = await dial()
  t.match(await (await post(`/lab/calls/${unanswered}/release`, { reason: '5' })).json(), { answer: { ok: true } }, 'never connected')
  t.match(seen.at(-1), { body: { talkingTime: '', talkDuration: '0', recordfile: null } })
})

t.test('forged twins are refused', async t => {
  const { dial, post, events, seen } = await lab(t)
  const id = await dial()
  t.match(await (await post(`/lab/calls/${id}/forge`)).json(), { answer: { ok: false, status: 401, text: /FST_CC_SIGNATURE_INVALID/ } })
  t.match(await (await post(`/lab/calls/${id}/forge`, { callback: 'connected' })).json(), { answer: { ok: false, status: 404, text: /FST_CC_UNKNOWN_CALL/ } })
  t.same(seen, [])
  t.same((await events(1)).map(({ outcome }) => outcome), ['refused', 'refused'])
})

t.test('createCall checks its caller', async t => {
  const { dial, post, events } = await lab(t)
  await t.rejects(dial('another-token'), { code: 'FST_CC_CALL_FAILED', cause: { message: /401/ } })
  const unauthorised = await post('/apiaccess/CC-Management/v1/mobileAgent/createCall', {})
  t.match(await unauthorised.json(), { retCode: '401' })
  t.same((await events()).map(({ outcome }) => outcome), ['refused', 'refused'])
})

t.test('a callback that fails is sent again, signed anew', async t => {
  const { dial, post, events, seen } = await lab(t, {}, 2)
  const id = await dial()
  t.match(await (await post(`/lab/calls/${id}/release`)).json(), { answer: { ok: false, status: 500 } })
  await until(() => seen.length === 3)
  await until(async () => (await events()).length === 4)
  t.same((await events()).map(({ kind, outcome }) => `${kind} ${outcome}`), ['create-call accepted', 'released failed', 'released failed', 'released accepted'])
  t.equal(new Set(seen.map(({ body }) => (body as ReleaseCallback).nonce)).size, 3)
})

t.test('nobody answers, or not as expected', async t => {
  const { url, simulator, post, events, serviceUrl } = await lab(t, { connectedUrl: () => 'http://127.0.0.1:9/' })
  const create = async (callBackUrl?: string) => (await createCall({ url, accessToken })({ caller: '1', called: '2', ...callBackUrl && { callBackUrl } })).callSerialNo
  const id = await create()
  t.match(await (await post(`/lab/calls/${id}/connect`)).json(), { answer: { ok: false, status: null } })
  await until(async () => (await events()).some(({ text }) => text.startsWith('gave up')))
  t.match(await (await post(`/lab/calls/${id}/release`)).json(), { answer: null }, 'no callBackUrl')
  t.match(await (await post(`/lab/calls/${id}/forge`)).json(), { answer: null })

  const elsewhere = await create(`${serviceUrl}/healthz`)
  t.match(await (await post(`/lab/calls/${elsewhere}/release`)).json(), { answer: { ok: false, status: 404 } })
  const notJson = await create(`${url}/lab/calls`)
  t.match(await (await post(`/lab/calls/${notJson}/release`)).json(), { answer: { ok: false } })

  const bad = await simulator.inject({
    method: 'POST',
    url: '/apiaccess/CC-Management/v1/mobileAgent/createCall',
    headers: { authorization: `Bearer ${accessToken}` },
    payload: { caller: '1', called: '2', callBackUrl: 'https://not.encoded/' }
  })
  t.match(bad.json(), { retCode: '400' })
})

t.test('by itself', async t => {
  const { url, dial, seen } = await lab(t, { autoRun: 30 })
  const id = await dial()
  await until(() => seen.length === 2)
  t.match(seen.map(({ path }) => path), ['connected', 'released'])
  t.match(await (await fetch(`${url}/lab/calls`)).json(), [{ callSerialNo: id, state: 'released' }])

  const halfway = await lab(t, { autoRun: { connect: 30 } })
  await halfway.dial()
  await until(() => halfway.seen.length === 1)
})

t.test('the page', async t => {
  const { url, dial, simulator } = await lab(t)
  t.match(await (await fetch(`${url}/lab`)).text(), 'No calls yet')
  const id = await dial()
  t.match(await (await fetch(`${url}/lab`)).text(), id)
  const click = await simulator.inject({ method: 'POST', url: `/lab/calls/${id}/connect`, headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' } })
  t.equal(click.statusCode, 303)
  const release = await simulator.inject({ method: 'POST', url: `/lab/calls/${id}/release`, headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }, payload: 'reason=7' })
  t.equal(release.statusCode, 303)
  t.match(await (await fetch(`${url}/lab`)).text(), 'exception 7')
})

t.test('voice notifications are signed, and nothing is where there is no authentication', async t => {
  const { url, dial, post, seen } = await lab(t)
  const id = await dial()
  // The service has no route of its own for them: its release route reads no "called" in it.
  t.match(await (await post(`/lab/calls/${id}/voice-notification`, { reason: '1' })).json(), { answer: { status: 400, text: /retCode/ } }, 'authentic, but of another shape')
  t.match(await (await fetch(`${url}/lab/events`)).json(), [{}, { kind: 'voice-notification', detail: { body: { callSerialNo: id, releaseReason: '1', signature: /^.{44}$/ } } }])
  await post('/lab/settings', { authentication: 'none' })
  t.match(await (await post(`/lab/calls/${id}/release`)).json(), { answer: { status: 401, text: /FST_CC_SIGNATURE_MISSING/ } })
  t.same(seen, [])
  t.equal((await post('/lab/settings', { authentication: 'oauth' })).status, 400)
})
