import { createHmac } from 'node:crypto'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import { vendors } from 'fastify-contact-center'
import t, { type Test } from 'tap'
import { check } from '../../examples/lab/check.ts'
import { labVendors } from '../../examples/lab/vendors.ts'
import { checkedVendors } from '../../examples/lab/webhooks.ts'
import { publicHalf } from '../../examples/lab/webhook-signing.ts'
import { serve } from './broken.ts'

const publicUrl = 'https://service.example.com'
const others = vendors.filter(name => !Object.hasOwn(labVendors, name))
const keyOf = (name: string): string => checkedVendors[name]?.fields['key']?.default ?? ''
const env = { LAB_PUBLIC_URL: publicUrl }

t.test('every vendor can be checked', async t => {
  t.same(Object.keys(checkedVendors).sort(), [...vendors].sort())
})

for (const name of others) {
  t.test(`${name}: our plugin passes, and broken services do not`, async t => {
    const url = await right(t, name)
    // A key of the same form, that the service does not have.
    const key = keyOf(name)
    const old = name === 'telnyx'
      ? key.replace(/MDAx$/, 'MDAy')
      : `${key.slice(0, 9)}${key[9] === 'b' ? 'c' : 'b'}${key.slice(10)}`
    const { exitCode, findings, text } = await run(name, url, { LAB_OLD_KEY: old })
    t.equal(exitCode, 0, text)
    t.same(findings.filter(({ verdict }) => verdict !== 'right'), [])

    const skipped = (await run(name, url, {}, '--only', 'old-key')).findings
    t.match(skipped, [{ verdict: 'skipped' }])

    const takesAll = await run(name, await serve(t, () => ({ status: 200, body: {} })))
    t.same(
      wrong(takesAll.findings),
      takesAll.findings.filter(one => one.expected === 'refuse' && one.got !== 'skipped').map(one =>
        one.name
      )
    )
    const refusesAll = await run(name, await serve(t, () => ({ status: 401, body: {} })))
    t.same(wrong(refusesAll.findings), ['genuine'])
    const fails = await run(name, await serve(t, () => ({ status: 500, body: {} })), {}, '--all')
    t.equal(wrong(fails.findings).length, fails.findings.length - 1, 'all but the old key')

    const timeless = await run(name, await right(t, name, { tolerance: 1e9 }))
    // AudioHook's signatures say themselves when they end.
    const times = timeless.findings.map(one => one.name).filter(one =>
      one.endsWith('-clock') && !(name === 'genesys-audiohook' && one === 'stale-clock')
    )
    t.same(wrong(timeless.findings), times, 'ignores time')
    const forgetful = await run(name, await right(t, name, { replay: false }))
    const copies = forgetful.findings.filter(one =>
      one.name === 'replayed' && one.expected === 'refuse'
    )
    t.same(wrong(forgetful.findings), copies.map(one => one.name), 'ignores copies')
  })
}

t.test('the check names the mistake of a wrong service', async t => {
  const key = keyOf('standard-webhooks')
  // Uses the text of the key as it stands.
  const careless = await serve(t, ({ headers }, body) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body.toString()}`
    const mac = createHmac('sha256', key).update(signed).digest('base64')
    return { status: headers['webhook-signature'] === `v1,${mac}` ? 200 : 401, body: {} }
  })
  const { findings } = await run('standard-webhooks', careless)
  t.match(findings, [{ name: 'genuine', verdict: 'wrong', explanation: /is signed|Signed is/ }])

  const noTime = await serve(t, ({ headers }, body) => {
    const mac = createHmac('sha256', keyOf('zoom')).update(`v0::${body.toString()}`).digest('hex')
    return { status: headers['x-zm-signature'] === `v0=${mac}` ? 200 : 401, body: {} }
  })
  const untimed = await run('zoom', noTime)
  t.match(untimed.text, /Explanation: /)

  const open = await serve(t, () => ({ status: 200, body: {} }))
  for (const name of others) {
    const { findings } = await run(name, open, {}, '--only', 'wrong-key')
    t.match(findings, [{ explanation: /^It accepted this: .*another key/ }], name)
  }
})

t.test("fields of Twilio's that are there several times are signed as such", async t => {
  const body = 'Media=2&Media=1&Media=2&From=%2B47'
  const refused = await run('twilio', await right(t, 'twilio'), { LAB_BODY: body })
  t.match(refused, { exitCode: 2, text: /repeated with the same value/ })
  const twice = 'Media=2&Media=1&From=%2B47'
  const { exitCode, text } = await run('twilio', await right(t, 'twilio'), { LAB_BODY: twice })
  t.equal(exitCode, 0, text)
})

t.test('regression: a key that signs nothing ended the lab with a stack', async (t) => {
  const garbage = { TELNYX_KEY: 'garbage', ZENDESK_KEY: 'x', LAB_PUBLIC_URL: 'no address' }
  for (const name of ['telnyx', 'zendesk', 'twilio']) {
    const { exitCode, text } = await run(name, 'http://127.0.0.1:9', garbage)
    t.equal(exitCode, 2, text)
    t.match(text, /^(?:nothing can be signed with these settings: .|.*LAB_PUBLIC_URL)/)
  }
})

const run = async (name: string, url: string, more = {}, ...args: string[]) =>
  await check(['--vendor', name, '--target', `${url}/hook?a=1`, ...args], { ...env, ...more })

const wrong = (findings: ReadonlyArray<{ name: string, verdict: string }>): string[] =>
  findings.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name)

async function right (
  t: Test,
  name: string,
  { tolerance, replay }: { tolerance?: number, replay?: false } = {}
): Promise<string> {
  const { default: plugin } = await import(`fastify-contact-center/${name}`) as {
    default: FastifyPluginAsync<Record<string, unknown>> & {
      vendor: { tolerance: unknown, refusesCopies: boolean }
    }
  }
  const app = Fastify()
  await app.register(formbody)
  await app.register(plugin, {
    keys: name === 'telnyx'
      ? publicHalf(keyOf(name))
      : name === 'genesys-audiohook'
      ? { id: 'lab', secret: keyOf(name) }
      : keyOf(name),
    as: 'vendor',
    ...name === 'twilio' && { publicUrl },
    ...tolerance !== undefined && plugin.vendor.tolerance !== undefined && { tolerance },
    ...replay !== undefined && plugin.vendor.refusesCopies && { replay }
  })
  const { verify } = (app as unknown as { vendor: { verify: () => Promise<void> } }).vendor
  app.route({
    method: ['GET', 'POST'],
    url: '/hook',
    preValidation: verify,
    handler: async () => ({})
  })
  t.teardown(async () => {
    await app.close()
  })
  return await app.listen({ host: '127.0.0.1', port: 0 })
}
