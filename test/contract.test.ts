import { vendors } from 'fastify-contact-center'
import { pluginContract, schemeContract, type PluginContract, type SchemeContract } from 'fastify-contact-center/contract'
import t from 'tap'

interface Contracts {
  schemes: Record<string, SchemeContract<object>>
  plugins: Record<string, PluginContract>
}

for (const vendor of vendors) {
  const { schemes, plugins } = await import(`./contract/${vendor}.ts`) as Contracts
  for (const [name, contract] of Object.entries(schemes)) {
    t.test(`${vendor}: the scheme ${name}`, async t => {
      for (const { name, run } of schemeContract(contract)) await t.test(name, async () => await run())
    })
  }
  for (const [name, contract] of Object.entries(plugins)) {
    t.test(`${vendor}: the plugin, ${name}`, async t => {
      for (const { name, run } of pluginContract(contract)) await t.test(name, async () => await run())
    })
  }
}
