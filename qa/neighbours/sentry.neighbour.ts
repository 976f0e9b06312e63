// In its own process: it patches every Fastify instance created later.
import * as Sentry from '@sentry/node'
import Fastify from 'fastify'
import t from 'tap'
import contiple from '../../plugins/contiple/index.ts'
import { assertProtected } from '../../plugins/kit/route/protect.ts'
import { keys, plain, works } from './beside.ts'

t.test('F1: works with an error tracker that loads the tracer itself', async t => {
  Sentry.init({
    dsn: 'http://public@127.0.0.1:9/1',
    tracesSampleRate: 1,
    transport: () => ({ send: async () => ({}), flush: async () => true })
  })
  t.after(async () => await Sentry.close(100))
  const app = Fastify()
  t.after(() => app.close())
  Sentry.setupFastifyErrorHandler(app as never)
  await app.register(contiple, { keys })
  assertProtected(app)
  await plain(app)
  await works(t, app)
})
