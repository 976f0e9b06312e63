import Fastify from 'fastify'
import contiple, {
  LookupQuery,
  LookupReplies,
  NoSuchCustomer
} from 'fastify-contact-center/contiple'
import t, { type Test } from 'tap'
import { contipleSimulator } from '../../examples/simulators/contiple/app.ts'
import { now } from '../helper.ts'

const key = 'a-key-of-at-least-16'

/** A customer API on a socket, and the simulator that calls it. */
async function start (t: Test, path = '/customer') {
  const api = Fastify()
  t.after(() => api.close())
  await api.register(contiple, { keys: key, now: () => now })
  api.post('/customer', {
    preValidation: api.contiple.verify,
    schema: { body: LookupQuery, response: LookupReplies }
  }, async request => {
    const { callNum, nation } = request.body as LookupQuery
    if (callNum === '404') throw new NoSuchCustomer()
    if (callNum === '500') throw new Error('the store is broken')
    return { data: callNum === '0' ? {} : { userName: `<b>${callNum}</b>`, id: nation ?? 'none' } }
  })
  api.post('/odd', async () => 'no JSON')
  api.post('/null', async (_request, reply) => reply.code(502).send('null'))
  const lookupUrl = await api.listen({ host: '127.0.0.1', port: 0 }) + path
  const app = await contipleSimulator({ key, lookupUrl, now: () => now })
  t.after(() => app.close())
  const lookUp = async (payload: object) =>
    (await app.inject({ method: 'POST', url: '/lab/lookup', payload })).json()
  return { api, app, lookupUrl, look: lookUp }
}

t.test('the agent sees the customer, and the meaning of each status', async t => {
  const { api, app, lookupUrl, look } = await start(t)
  t.match(await look({ callNum: '1', nation: 'korea' }), {
    status: 200,
    agentSees: 'userName: <b>1</b>, id: korea',
    data: { userName: '<b>1</b>', id: 'korea' },
    latencyMs: Number,
    request: {
      url: lookupUrl,
      headers: { 'x-tc-timestamp': String(now) },
      body: '{"callNum":"1","nation":"korea"}'
    },
    reply: {
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"data":{"userName":"<b>1</b>","id":"korea"}}'
    }
  })
  t.match(await look({ callNum: '0' }), { status: 200, agentSees: 'no fields', data: {} })
  t.match(await look({ callNum: '404' }), {
    status: 400,
    agentSees: 'no result found',
    error: { code: 'FST_CC_NO_SUCH_CUSTOMER' }
  })
  t.match(await look({ callNum: '500' }), {
    status: 500,
    agentSees: 'an error occurred',
    error: { code: 'INTERNAL_SERVER_ERROR', detail: null }
  })
  t.match((await app.inject('/lab/events?since=1')).json(), [
    {
      id: 2,
      at: now,
      kind: 'lookup',
      outcome: 'accepted',
      text: 'looked up the caller: no fields'
    },
    { outcome: 'refused', detail: { status: 400 } },
    { outcome: 'failed' }
  ])
  await api.close()
  t.match(await look({ callNum: '1' }), {
    status: null,
    agentSees: 'an error occurred',
    error: /^no answer/
  })
})

t.test('a forged twin is refused', async t => {
  const { app, look } = await start(t)
  t.match(await look({ callNum: '1' }), { status: 200 })
  for (const forge of ['key', 'body', 'time']) {
    t.match(await look({ callNum: '1', forge }), {
      status: 403,
      agentSees: 'access denied',
      error: { code: 'FST_CC_SIGNATURE_INVALID' }
    }, forge)
  }
  t.match((await app.inject('/lab/events?since=1')).json(), [
    { outcome: 'refused', text: 'sent a forged twin (key): access denied' },
    { outcome: 'refused' },
    { outcome: 'refused' }
  ])
  t.equal(
    (await app.inject({
      method: 'POST',
      url: '/lab/lookup',
      payload: { callNum: '1', forge: 'luck' }
    })).statusCode,
    400
  )
})

t.test('the agent sees malformed replies as errors', async t => {
  const cases: Record<string, object> = {
    '/nowhere': { status: 404, agentSees: 'an error on the requested server' },
    '/odd': { status: 200, agentSees: 'an error occurred', error: 'the answer has no data' },
    '/null': {
      status: 502,
      agentSees: 'an error occurred',
      error: 'the answer is not a documented error'
    }
  }
  for (const [path, seen] of Object.entries(cases)) {
    t.match(await (await start(t, path)).look({ callNum: '1' }), seen, path)
  }
})

t.test('the ticket page looks up by form, and escapes the reply', async t => {
  const { app } = await start(t)
  const form = await app.inject('/')
  t.match(form.body, '<form action="/lab/lookup" method="post" class="row">')
  const sent = await app.inject({
    method: 'POST',
    url: '/lab/lookup',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'callNum=1&nation=&forge='
  })
  t.equal(sent.statusCode, 303)
  const ticket = await app.inject(String(sent.headers.location))
  t.match(
    ticket.body,
    /id="agent-sees" class="accepted"[\s\S]*<th scope="row">userName<\/th><td>&[^<]*1/
  )
  t.notMatch(ticket.body, '<b>1')
  t.notMatch(ticket.body, 'nation&quot;', 'a blank field is not sent')
  t.match(ticket.body, /id="latency">[0-9]+ ms/)
  t.match(
    ticket.body,
    /id="request">POST http:[^<]*authorization: [^<]*x-tc-timestamp: 1660095873001[^<]*\{&#34;callNum&#34;:&#34;1&#34;\}</,
    'the request as sent'
  )
  t.match(
    ticket.body,
    /id="answer">HTTP 200 OK\n[^<]*content-type: application[^<]*&#34;userName&#34;/,
    'the reply as received'
  )
})

t.test('sends and shows the configured fields', async t => {
  const { app, look } = await start(t)
  const set = async (payload: object) =>
    await app.inject({ method: 'POST', url: '/lab/settings', payload })
  t.equal(
    (await set({ queryFields: 'callNum, userName', resultFields: 'id,level' })).statusCode,
    200
  )
  t.match((await app.inject('/lab')).body, /name="callNum" required[^]*name="userName"/)
  t.match(await look({ callNum: '1', nation: 'korea' }), {
    message: /nation is not one of the query fields: callNum, userName/
  })
  t.match(await look({ userName: 'Hong' }), { message: /callNum is missing/ })
  t.match(await look({ callNum: '1', userName: 'Hong' }), {
    request: { body: '{"callNum":"1","userName":"Hong"}' },
    data: { userName: '<b>1</b>' }
  })
  const { body } = await app.inject('/lab')
  t.match(body, /id<\/th><td>none<[^]*level<\/th><td>missing/)
  t.match(body, /that are not result fields: userName/)
})

t.test('signs with a wrong clock if configured', async t => {
  const { app, look } = await start(t)
  await app.inject({ method: 'POST', url: '/lab/settings', payload: { clock: '-301' } })
  t.match(await look({ callNum: '1' }), {
    status: 403,
    error: { code: 'FST_CC_TIMESTAMP_OUT_OF_WINDOW' }
  })
  const refused = await app.inject({
    method: 'POST',
    url: '/lab/settings',
    payload: { clock: 'yesterday' }
  })
  t.match(refused.json(), { statusCode: 400, message: 'LAB_CLOCK_SECONDS must be a number' })
  const form = await app.inject({
    method: 'POST',
    url: '/lab/settings',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'clock=x'
  })
  t.match(form.body, /The settings did not change: LAB_CLOCK_SECONDS/)
  t.equal((await app.inject('/lab/settings')).json().clock, '-301')
})
