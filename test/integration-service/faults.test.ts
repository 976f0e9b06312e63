// Faults during work, on each database.
import { scheme as twilio } from 'fastify-contact-center/twilio'
import t from 'tap'
import type { Call } from '../../examples/integration-service/calls/view.ts'
import { changeAgent } from '../../examples/integration-service/store/agents.ts'
import { addRing } from '../../examples/integration-service/store/open-calls.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { aicc, onEachStore, service, settings, signInAvailable } from './helper.ts'

const customer = '+821012345678'

onEachStore(
  t,
  'disabling an agent passes a waiting call on and leaves a talk to its end',
  async (t, DATABASE_URL) => {
    const { app } = await service(t, { DATABASE_URL })
    const [minji, jonas] = [await signInAvailable(app, 0), await signInAvailable(app, 1)]
    const disable = async () =>
      await app.store.commit(async ({ db }) => {
        await changeAgent(db, demoSignIns.agents[0].login, { disabled_at: Date.now() })
      })
    const accept = async (callSerialNo: string, headers: { cookie: string }) =>
      (await app.inject({ method: 'POST', url: `/api/calls/${callSerialNo}/accept`, headers }))
        .statusCode
    const requestVoice = async (callSid: string) => {
      const params = {
        CallSid: callSid,
        AccountSid: 'AC1',
        From: customer,
        To: '+82215881000',
        CallStatus: 'in-progress'
      }
      const url = `${settings.PUBLIC_URL}/twilio/voice`
      return (await app.inject({
        method: 'POST',
        url: '/twilio/voice',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-twilio-signature': twilio.sign({ url, params }, settings.TWILIO_AUTH_TOKEN)
        },
        payload: new URLSearchParams(params).toString()
      })).body
    }
    const call = async (callSerialNo: string): Promise<Call> =>
      (await app.inject({ url: `/api/calls/${callSerialNo}`, headers: jonas })).json()

    // Before Twilio connects the caller, the call goes back to the other agents.
    const waiting = `CA${'1'.repeat(32)}`
    await requestVoice(waiting)
    t.equal(await accept(waiting, minji), 200)
    await disable()
    t.equal((await app.inject({ url: '/api/work', headers: minji })).statusCode, 401)
    t.match(await requestVoice(waiting), '<Redirect', 'the caller keeps waiting')
    t.match(await call(waiting), { state: 'ringing', agentId: null, connectedAt: null })
    await app.sweepCalls()
    t.match((await app.inject({ url: '/api/work', headers: jonas })).json().team, [{ id: 'jonas' }])
    t.equal(await accept(waiting, jonas), 200)
    t.match(await requestVoice(waiting), '<Number>+82215881002</Number>')
    await app.inject({ method: 'POST', url: `/api/calls/${waiting}/close`, headers: jonas })

    // A connected call stays with its agent until the vendor or a supervisor ends it.
    await app.store.commit(async ({ db }) => {
      await changeAgent(db, demoSignIns.agents[0].login, { disabled_at: null })
    })
    const minjiAgain = await signInAvailable(app, 0)
    await app.ring({ number: '+4740612345', customer: undefined, at: null })
    const [ring] = (await app.inject({ url: '/api/work', headers: minjiAgain })).json()
      .ringing as Call[]
    const callSerialNo = ring?.callSerialNo ?? ''
    t.equal(await accept(callSerialNo, minjiAgain), 200)
    await disable()
    await app.sweepCalls()
    t.match(await call(callSerialNo), { state: 'connected', agentId: 'minji' })
    const release = await app.huaweiAicc.signCallback({
      callSerialNo: '1197765398201387055',
      serviceNo: '',
      caller: '+4740612345',
      called: '+82215881001',
      talkDuration: '60',
      releaseReason: '1'
    })
    t.equal(
      (await app.inject({ method: 'POST', url: '/aicc/released', payload: release })).statusCode,
      200
    )
    t.match(await call(callSerialNo), { state: 'released', agentId: 'minji', talkSeconds: 60 })
    const noted = await app.inject({
      method: 'PUT',
      url: `/api/calls/${callSerialNo}/wrap-up`,
      headers: minjiAgain,
      payload: { disposition: 'Resolved', note: '', seen: null }
    })
    t.equal(noted.statusCode, 401, 'a disabled agent can write nothing')
  }
)

onEachStore(
  t,
  'a call of a disabled agent stays visible, and a supervisor ends it',
  async (t, url) => {
    const dialled = '1197765398201387061'
    const { app } = await service(t, { DATABASE_URL: url }, { fetch: aicc(dialled) })
    const jonas = await signInAvailable(app, 1)
    const supervisor = await signInAvailable(app, demoSignIns.agents.length - 1)
    const setDisabled = async (disabledAt: number | null) =>
      await app.store.commit(async ({ db }) => {
        await changeAgent(db, demoSignIns.agents[0].login, { disabled_at: disabledAt })
      })
    const post = async (path: string, headers: { cookie: string }, payload: object = {}) =>
      await app.inject({ method: 'POST', url: path, headers, payload })
    const teamOf = async (headers: { cookie: string }, path = '/api/work') =>
      (await app.inject({ url: path, headers })).json().team as Array<Record<string, unknown>>
    const ringAndAccept = async (serial: string, headers: { cookie: string }) => {
      await post(`/api/calls/${serial}/accept`, headers)
      return serial
    }

    const begin: Record<string, (minji: { cookie: string }) => Promise<string>> = {
      'Huawei, dialled': async minji => {
        await post('/api/calls', minji, { number: customer })
        return dialled
      },
      'Huawei, to the line of the agent': async () => {
        const callSerialNo = '1197765398201387062'
        await post(`/aicc/connected/${settings.AICC_GATE}`, { cookie: '' }, {
          callSerialNo,
          serviceNo: '',
          called: '0215881001'
        })
        return callSerialNo
      },
      Contiple: async minji => {
        await app.ring({ number: '+4740612345', customer: undefined, at: null })
        const { ringing } = (await app.inject({ url: '/api/work', headers: minji })).json()
        return await ringAndAccept(ringing[0].callSerialNo, minji)
      },
      'Twilio, put through': async minji => {
        const callSid = `CA${'7'.repeat(32)}`
        await app.store.commit(async ({ db }) => {
          await addRing(db, { callSerialNo: callSid, customerNumber: customer, now: app.now() })
        })
        return await ringAndAccept(callSid, minji)
      }
    }
    for (const [vendor, call] of Object.entries(begin)) {
      await setDisabled(null)
      const minji = await signInAvailable(app, 0)
      const callSerialNo = await call(minji)
      t.match(
        (await teamOf(jonas)).find(({ id }) => id === 'minji'),
        { signedIn: true, call: { callSerialNo } }
      )
      await setDisabled(app.now())
      await app.sweepCalls()
      t.equal((await app.inject({ url: '/api/work', headers: minji })).statusCode, 401, vendor)
      const start = app.now() - 1000
      for (
        const team of [
          await teamOf(jonas),
          await teamOf(supervisor),
          await teamOf(supervisor, `/api/overview?start=${start}`)
        ]
      ) {
        t.match(
          team.find(({ id }) => id === 'minji'),
          { signedIn: false, state: 'busy', call: { callSerialNo } },
          `${vendor}: the call stays visible`
        )
      }
      t.equal((await post(`/api/calls/${callSerialNo}/close`, jonas)).statusCode, 403)
      t.match((await post(`/api/calls/${callSerialNo}/close`, supervisor)).json(), {
        state: 'released',
        agentId: 'minji',
        closed: 'agent'
      }, `${vendor}: the history names the agent`)
      t.same((await teamOf(jonas)).map(({ id }) => id), ['jonas', 'sora'], vendor)
      const noted = await app.inject({
        method: 'PUT',
        url: `/api/calls/${callSerialNo}/wrap-up`,
        headers: supervisor,
        payload: { disposition: 'Resolved', note: '', seen: null }
      })
      t.equal(noted.statusCode, 200, 'a supervisor writes the wrap-up')
    }
    const { agents } = (await app.inject({ url: '/api/work', headers: jonas })).json()
    t.match(
      agents.find(({ id }: { id: string }) => id === 'minji'),
      { name: /./ },
      'the agent keeps a name'
    )
  }
)

onEachStore(t, 'stores a note of 10,000 characters in any script', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL })
  const headers = await signInAvailable(app, 0)
  const supervisor = await signInAvailable(app, demoSignIns.agents.length - 1)
  const scripts = ['a', '가', 'ก', '漢', 'ع', 'Ж', '😀', '👩‍👩‍👧', 'e\u0301', '"', '\n', "'", '\\', '<']
  for (const [index, script] of scripts.entries()) {
    const number = `+8210123456${String(index).padStart(2, '0')}`
    await app.ring({ number, customer: undefined, at: null })
    const work = (await app.inject({ url: '/api/work', headers })).json() as { ringing: Call[] }
    const serial = work.ringing[0]?.callSerialNo ?? ''
    await app.inject({ method: 'POST', url: `/api/calls/${serial}/accept`, headers })
    await app.inject({ method: 'POST', url: `/api/calls/${serial}/close`, headers })
    const note = [...script.repeat(10_000)].slice(0, 10_000).join('')
    const save = async (text: string, seen: number | null) =>
      await app.inject({
        method: 'PUT',
        url: `/api/calls/${serial}/wrap-up`,
        headers,
        payload: { disposition: 'Resolved', note: text, seen }
      })
    const saved = await save(note, null)
    t.equal(saved.statusCode, 200, script)
    const call = (await app.inject({ url: `/api/calls/${serial}`, headers })).json() as Call
    t.ok(call.wrapUp?.note === note, `${JSON.stringify(script)} is returned unchanged`)
    t.equal(
      (await save(`${note}x`, call.wrapUp?.writtenAt ?? 0)).statusCode,
      400,
      'one character too many'
    )
  }
  const csv = await app.inject({ url: '/api/calls.csv', headers: supervisor })
  t.ok(csv.body.includes([...'😀'.repeat(10_000)].join('')), 'the export has the whole note')
})
