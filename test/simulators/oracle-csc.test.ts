import { clickToCallUrl, createScheme, scheme } from 'fastify-contact-center/oracle-csc'
import t, { type Test } from 'tap'
import {
  oracleCscSimulator,
  type OracleCscSimulatorOptions
} from '../../examples/simulators/oracle-csc/app.ts'
import { now } from '../helper.ts'

const key = 'a-key-of-at-least-16'
const call = { username: 'kim', callerId: '+15551234567' }

async function start (t: Test, options: Partial<OracleCscSimulatorOptions> = {}) {
  const app = await oracleCscSimulator({ key, now: () => now, ...options })
  t.after(() => app.close())
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    base,
    open: async (url: string) => {
      const reply = await fetch(url)
      return { status: reply.status, page: await reply.text(), headers: reply.headers }
    },
    events: async (since = 0) =>
      await (await fetch(`${base}/lab/events?since=${since}`)).json() as unknown[]
  }
}

t.test("a signed URL opens the agent's page; its forged twin does not", async t => {
  const { base, open, events } = await start(t)
  const hash = scheme.sign(call, key)
  for (const path of ['/agent/main', '/agent/main.jsp?lang=en']) {
    const opened = await open(clickToCallUrl(base + path, { ...call, callId: 'FT-1', hash }))
    t.equal(opened.status, 200)
    t.match(opened.page, /Agent kim[\s\S]*signed in by hash[\s\S]*\+15551234567[\s\S]*FT-1/)
    t.notMatch(opened.page, hash)
    t.equal(opened.headers.get('referrer-policy'), 'no-referrer')
  }
  const forged: Record<string, [string, string]> = {
    'another agent': [
      clickToCallUrl(base + '/agent/main', { ...call, username: 'admin', hash }),
      'FST_CC_SIGNATURE_INVALID'
    ],
    'no hash': [clickToCallUrl(base + '/agent/main', call), 'FST_CC_SIGNATURE_MISSING'],
    'two agents': [
      clickToCallUrl(base + '/agent/main', { ...call, hash }) + '&username=admin',
      'FST_CC_INPUT_REFUSED'
    ]
  }
  for (const [name, [url, code]] of Object.entries(forged)) {
    const refused = await open(url)
    t.equal(refused.status, 403, name)
    t.match(refused.page, /Refused/, name)
    t.match(refused.page, code, name)
  }
  const seen = await events()
  t.match(seen, [
    {
      id: 1,
      at: now,
      kind: 'click-to-call',
      outcome: 'accepted',
      detail: { ...call, callId: 'FT-1' }
    },
    { outcome: 'accepted' },
    { outcome: 'refused', detail: { username: 'admin', code: 'FST_CC_SIGNATURE_INVALID' } },
    { outcome: 'refused' },
    { outcome: 'refused', detail: { username: '' } }
  ])
  t.equal((await events(4)).length, 1)
  t.notMatch(JSON.stringify(seen), hash)
  const lab = await open(base + '/lab')
  t.match(lab.page, `${base}/agent/main`)
  t.match(lab.page, 'signed in kim for +15551234567')
})

t.test("accepts CSC's spellings, and escapes values", async t => {
  const { base, open } = await start(t)
  const odd = { username: '<b>agent33</b>', callerId: '5551234567' }
  const opened = await open(
    clickToCallUrl(base + '/agent/main', {
      ...odd,
      hash: createScheme({ strict: false }).sign(odd, key)
    })
  )
  t.equal(opened.status, 200)
  t.match(opened.page, /Agent &[^<]*agent33/)
  t.notMatch(opened.page, '<b>agent33')
})

t.test('without a configured hash, the agent logs in by hand', async t => {
  const { base, open, events } = await start(t, { hash: 'off', url: 'https://csc.example' })
  const opened = await open(clickToCallUrl(base + '/agent/main', call))
  t.equal(opened.status, 200)
  t.match(opened.page, /log in by password[\s\S]*\+15551234567/)
  t.notMatch(opened.page, 'signed in by hash')
  t.match(await events(), [{ outcome: 'accepted', detail: { signedIn: false } }])
  t.match((await open(base + '/lab')).page, 'https://csc.example/agent/main')
})

t.test('with the FTCallID check, the hash covers the call ID', async t => {
  const { base, open } = await start(t, { checkCallId: 'on' })
  const fields = { ...call, callId: 'FT-1' }
  const hash = scheme.sign(fields, key)
  t.equal((await open(clickToCallUrl(base + '/agent/main', { ...fields, hash }))).status, 200)
  t.equal(
    (await open(clickToCallUrl(base + '/agent/main', { ...fields, callId: 'FT-2', hash }))).status,
    403
  )
})

t.test('explains a wrong hash, and refuses URLs that start no session', async t => {
  const { base, open } = await start(t)
  const backwards = scheme.sign(
    { username: call.username, callerId: call.callerId },
    'another-key-of-at-least-16'
  )
  const wrongHash = await open(clickToCallUrl(base + '/agent/main', { ...call, hash: backwards }))
  t.match(wrongHash.page, /id="explanation">The signature does not match/)
  t.notMatch(wrongHash.page, key)
  const withoutHash = await open(`${base}/agent/main?username=kim`)
  t.equal(withoutHash.status, 403)
  t.match(withoutHash.page, /is missing, so the URL does not start a session/)
})

t.test('a manual login keeps the call', async t => {
  const { app, base, open, events } = await start(t, { hash: 'off' })
  t.match(
    (await open(clickToCallUrl(base + '/agent/main', { ...call, callId: 'FT-1' }))).page,
    /name="callId" value="FT-1"/
  )
  const form = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/agent/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload
    })
  t.match(
    (await form('username=kim&password=any&callerId=%2B1555&callId=FT-1')).body,
    /Agent kim[^]*signed in by password[^]*\+1555[^]*FT-1/
  )
  t.equal((await form('username=kim&password=&callerId=1')).statusCode, 400, 'an empty password')
  t.match(await events(1), [{ kind: 'login', outcome: 'accepted' }])
})

t.test('masks its log', async t => {
  let log = ''
  const { base, open } = await start(t, {
    logger: {
      stream: {
        write: (line: string) => {
          log += line
        }
      }
    }
  })
  for (const path of ['/agent/main', '/agent/home']) {
    await open(clickToCallUrl(base + path, { ...call, hash: scheme.sign(call, key) }))
  }
  t.match(log, 'username=***&hash=***')
  t.notMatch(log, scheme.sign(call, key))
})
