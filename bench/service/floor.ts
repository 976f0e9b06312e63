// What a callback costs before the service adds what is its own, one step after the other:
// HTTP in Node and the store together, by a bare route that keeps the same rows by the same
// group commit; with the signature verified and claimed, by hand or by the plugin; and with the
// schemas.
import Fastify, { type RouteShorthandOptions } from 'fastify'
import { storeCallbacks } from '../../examples/integration-service/calls/store-callbacks.ts'
import { openStore } from '../../examples/integration-service/store/index.ts'
import huaweiAicc, { CallbackReplies, ReleaseCallback } from '../../plugins/huawei-aicc/index.ts'
import { memoryStore } from '../../plugins/index.ts'
import { createHuaweiCheck } from '../http/contenders/huawei-by-hand.ts'
import { secrets } from './process.ts'
import { rowOf, type Step, steps } from './rows.ts'

const step = steps.indexOf((process.env['BENCH_STEP'] ?? 'bare') as Step)

const store = await openStore(process.env['DATABASE_URL'] ?? '')
const storeCallback = store.batch(storeCallbacks)
const app = Fastify()
app.get('/readyz', async () => 'ready')
const options: RouteShorthandOptions = {}
if (step === steps.indexOf('by hand')) {
  options.preValidation = createHuaweiCheck(secrets['AICC_SECRET'] ?? '')
}
if (step >= steps.indexOf('signed')) {
  await app.register(huaweiAicc, {
    keys: secrets['AICC_SECRET'] ?? '',
    replay: memoryStore({ capacity: 1_000_000 }),
    duplicates: 'mark'
  })
  options.preValidation = app.huaweiAicc.verify
}
if (step >= steps.indexOf('validated')) {
  options.schema = { body: ReleaseCallback, response: CallbackReplies }
}
app.post('/aicc/released', options, async ({ body }) => {
  const { callSerialNo, called } = body as { callSerialNo: string, called: string }
  await storeCallback(rowOf(callSerialNo, JSON.stringify(body), called))
  return { retCode: '0', retMsg: 'success' }
})
app.addHook('onClose', () => store.close())
process.once('SIGTERM', () => {
  app.close().catch(() => {
    process.exitCode = 1
  })
})
await app.listen({ port: Number(process.env['PORT']) })
