import t from 'tap'
import { checkPlugin, webhookSenders } from '../../test/lab/webhook-services.ts'

for (const name of webhookSenders) {
  t.test(`${name}: our plugin passes, and broken services do not`, async t => {
    await checkPlugin(t, name)
  })
}
