// What HTTP in Node and the store cost together, with nothing of ours between them: a bare
// route that keeps the same rows by the same group commit, without a signature, a schema,
// metrics or a log. The distance from here to the service is what those take.
import Fastify from 'fastify'
import { keepCallbacks } from '../../examples/integration-service/calls/keep.ts'
import { openStore } from '../../examples/integration-service/store/index.ts'
import { rowOf } from './rows.ts'

const store = await openStore(process.env['DATABASE_URL'] ?? '')
const keep = store.batch(keepCallbacks)
const app = Fastify()
app.get('/readyz', async () => 'ready')
app.post('/aicc/released', async ({ body }) => {
  const { callSerialNo } = body as { callSerialNo: string }
  await keep(rowOf(callSerialNo, JSON.stringify(body)))
  return { retCode: '0', retMsg: 'success' }
})
app.addHook('onClose', () => store.close())
process.once('SIGTERM', () => {
  app.close().catch(() => {
    process.exitCode = 1
  })
})
await app.listen({ port: Number(process.env['PORT']) })
