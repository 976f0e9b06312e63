import Fastify from 'fastify'
import contiple, { LookupQuery, LookupReplies, NoSuchCustomer } from 'fastify-contact-center/contiple'
import t, { type Test } from 'tap'
import { contipleSimulator } from '../../examples/simulators/contiple/app.ts'
import { now } from '../helper.ts'

const key = 'a-key-of-at-least-16'

/** A customer API on a real socket, and the simulator that asks it. */
async function start (t: Test, path = '/customer') {
  const api = Fastify()
  t.after(() => api.close())
  await api.register(contiple, { keys: key, now: () => now })
  api.post('/customer', { preValidation: api.contiple.verify, schema: { body: LookupQuery, response: LookupReplies } }, async request => {
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
  const look = async (payload: object) => (await app.inject({ method: 'POST', url: '/lab/lookup', payload })).json()
  return { api, app, lookupUrl, look }
}

t.test('the agent sees the customer, and what each status means', async t => {
  const { api, app, lookupUrl, look } = await start(t)
  t.match(await look({ callNum: '1', nation: 'korea' }), {
    status: 200,
    agentSees: 'userName: <b>1</b>, id: korea',
    data: { userName: '<b>1</b>', id: 'korea' },
    latencyMs: Number,
    request: { url: lookupUrl, headers: { 'x-tc-timestamp': String(now) }, body: '{"callNum":"1","nation":"korea"}' },
    reply: '{"data":{"userName":"<b>1</b>","id":"korea"}}'
  })
  t.match(await look({ callNum: '0' }), { status: 200, agentSees: 'no fields', data: {} })
  t.match(await look({ callNum: '404' }), { status: 400, agentSees: 'no result found', error: { code: 'FST_CC_NO_SUCH_CUSTOMER' } })
  t.match(await look({ callNum: '500' }), { status: 500, agentSees: 'an error occurred', error: { code: 'INTERNAL_SERVER_ERROR', detail: null } })
  t.match((await app.inject('/lab/events?since=1')).json(), [
    { id: 2, at: now, kind: 'lookup', outcome: 'accepted', text: 'asked who is calling: no fields' },
    { outcome: 'refused', detail: { status: 400 } },
    { outcome: 'failed' }
  ])
  await api.close()
  t.match(await look({ callNum: '1' }), { status: null, agentSees: 'an error occurred', error: /^no answer/ })
})

t.test('a forged twin is denied access', async t => {
  const { app, look } = await start(t)
  t.match(await look({ callNum: '1' }), { status: 200 })
  for (const forge of ['key', 'body', 'time']) {
    t.match(await look({ callNum: '1', forge }), { status: 403, agentSees: 'access denied', error: { code: 'FST_CC_SIGNATURE_INVALID' } }, forge)
  }
  t.match((await app.inject('/lab/events?since=1')).json(), [{ outcome: 'refused', text: 'sent a forged twin (key): access denied' }, { outcome: 'refused' }, { outcome: 'refused' }])
  t.equal((await app.inject({ method: 'POST', url: '/lab/lookup', payload: { callNum: '1', forge: 'luck' } })).statusCode, 400)
})

t.test('answers out of shape are errors to the agent', async t => {
  const cases: Record<string, object> = {
    '/nowhere': { status: 404, agentSees: 'an error on the requested server' },
    '/odd': { status: 200, agentSees: 'an error occurred', error: 'the answer holds no data' },
    '/null': { status: 502, agentSees: 'an error occurred', error: 'the answer is not in the shape of a failure' }
  }
  for (const [path, seen] of Object.entries(cases)) t.match(await (await start(t, path)).look({ callNum: '1' }), seen, path)
})

t.test('the ticket page asks by form, and escapes what comes back', async t => {
  const { app } = await start(t)
  const form = await app.inject('/')
  t.match(form.body, '<form action="/lab/lookup" method="post">')
  const sent = await app.inject({ method: 'POST', url: '/lab/lookup', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'callNum=1&nation=&forge=' })
  t.equal(sent.statusCode, 303)
  const ticket = await app.inject(String(sent.headers.location))
  t.match(ticket.body, /id="agent-sees" class="accepted"[\s\S]*<th>userName<\/th><td>&[^<]*1/)
  t.notMatch(ticket.body, '<b>1')
  t.notMatch(ticket.body, 'nation&quot;', 'a blank field is not sent')
})
