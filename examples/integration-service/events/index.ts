import fp from 'fastify-plugin'
import { createAnnouncer } from './announcer.ts'
import { EventFeed } from './feed.ts'

declare module 'fastify' {
  interface FastifyInstance {
    feed: EventFeed
  }
}

/** `app.feed`: the live events, of this process and of all others on the same store. */
export default fp(async function events (app) {
  const onError = (error: unknown): void => { app.log.warn({ err: error }, 'live events are delayed') }
  const feed = new EventFeed({ store: app.store, onError })
  const announcer = await createAnnouncer(app.config, app.store, { onAnnounced: () => feed.announce(), onError })
  app.store.onEvents(() => {
    feed.announce()
    announcer.announce()
  })
  app.decorate('feed', feed)
  app.addHook('onClose', async () => {
    feed.close()
    await announcer.close()
  })
}, { name: 'events', dependencies: ['store'] })
