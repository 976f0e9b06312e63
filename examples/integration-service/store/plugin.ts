import fp from 'fastify-plugin'
import type { EngineOptions } from './engine.ts'
import { openStore, type Store } from './index.ts'

declare module 'fastify' {
  interface FastifyInstance {
    store: Store
  }
}

/** `app.store`, closed with the app. */
export default fp<Pick<EngineOptions, 'waitMs' | 'statementMs'>>(async function store (
  app,
  timeouts
) {
  const opened = await openStore(app.config.DATABASE_URL, {
    ...timeouts,
    now: app.now,
    onError: error => app.log.warn({ err: error }, 'a connection to the store broke')
  })
  app.decorate('store', opened)
  app.addHook('onClose', () => opened.close())
}, { name: 'store' })
