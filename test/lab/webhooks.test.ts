import { createHmac } from 'node:crypto'
import { vendors } from 'fastify-contact-center'
import t from 'tap'
import { serve } from './broken.ts'
import { checkPlugin, keyOf, run, servePlugin, webhookSenders } from './webhook-services.ts'
import { checkedVendors } from '../../examples/lab/webhooks.ts'

t.test('every vendor can be checked', async t => {
  t.same(Object.keys(checkedVendors).sort(), [...vendors].sort())
})

// The others: qa/lab.
for (const name of ['zoom', 'twilio']) {
  t.test(`${name}: our plugin passes, and broken services do not`, async t => {
    await checkPlugin(t, name)
  })
}

t.test("the check names a service's mistake", async t => {
  const key = keyOf('standard-webhooks')
  // Uses the text of the key, undecoded.
  const careless = await serve(t, ({ headers }, body) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body.toString()}`
    const mac = createHmac('sha256', key).update(signed).digest('base64')
    return { status: headers['webhook-signature'] === `v1,${mac}` ? 200 : 401, body: {} }
  })
  const { findings } = await run('standard-webhooks', careless)
  t.match(findings, [{ name: 'genuine', verdict: 'wrong', explanation: /^The signature is / }])

  const noTime = await serve(t, ({ headers }, body) => {
    const mac = createHmac('sha256', keyOf('zoom')).update(`v0::${body.toString()}`).digest('hex')
    return { status: headers['x-zm-signature'] === `v0=${mac}` ? 200 : 401, body: {} }
  })
  const untimed = await run('zoom', noTime)
  t.match(untimed.text, /Explanation: /)

  const open = await serve(t, () => ({ status: 200, body: {} }))
  for (const name of webhookSenders) {
    const { findings } = await run(name, open, {}, '--only', 'wrong-key')
    t.match(findings, [{ explanation: /^The service accepted this: .*another key/ }], name)
  }
})

t.test("signs repeated fields of Twilio's as a list", async t => {
  const body = 'Media=2&Media=1&Media=2&From=%2B47'
  const refused = await run('twilio', await servePlugin(t, 'twilio'), { LAB_BODY: body })
  t.match(refused, { exitCode: 2, text: /repeated with the same value/ })
  const twice = 'Media=2&Media=1&From=%2B47'
  const { exitCode, text } = await run('twilio', await servePlugin(t, 'twilio'), {
    LAB_BODY: twice
  })
  t.equal(exitCode, 0, text)
})

t.test('regression: a key that cannot sign crashed the lab', async (t) => {
  const garbage = { TELNYX_KEY: 'garbage', ZENDESK_KEY: 'x', LAB_PUBLIC_URL: 'no address' }
  for (const name of ['telnyx', 'zendesk', 'twilio']) {
    const { exitCode, text } = await run(name, 'http://127.0.0.1:9', garbage)
    t.equal(exitCode, 2, text)
    t.match(text, /^(?:the lab cannot sign with these settings: .|.*LAB_PUBLIC_URL)/)
  }
})
