import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Call } from '../../examples/integration-service/calls/view.ts'
import { lastEventId } from '../../examples/integration-service/store/events.ts'
import { aicc, onEachStore, service, signIn, signInAvailable, sqliteUrl } from './helper.ts'

const customer = '+821012345678'
const gate = '/aicc/connected/demo-huawei-aicc-gate-01'

/** Looks a caller up, as Contiple does. */
async function lookUp (app: FastifyInstance, callNum: string, options: { at?: number } = {}) {
  const body = JSON.stringify({ callNum })
  const timestamp = String(options.at ?? app.now())
  const { authorization, 'x-tc-timestamp': time } = await app.contiple.signHeaders(body, {
    timestamp
  })
  return await app.inject({
    method: 'POST',
    url: '/contiple/customer',
    headers: { 'content-type': 'application/json', authorization, 'x-tc-timestamp': time },
    payload: body
  })
}

interface Work {
  position: number
  calls: Call[]
  ringing: Call[]
  team: Array<{ id: string, state: string, reason: string | null }>
}

async function workOf (app: FastifyInstance, headers: { cookie: string }): Promise<Work> {
  return (await app.inject({ url: '/api/work', headers })).json()
}

async function callEvents (app: FastifyInstance): Promise<string[]> {
  const rows = await app.store.read(db =>
    db.selectFrom('events').select('kind').where('kind', 'like', 'call.%').orderBy('id').execute()
  )
  return rows.map(({ kind }) => kind)
}

/** Reports a call that is answered on an agent's line, as Huawei does. */
async function reportConnected (app: FastifyInstance, callSerialNo: string, called = '0215881001') {
  return await app.inject({
    method: 'POST',
    url: gate,
    payload: { callSerialNo, serviceNo: '', called }
  })
}

/** Reports the end of the customer's call to an agent's line, as Huawei does. */
async function reportReleased (
  app: FastifyInstance,
  callSerialNo: string,
  fields: { caller?: string, called?: string, talkingTime?: string, talkDuration?: string } = {}
) {
  return await app.inject({
    method: 'POST',
    url: '/aicc/released',
    payload: await app.huaweiAicc.signCallback({
      callSerialNo,
      serviceNo: '',
      caller: customer,
      called: '+82215881001',
      talkingTime: '2022/02/22,10:04:29:004',
      releaseReason: '1',
      ...fields
    })
  })
}

async function setState (
  app: FastifyInstance,
  headers: { cookie: string },
  state: string,
  reason: string | null = null
) {
  return await app.inject({
    method: 'PUT',
    url: '/api/agents/state',
    headers,
    payload: { state, reason }
  })
}

onEachStore(
  t,
  'D11: a look-up rings, and one agent takes the call from the others',
  async (t, url) => {
    const { app } = await service(t, { DATABASE_URL: url })
    const { app: second } = await service(t, { DATABASE_URL: url })
    const [minji, jonas] = [await signInAvailable(app, 0), await signInAvailable(second, 1)]
    t.equal((await lookUp(app, '010-1234-5678')).statusCode, 200)
    t.equal(
      (await lookUp(second, '+82 10 1234 5678')).statusCode,
      200,
      'a second look-up does not ring again'
    )
    const { ringing } = await workOf(second, jonas)
    t.match(ringing, [{
      direction: 'inbound',
      state: 'ringing',
      agentId: null,
      customerNumber: customer,
      customerNumberText: '+82 10 1234 5678',
      customer: { name: '홍길동' }
    }])
    const [call] = ringing
    const accept = `/api/calls/${call?.callSerialNo}/accept`
    const replies = await Promise.all(
      Array.from({ length: 8 }, async (_, index) =>
        index % 2 === 0
          ? await app.inject({ method: 'POST', url: accept, headers: minji })
          : await second.inject({ method: 'POST', url: accept, headers: jonas }))
    )
    const winners = replies.filter(({ statusCode }) => statusCode === 200)
    const takers = [...new Set(winners.map(reply => (reply.json() as Call).agentId))]
    t.equal(takers.length, 1, 'one agent gets the call')
    const [agentId] = takers
    t.equal(winners.length, 4, 'and gets it again when the first answer was lost')
    const losers = replies.filter((reply, index) =>
      (index % 2 === 0 ? 'minji' : 'jonas') !== agentId && reply.statusCode === 409
    )
    t.same(
      [...new Set(losers.map(reply => reply.json().code))],
      ['SERVICE_CALL_TAKEN'],
      'the others learn that it is taken'
    )
    t.same(await callEvents(app), ['call.ringing', 'call.accepted'])
    t.match((await workOf(app, minji)).team, [
      { id: 'jonas', state: agentId === 'jonas' ? 'busy' : 'available' },
      { id: 'minji', state: agentId === 'minji' ? 'busy' : 'available' }
    ])
    await lookUp(app, customer)
    t.same(await callEvents(app), ['call.ringing', 'call.accepted'], 'a busy agent does not ring')

    // Huawei's reports on the agent's line are about this call.
    const line = agentId === 'minji' ? '+82215881001' : '02-1588-1002'
    const callSerialNo = '1197765398201387099'
    t.equal((await reportConnected(app, callSerialNo, line)).statusCode, 200)
    const released = await reportReleased(second, callSerialNo, {
      caller: '01012345678',
      called: line,
      talkDuration: '60'
    })
    t.equal(released.statusCode, 200)
    const { calls } = (await app.inject({ url: '/api/calls', headers: minji })).json() as {
      calls: Call[]
    }
    t.match(calls, [{
      callSerialNo: call?.callSerialNo,
      direction: 'inbound',
      state: 'released',
      agentId,
      customerNumber: customer,
      talkSeconds: 60,
      closed: null
    }])
    t.equal(calls.length, 1, "Huawei's reports belong to the same call")
  }
)

onEachStore(
  t,
  'an agent who is away or busy cannot take a call; an unanswered call is missed',
  async (t, url) => {
    let now = 1_700_000_000_000
    const { app } = await service(t, { DATABASE_URL: url }, {
      now: () => now,
      fetch: aicc('1197765398201387012')
    })
    const [minji, jonas] = [await signInAvailable(app, 0), await signInAvailable(app, 1)]
    t.equal((await setState(app, jonas, 'away', 'Lunch')).statusCode, 200)
    t.match((await setState(app, jonas, 'away', 'Golf')).json(), { code: 'SERVICE_NO_SUCH_REASON' })
    t.match((await workOf(app, jonas)).team, [{ id: 'jonas', state: 'away', reason: 'Lunch' }, {}])
    await lookUp(app, customer)
    const [call] = (await workOf(app, jonas)).ringing
    const accept = async (headers: { cookie: string }) =>
      (await app.inject({
        method: 'POST',
        url: `/api/calls/${call?.callSerialNo}/accept`,
        headers
      })).json()
    t.match(await accept(jonas), { code: 'SERVICE_AGENT_AWAY' })
    const { position } = await workOf(app, minji)
    t.equal(
      position,
      await app.store.read(lastEventId),
      'the work tells which events it includes'
    )
    await app.inject({
      method: 'POST',
      url: '/api/calls',
      headers: minji,
      payload: { number: '+4740612345' }
    })
    t.match(await accept(minji), { code: 'SERVICE_AGENT_BUSY' })
    now += 29_000
    await app.sweepCalls()
    t.equal((await workOf(app, jonas)).ringing.length, 1, 'the call rings for 30 seconds')
    now += 2000
    await Promise.all([app.sweepCalls(), app.sweepCalls()])
    t.equal((await workOf(app, jonas)).ringing.length, 0)
    t.match(await accept(jonas), { code: 'SERVICE_CALL_NOT_RINGING' })
    const { calls } = (await app.inject({ url: '/api/calls?outcome=missed', headers: minji }))
      .json() as { calls: Call[] }
    t.match(calls, [{ callSerialNo: call?.callSerialNo, closed: 'missed', agentId: null }])
    t.equal(
      (await callEvents(app)).filter(kind => kind === 'call.missed').length,
      1,
      'the miss is published once'
    )
    await lookUp(app, customer, { at: now - 31_000 })
    t.equal((await workOf(app, jonas)).ringing.length, 0, 'a late look-up does not ring')

    now += 240 * 60_000
    await app.sweepCalls()
    t.match((await workOf(app, minji)).calls, [{ state: 'released', closed: 'silence' }])
    const closed = await app.inject({
      method: 'POST',
      url: '/api/calls/1197765398201387012/close',
      headers: jonas
    })
    t.match([closed.statusCode, closed.json().code], [403, 'SERVICE_NOT_YOUR_CALL'])

    now += 10 * 60 * 60_000
    await app.sweepCalls()
    const newSession = await signIn(app)
    t.same((await workOf(app, newSession)).team, [], "an agent's state ends with the session")
  }
)

onEachStore(t, 'D11: records an inbound call that only Huawei reports', async (t, url) => {
  const { app } = await service(t, { DATABASE_URL: url })
  const headers = await signInAvailable(app, 0)
  const callSerialNo = '1197765398201387015'
  t.equal((await reportConnected(app, callSerialNo)).statusCode, 200)
  t.match((await workOf(app, headers)).calls, [
    { callSerialNo, direction: 'inbound', state: 'connected', customerNumber: null }
  ])
  const unknownLine = await reportConnected(app, '1', '+4740612345')
  t.match([unknownLine.statusCode, unknownLine.json().retCode], [404, /^(?!0$)/])
  await reportReleased(app, callSerialNo)
  t.match((await app.inject({ url: `/api/calls/${callSerialNo}`, headers })).json(), {
    customerNumber: customer,
    agentId: 'minji',
    customer: { name: '홍길동' },
    closed: null
  }, 'the customer is the caller, not the line of the agent')

  await lookUp(app, customer)
  const [call] = (await workOf(app, headers)).ringing
  await reportReleased(app, '1197765398201387016', { talkingTime: '' })
  t.match((await app.inject({ url: `/api/calls/${call?.callSerialNo}`, headers })).json(), {
    state: 'released',
    agentId: null,
    closed: 'missed'
  }, 'a caller who hangs up early is missed')

  // The agent answers on the telephone, without a click: one call, which has ended.
  const serial = '1197765398201387017'
  await lookUp(app, customer)
  await reportConnected(app, serial)
  const [ring] = (await workOf(app, headers)).ringing
  await reportReleased(app, serial)
  const { calls, ringing } = await workOf(app, headers)
  t.same([calls.filter(({ state }) => state !== 'released'), ringing], [[], []])
  t.match((await app.inject({ url: `/api/calls/${serial}`, headers })).json(), {
    state: 'released',
    agentId: 'minji',
    customerNumber: customer
  })
  t.match((await app.inject({ url: `/api/calls/${ring?.callSerialNo}`, headers })).json(), {
    state: 'released',
    agentId: null,
    closed: 'answered-elsewhere'
  })
})

onEachStore(t, 'a call answered on the telephone ends its own ring only', async (t, url) => {
  let now = 1_700_000_000_000
  const { app } = await service(t, { DATABASE_URL: url }, { now: () => now })
  const headers = await signInAvailable(app, 0)
  const ring = async () => {
    await lookUp(app, customer, { at: now })
    const [ring] = (await workOf(app, headers)).ringing
    return ring?.callSerialNo
  }
  const closedOf = async (callSerialNo: string | undefined) =>
    (await app.inject({ url: `/api/calls/${callSerialNo}`, headers })).json().closed
  const passMinutes = async (minutes: number) => {
    now += minutes * 60_000
    await app.sweepCalls()
  }

  const missedCall = await ring()
  await passMinutes(5)
  const answeredCall = await ring()
  const serial = '1197765398201387018'
  await reportConnected(app, serial)
  // The talk outlasts every ring, and the customer calls again before its end is reported.
  await passMinutes(15)
  const laterCall = await ring()
  await reportReleased(app, serial)
  t.same([await closedOf(missedCall), await closedOf(answeredCall), await closedOf(laterCall)], [
    'missed',
    'answered-elsewhere',
    null
  ])
  t.match(
    (await workOf(app, headers)).ringing,
    [{ callSerialNo: laterCall }],
    'the later call keeps ringing'
  )
})

onEachStore(
  t,
  'writes wrap-ups, and shows them in timeline, history and export',
  async (t, url) => {
    let now = 1_700_000_000_000
    const serials = Array.from({ length: 30 }, (_, index) => String(1_000 + index))
    const { app } = await service(t, { DATABASE_URL: url }, {
      now: () => now++,
      fetch: aicc(...serials)
    })
    const [minji, jonas, sora] = [
      await signInAvailable(app, 0),
      await signInAvailable(app, 1),
      await signInAvailable(app, 2)
    ]
    for (const index of serials.keys()) {
      const made = await app.inject({
        method: 'POST',
        url: '/api/calls',
        headers: index % 3 === 0 ? jonas : minji,
        payload: { number: index < 25 ? customer : '+4740612345' }
      })
      t.equal(made.statusCode, 201)
    }
    const wrapUp = async (headers: { cookie: string }, payload: object, serial = '1001') =>
      await app.inject({ method: 'PUT', url: `/api/calls/${serial}/wrap-up`, headers, payload })
    const note = '=SUM(A1) 홍길동 Ωμέγα العربية 🙂'.repeat(400).slice(0, 9_999)
    const first = await wrapUp(minji, { disposition: 'Resolved', note, seen: null })
    t.match([first.statusCode, first.json()], [200, {
      agentId: 'minji',
      note: note.toWellFormed()
    }])
    for (
      const [payload, code, status] of [
        [{ disposition: 'Resolved', note: '', seen: null }, 'SERVICE_WRITTEN_MEANWHILE', 409],
        [{ disposition: 'Bought', note: '', seen: null }, 'SERVICE_NO_SUCH_DISPOSITION', 400],
        [{ disposition: 'Resolved', note: 'a\0b', seen: null }, 'FST_ERR_VALIDATION', 400],
        [
          { disposition: 'Resolved', note: 'x'.repeat(10_001), seen: null },
          'FST_ERR_VALIDATION',
          400
        ]
      ] as const
    ) {
      const reply = await wrapUp(minji, payload)
      t.match([reply.statusCode, reply.json().code], [status, code], code)
    }
    t.equal(
      (await wrapUp(jonas, { disposition: 'Resolved', note: '', seen: null })).statusCode,
      403
    )
    const { writtenAt } = first.json() as { writtenAt: number }
    const second = await wrapUp(sora, { disposition: 'Call back', note: '-2+3', seen: writtenAt })
    t.match(second.json(), { agentId: 'sora', disposition: 'Call back' })

    interface Timeline {
      entries: Array<{ kind: string, id: string, at: number }>
      next: string | null
    }
    const entries: Timeline['entries'] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Timeline = (await app.inject({
        url: `/api/customers/${encodeURIComponent('010 1234 5678')}/timeline`,
        query: { limit: '7', ...next !== '' && { before: next } },
        headers: minji
      })).json()
      entries.push(...page.entries)
      next = page.next
    }
    t.equal(entries.length, 26, '25 calls and a note')
    t.equal(new Set(entries.map(({ id }) => id)).size, 26, 'each entry once')
    t.same(
      entries.map(({ at }) => at),
      entries.map(({ at }) => at).sort((a, b) => b - a),
      'newest first'
    )
    for (const before of ['x', Buffer.from('[1,2,3,"\\u0000"]').toString('base64url')]) {
      const reply = await app.inject({
        url: `/api/customers/${encodeURIComponent(customer)}/timeline`,
        query: { before },
        headers: minji
      })
      t.match([reply.statusCode, reply.json().code], [400, 'SERVICE_CURSOR_INVALID'])
    }

    const countCalls = async (query: string): Promise<number> => {
      const { calls } = (await app.inject({ url: `/api/calls?limit=100&${query}`, headers: minji }))
        .json() as { calls: Call[] }
      return calls.length
    }
    for (
      const [query, count] of Object.entries({
        'agent=jonas': 10,
        'agent=jonas&search=nordmann': 1,
        'search=길동': 25,
        'search=홍': 25,
        'search=ase+nord': 5,
        'search=Nobody': 0,
        'search=5678': 25,
        'direction=inbound': 0,
        'direction=outbound': 30,
        'outcome=open': 30,
        'outcome=answered': 0,
        'disposition=Call+back': 1,
        [`from=${now}`]: 0,
        [`to=${now}`]: 30
      })
    ) t.equal(await countCalls(query), count, query)
    for (const query of ['search=%2B12', 'search=a%00b', 'outcome=lost', 'from=-1']) {
      t.equal((await app.inject({ url: `/api/calls?${query}`, headers: minji })).statusCode, 400)
    }

    t.equal((await app.inject({ url: '/api/calls.csv', headers: minji })).statusCode, 403)
    const csv = await app.inject({ url: '/api/calls.csv', headers: sora })
    t.match(csv.headers, {
      'content-type': 'text/csv; charset=utf-8',
      'cache-control': 'no-store',
      'content-disposition': /attachment/
    })
    const lines = csv.body.split('\r\n')
    t.equal(lines.length, 32, 'a heading, thirty calls and the final line end')
    t.match(
      lines.find(line => line.startsWith('1001,')),
      /Call back,'-2\+3$/,
      'a formula is escaped'
    )

    const start = now - 1000
    const overview = await app.inject({ url: `/api/overview?start=${start}`, headers: sora })
    t.match(overview.json(), {
      hours: [{ hour: 0, direction: 'outbound', outcome: 'open', calls: 30, talkSeconds: 0 }]
    })
    t.equal(
      (await app.inject({ url: `/api/overview?start=${start}`, headers: minji })).statusCode,
      403
    )
    t.equal((await app.inject({ url: '/api/overview?start=0', headers: sora })).statusCode, 400)
  }
)

onEachStore(
  t,
  'the average talk time includes calls whose length no vendor reported',
  async (t, DATABASE_URL) => {
    let now = Date.now()
    const { app } = await service(t, { DATABASE_URL }, { now: () => now })
    const [minji, sora] = [await signInAvailable(app, 0), await signInAvailable(app, 2)]
    const start = now - 1000
    await lookUp(app, customer)
    const [call] = (await workOf(app, minji)).ringing
    const act = async (action: string): Promise<void> => {
      await app.inject({
        method: 'POST',
        url: `/api/calls/${call?.callSerialNo}/${action}`,
        headers: minji,
        payload: {}
      })
    }
    await act('accept')
    now += 65_000
    await act('close')
    const { hours } = (await app.inject({ url: `/api/overview?start=${start}`, headers: sora }))
      .json()
    t.match(hours, [{ outcome: 'answered', calls: 1, talkSeconds: 65 }])
  }
)

t.test('supervisors see refusals, but no content of refused requests', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const sora = await signInAvailable(app, 2)
  for (let times = 0; times < 3; times++) {
    await app.inject({
      method: 'POST',
      url: '/contiple/customer',
      headers: { authorization: 'A'.repeat(43) + '=', 'x-tc-timestamp': String(app.now()) },
      payload: { callNum: customer }
    })
  }
  await app.flushRefusals()
  await app.flushRefusals()
  const overview = await app.inject({
    url: `/api/overview?start=${app.now() - 60_000}`,
    headers: sora
  })
  t.match(overview.json().refusals, [
    { vendor: 'contiple', code: 'FST_CC_SIGNATURE_INVALID', count: 3 }
  ])
  t.notMatch(overview.body, /AAAA|8210/)
  t.same((await workOf(app, sora)).ringing, [], 'a forged look-up does not ring')
})
