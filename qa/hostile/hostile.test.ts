import t, { type Test } from 'tap'
import type { Case } from './case.ts'
import { bodyCases } from './cases-bodies.ts'
import { framingCases } from './cases-framing.ts'
import { headerCases } from './cases-headers.ts'
import { targetCases } from './cases-targets.ts'
import { kB, leewayBytes, startServer, until } from './process.ts'
import { sendGenuine, verdicts } from './raw.ts'
import { genuine, vendors } from './vendors.ts'

const tables = {
  headers: headerCases,
  framing: framingCases,
  bodies: bodyCases,
  targets: targetCases
}
const all = Object.values(tables).flat()
const aboutProxies = headerCases.filter(({ name }) => name.includes('proxy'))

for (const trustProxy of ['no', 'yes']) {
  t.test(`hostile HTTP, trustProxy: ${trustProxy}`, async t => {
    const server = await startServer(t, { TRUST_PROXY: trustProxy })
    for (const vendor of vendors) {
      t.equal(await sendGenuine(server.port, vendor), 'in', `a genuine request of ${vendor}`)
    }
    const before = await server.state()
    const cases = trustProxy === 'no' ? tables : { headers: aboutProxies }
    for (const [table, list] of Object.entries(cases)) {
      t.test(table, async t => {
        for (const hostileCase of list) await runCase(t, server.port, hostileCase)
      })
    }
    t.test('afterwards', async t => {
      const { problems, connections, heldBytes } = await until(
        server,
        state => state.connections === 0 && state.heldBytes - before.heldBytes < leewayBytes
      )
      t.strictSame(problems, [], 'no exception, rejection or warning')
      t.equal(connections, 0, 'every connection is gone')
      const more = heldBytes - before.heldBytes
      t.ok(
        more < leewayBytes,
        `memory is back: ${kB(before.heldBytes)} before, ${kB(heldBytes)} after`
      )
      const triedCases = Object.values(cases).flat()
      t.comment(
        `${triedCases.length} named cases, ${
          triedCases.flatMap(({ on }) => on).length
        } tries; held ${kB(before.heldBytes)} before and ${kB(heldBytes)} after`
      )
    })
  })
}

t.test('a case has one name, and some are about proxies', async t => {
  t.ok(aboutProxies.length > 0)
  t.equal(new Set(all.map(({ name }) => name)).size, all.length)
})

/** Runs a case on each route. Afterwards a genuine request must be accepted. */
async function runCase (t: Test, port: number, { name, on, send, expect }: Case): Promise<void> {
  const results = await Promise.all(on.map(async vendor => {
    return [
      vendor,
      await verdicts(port, vendor, send(genuine(vendor), vendor)),
      await sendGenuine(port, vendor)
    ] as const
  }))
  const expectedPattern = new RegExp(`^${expect.replaceAll(/no(?! )/g, 'no 4[0-9]{2}')}$`)
  const failures = results.filter(([, replies, after]) =>
    !expectedPattern.test(replies) || after !== 'in'
  )
  t.strictSame(failures, [], `${name}: ${expect || 'no reply'}`)
}
