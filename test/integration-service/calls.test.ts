import t, { type Test } from 'tap'
import type { Call } from '../../examples/integration-service/calls/view.ts'
import { aicc, onEachStore, service, signIn, sqliteUrl } from './helper.ts'

interface Page {
  calls: Call[]
  next: string | null
}

const number = '010-1234-5678'
const serial = '1197765398201387012'
const gate = '/aicc/connected/demo-huawei-aicc-gate-01'
const connection = { callSerialNo: serial, serviceNo: '', called: '+821012345678', callData: null }
const release = {
  callSerialNo: serial,
  serviceNo: '',
  called: '+821012345678',
  caller: '+82215881001',
  talkingTime: '2022/02/22,10:04:29:004',
  releaseTime: '2022/02/22,10:05:29:004',
  talkDuration: '60',
  releaseReason: '0'
}

onEachStore(t, 'a call goes from click to release', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL }, { fetch: aicc(serial) })
  const headers = await signIn(app)

  const created = await app.inject({
    method: 'POST',
    url: '/api/calls',
    headers,
    payload: { number }
  })
  t.equal(created.statusCode, 201)
  t.equal(created.headers['location'], `/api/calls/${serial}`)
  t.match(created.json(), {
    callSerialNo: serial,
    state: 'dialling',
    agentId: 'minji',
    customerNumber: '+821012345678',
    customer: { name: '홍길동' }
  })

  const connected = await app.inject({ method: 'POST', url: gate, payload: connection })
  t.same([connected.statusCode, connected.json()], [200, { retCode: '0', retMsg: 'success' }])
  t.match((await app.inject({ url: `/api/calls/${serial}`, headers })).json(), {
    state: 'connected',
    connectedAt: Number
  })

  const pop = await app.inject({ method: 'POST', url: `/api/calls/${serial}/screen-pop`, headers })
  t.match(pop.json(), {
    url:
      /^http:\/\/127\.0\.0\.1:8080\/agent\/main\?clickToCallInit=true&username=minji\.kim&hash=[0-9a-f]+&UserTelephoneNumber=%2B821012345678/
  })
  t.equal(pop.headers['cache-control'], 'no-store')

  const signed = await app.huaweiAicc.signCallback(release)
  const released = await app.inject({ method: 'POST', url: '/aicc/released', payload: signed })
  t.same([released.statusCode, released.json()], [200, { retCode: '0', retMsg: 'success' }])
  t.match((await app.inject({ url: `/api/calls/${serial}`, headers })).json(), {
    state: 'released',
    releaseReason: '0',
    releaseText: 'The called party hung up',
    talkSeconds: 60,
    connectedAt: Date.UTC(2022, 1, 22, 2, 4, 29, 4),
    releasedAt: Date.UTC(2022, 1, 22, 2, 5, 29, 4)
  })

  for (const payload of [signed, await app.huaweiAicc.signCallback(release)]) {
    const repeated = await app.inject({ method: 'POST', url: '/aicc/released', payload })
    t.equal(repeated.json().retCode, '0', 'a retry gets the same answer')
  }
  const events = await app.store.read(db =>
    db.selectFrom('events').select(['id', 'kind']).orderBy('id').execute()
  )
  t.same(events, [{ id: 1, kind: 'call.dialling' }, { id: 2, kind: 'call.connected' }, {
    id: 3,
    kind: 'call.released'
  }], 'a retry publishes no second event')
})

onEachStore(t, 'callbacks converge in any order and content type', async (t, DATABASE_URL) => {
  const serials = ['1197765398201387013', '1197765398201387014', '1197765398201387015']
  const { app } = await service(t, { DATABASE_URL }, { fetch: aicc(...serials) })
  const headers = await signIn(app)
  const steps = {
    create: async () =>
      await app.inject({ method: 'POST', url: '/api/calls', headers, payload: { number } }),
    connect: async (callSerialNo: string) =>
      await app.inject({ method: 'POST', url: gate, payload: { ...connection, callSerialNo } }),
    release: async (callSerialNo: string) =>
      await app.inject({
        method: 'POST',
        url: '/aicc/released',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(
          Object.entries(await app.huaweiAicc.signCallback({ ...release, callSerialNo }))
        ).toString()
      })
  }
  const orders: Array<Array<keyof typeof steps>> = [['create', 'connect', 'release'], [
    'release',
    'create',
    'connect'
  ], ['connect', 'create', 'release']]
  const records: Array<Record<string, unknown>> = []
  for (const order of orders) {
    const callSerialNo = serials[records.length] ?? ''
    // Concurrent, so that a callback overtakes createCall's reply and waits for it.
    const replies = await Promise.all(order.map(async (step, index) => {
      await new Promise(resolve => {
        setTimeout(resolve, index * 100)
      })
      return await steps[step](callSerialNo)
    }))
    t.same(replies.map(reply => reply.statusCode).sort(), [200, 200, 201], order.join(', '))
    const call: Record<string, unknown> =
      (await app.inject({ url: `/api/calls/${callSerialNo}`, headers })).json()
    records.push({ ...call, callSerialNo: '', createdAt: 0 })
  }
  t.match(records[0], { state: 'released', agentId: 'minji', caller: '+82215881001' })
  t.same(records[1], records[0])
  t.same(records[2], records[0])
})

t.test("refuses forged, unknown and malformed callbacks in Huawei's shape", async t => {
  const { app } = await sqlite(t)
  const signed = await app.huaweiAicc.signCallback(release)
  const cases: Record<string, [string, object, number]> = {
    'another gate': ['/aicc/connected/demo-huawei-aicc-gate-02', connection, 403],
    'a call that is not ours': [gate, { ...connection, callSerialNo: '1' }, 404],
    'an unsigned release': ['/aicc/released', release, 401],
    'a changed reason': ['/aicc/released', { ...signed, releaseReason: '1' }, 401],
    'no callSerialNo': [
      '/aicc/released',
      await app.huaweiAicc.signCallback({ serviceNo: '', called: '1' }),
      400
    ]
  }
  for (const [name, [url, payload, status]] of Object.entries(cases)) {
    const reply = await app.inject({ method: 'POST', url, payload })
    t.equal(reply.statusCode, status, name)
    t.match(reply.json(), { retCode: /^(?!0$)/, retMsg: String }, name)
  }
  t.same(await app.store.read(db => db.selectFrom('calls').selectAll().execute()), [])
})

onEachStore(t, 'pages through and searches calls', async (t, DATABASE_URL) => {
  let now = 1_700_000_000_000
  const serials = Array.from({ length: 7 }, (_, index) => String(index + 1))
  const { app } = await service(t, { DATABASE_URL }, { fetch: aicc(...serials), now: () => now })
  const headers = await signIn(app)
  for (const index of serials.keys()) {
    // Two calls in one millisecond must not fall between pages.
    now += index % 2
    await app.inject({
      method: 'POST',
      url: '/api/calls',
      headers,
      payload: { number: index < 5 ? number : '+47 406 12 345' }
    })
  }
  const pagedSerials: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: Page = (await app.inject({
      url: '/api/calls',
      query: { limit: '3', ...next !== '' && { before: next } },
      headers
    })).json()
    pagedSerials.push(...page.calls.map(call => call.callSerialNo))
    next = page.next
  }
  t.same(pagedSerials, serials.toReversed())
  for (const spelling of ['+4740612345', '0047 406 12 345', '+47 406-12-345']) {
    const { calls }: Page =
      (await app.inject({ url: '/api/calls', query: { number: spelling }, headers })).json()
    t.same(calls.map(call => call.callSerialNo), ['7', '6'], spelling)
    t.equal(calls[0]?.customer?.name, 'Åse Nordmann')
  }
  for (
    const [end, expected] of Object.entries({
      2345: ['7', '6'],
      '612 345': ['7', '6'],
      '1234-5678': ['5', '4', '3', '2', '1'],
      99992345: [],
      1111: []
    })
  ) {
    const { calls }: Page =
      (await app.inject({ url: '/api/calls', query: { number: end }, headers })).json()
    t.same(calls.map(call => call.callSerialNo), expected, `numbers that end with ${end}`)
  }
  const [, second]: Page[] = await Promise.all(
    ['', '&before=' + Buffer.from('0.0').toString('base64url')].map(async more =>
      (await app.inject({ url: `/api/calls?number=5678&limit=2${more}`, headers })).json()
    )
  )
  t.same(second, { calls: [], next: null })
  for (
    const [query, code] of [
      ['number=nobody', 'SERVICE_NOT_A_NUMBER'],
      ['number=123', 'SERVICE_NOT_A_NUMBER'],
      ['before=x', 'SERVICE_CURSOR_INVALID'],
      ['limit=101', 'FST_ERR_VALIDATION']
    ] as const
  ) {
    const reply = await app.inject({ url: `/api/calls?${query}`, headers })
    t.match([reply.statusCode, reply.json()], [400, { code }], query)
  }
})

t.test('refuses invalid numbers, unknown calls and invalid cursors', async t => {
  const { app } = await sqlite(t)
  const headers = await signIn(app)
  await app.inject({
    method: 'POST',
    url: '/aicc/released',
    payload: await app.huaweiAicc.signCallback({ callSerialNo: 'x', serviceNo: '', called: '' })
  })
  const cases: Array<['GET' | 'POST', string, object | undefined, number, string]> = [
    ['POST', '/api/calls', { number: 'nobody' }, 400, 'SERVICE_NOT_A_NUMBER'],
    ['POST', '/api/calls', { number, more: 1 }, 502, 'FST_CC_CALL_REFUSED'],
    ['POST', '/api/calls', {}, 400, 'FST_ERR_VALIDATION'],
    ['GET', '/api/calls/1', undefined, 404, 'SERVICE_NO_SUCH_CALL'],
    ['POST', '/api/calls/1/screen-pop', undefined, 404, 'SERVICE_NO_SUCH_CALL'],
    ['POST', '/api/calls/x/screen-pop', undefined, 409, 'SERVICE_NO_NUMBER']
  ]
  for (const [method, url, payload, status, code] of cases) {
    const reply = await app.inject({ method, url, headers, ...payload && { payload } })
    t.match([reply.statusCode, reply.json()], [status, { code }], `${method} ${url}`)
  }
})

async function sqlite (t: Test) {
  return await service(t, { DATABASE_URL: sqliteUrl(t) }, { fetch: aicc() })
}
