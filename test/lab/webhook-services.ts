// Services that receive webhooks: our plugins, and services with one mistake.
import formbody from '@fastify/formbody'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import { vendors } from 'fastify-contact-center'
import type { Test } from 'tap'
import { check } from '../../examples/lab/check.ts'
import { labVendors } from '../../examples/lab/vendors.ts'
import { checkedVendors } from '../../examples/lab/webhooks.ts'
import { derivePublicKey } from '../../examples/lab/webhook-signing.ts'
import { serve } from './broken.ts'

const publicUrl = 'https://service.example.com'
/** The vendors that send webhooks. */
export const webhookSenders = vendors.filter(name => !Object.hasOwn(labVendors, name))
export const keyOf = (name: string): string => checkedVendors[name]?.fields['key']?.default ?? ''
const env = { LAB_PUBLIC_URL: publicUrl }

/** Asserts that our plugin passes, and that services with one mistake fail. */
export async function checkPlugin (t: Test, name: string): Promise<void> {
  const url = await servePlugin(t, name)
  // A key in the same format that the service does not have.
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
    takesAll.findings.filter(finding => finding.expected === 'refuse' && finding.got !== 'skipped')
      .map(one => one.name)
  )
  const refusesAll = await run(name, await serve(t, () => ({ status: 401, body: {} })))
  t.same(wrong(refusesAll.findings), ['genuine'])
  const fails = await run(name, await serve(t, () => ({ status: 500, body: {} })), {}, '--all')
  t.equal(wrong(fails.findings).length, fails.findings.length - 1, 'all but the old key')

  const timeless = await run(name, await servePlugin(t, name, { tolerance: 1e9 }))
  // AudioHook's signatures contain their own expiry.
  const times = timeless.findings.map(finding => finding.name).filter(one =>
    one.endsWith('-clock') && !(name === 'genesys-audiohook' && one === 'stale-clock')
  )
  t.same(wrong(timeless.findings), times, 'ignores time')
  const forgetful = await run(name, await servePlugin(t, name, { replay: false }))
  const copies = forgetful.findings.filter(finding =>
    finding.name === 'replayed' && finding.expected === 'refuse'
  )
  t.same(wrong(forgetful.findings), copies.map(finding => finding.name), 'ignores copies')
}

export const run = async (name: string, url: string, more = {}, ...args: string[]) =>
  await check(['--vendor', name, '--target', `${url}/hook?a=1`, ...args], { ...env, ...more })

const wrong = (findings: ReadonlyArray<{ name: string, verdict: string }>): string[] =>
  findings.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name)

export async function servePlugin (
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
      ? derivePublicKey(keyOf(name))
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
