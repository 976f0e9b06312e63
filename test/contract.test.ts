import { vendors } from 'fastify-contact-center'
import {
  pluginContract,
  schemeContract,
  type PluginContract,
  type SchemeContract
} from 'fastify-contact-center/contract'
import type { FastifyPluginAsync } from 'fastify'
import t, { type Test } from 'tap'
import { build } from './helper.ts'

interface Contracts {
  schemes: Record<string, SchemeContract<object>>
  plugins: Record<string, PluginContract>
}

interface Vendor {
  createScheme: (options: object) => unknown
  default: FastifyPluginAsync<Record<string, unknown>>
}

t.test('createScheme and the plugin accept only true and false for strict', async t => {
  for (const vendor of vendors) {
    const { createScheme, default: plugin } = await import(
      `fastify-contact-center/${vendor}`
    ) as Vendor
    for (const strict of ['', 'no', 0, NaN, null]) {
      t.throws(() => createScheme({ strict }), TypeError, `${vendor}, ${String(strict)}`)
      if (strict !== null) {
        await t.rejects(
          build(t, app => app.register(plugin, { keys: 'a-key-of-at-least-16', strict })),
          { code: 'FST_CC_OPTION_INVALID', message: /"strict"/ },
          `${vendor}'s plugin, ${String(strict)}`
        )
      }
    }
  }
})

/** Asserts each rule. A subtest would cost more than the rule. */
async function assertRules (t: Test, rules: ReadonlyArray<{ name: string, run: () => unknown }>) {
  for (const { name, run } of rules) {
    try {
      await run()
      t.pass(name)
    } catch (error) {
      t.fail(name, { error: error instanceof Error ? error.stack : error })
    }
  }
}

for (const vendor of vendors) {
  const { schemes, plugins } = await import(`./contract/${vendor}.ts`) as Contracts
  for (const [name, contract] of Object.entries(schemes)) {
    t.test(`${vendor}: the scheme ${name}`, async t =>
      await assertRules(t, schemeContract(contract)))
  }
  for (const [name, contract] of Object.entries(plugins)) {
    t.test(`${vendor}: the plugin, ${name}`, async t =>
      await assertRules(t, pluginContract(contract)))
  }
}
