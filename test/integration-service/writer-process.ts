// Writes a number of events to a store that other processes use.
import { openStore } from '../../examples/integration-service/store/index.ts'

const [, , url = '', kind = '', count = '0'] = process.argv
const store = await openStore(url, { waitMs: 30_000 })
const pad = 'x'.repeat(20_000)
for (let index = 0; index < Number(count); index++) {
  await store.commit(async ({ publish }) => publish(kind, { index, pad }))
}
await store.close()
