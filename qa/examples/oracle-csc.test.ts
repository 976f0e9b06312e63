import { clickToCallUrl, scheme } from 'fastify-contact-center/oracle-csc'
import t from 'tap'
import { startExample } from '../../test/helper.ts'

t.test('examples/oracle-csc.ts makes the URL for a signed-in agent, and opens for no other', async t => {
  const key = 'a-key-of-at-least-16'
  const token = 'a-token-of-at-least-16'
  const url = await startExample(t, 'oracle-csc', {
    ORACLE_CSC_KEY: key,
    ORACLE_CSC_URL: 'https://csc.example/agent/main',
    AGENT_NAME: 'kim',
    AGENT_TOKEN: token
  })
  const screenPop = async (authorization: string, callerId = '+15551234567') =>
    await fetch(`${url}/screen-pop`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization !== '' && { authorization } },
      body: JSON.stringify({ callerId, username: 'admin' })
    })
  const reply = await screenPop(`Bearer ${token}`)
  t.equal(reply.status, 200)
  const call = { username: 'kim', callerId: '+15551234567' }
  const signed = clickToCallUrl('https://csc.example/agent/main', {
    ...call,
    hash: scheme.sign(call, key)
  })
  t.same(await reply.json(), { ...call, url: signed })
  t.equal((await screenPop('Bearer somebody-else')).status, 401)
  t.equal((await screenPop('')).status, 401)
  t.equal((await screenPop(`Bearer ${token}`, 'anonymous')).status, 400)

  const { search } = new URL(signed)
  const opened = await fetch(`${url}/agent/main${search}`)
  t.same(await opened.json(), { agent: 'kim', caller: '+15551234567' })
  t.equal((await fetch(`${url}/agent/main${search.replace('kim', 'lee')}`)).status, 401)
})
