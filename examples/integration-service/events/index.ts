import fp from 'fastify-plugin'
import { createAnnouncer } from './announcer.ts'
import { EventFeed } from './feed.ts'

declare module 'fastify' {
  interface FastifyInstance {
    feed: EventFeed
  }
}

/** `app.feed`: live events from all processes on the same store. */
export default fp(async function events (app) {
  let complained = -Infinity
  const onError = (error: unknown): void => {
    if (performance.now() - complained < complaintMs) return
    complained = performance.now()
    app.log.warn({ err: error }, 'live events are delayed')
  }
  const feed = new EventFeed({ store: app.store, onError })
  const announcer = await createAnnouncer(app.config, app.store, {
    onAnnounced: () => feed.announce(),
    onError
  })
  let closed = false
  const announceToOthers = spaced(() => {
    if (!closed) announcer.announce()
  })
  app.store.onEvents(() => {
    feed.announce()
    announceToOthers()
  })
  app.decorate('feed', feed)
  app.addHook('onClose', async () => {
    closed = true
    feed.close()
    await announcer.close()
  })
}, { name: 'events', dependencies: ['store'] })

/**
 * Milliseconds between logged errors: a client retries many times a second while its server is
 * down.
 */
const complaintMs = 10_000

/** Milliseconds between announcements to other processes. */
const spaceMs = 20

/**
 * Sends the first at once, and then at most one per interval: each announcement costs the other
 * processes a read.
 */
function spaced (announce: () => void): () => void {
  let timer: NodeJS.Timeout | null = null
  let isDue = false
  return function announceSpaced () {
    isDue = true
    if (timer !== null) return
    isDue = false
    announce()
    timer = setTimeout(() => {
      timer = null
      if (isDue) announceSpaced()
    }, spaceMs)
    timer.unref()
  }
}
