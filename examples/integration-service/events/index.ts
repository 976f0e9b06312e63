import fp from 'fastify-plugin'
import { createAnnouncer } from './announcer.ts'
import { EventFeed, type FeedOptions } from './feed.ts'

declare module 'fastify' {
  interface FastifyInstance {
    feed: EventFeed
  }
}

/** `app.feed`: live events from all processes on the same store. */
export default fp<Pick<FeedOptions, 'pollMs'>>(async function events (app, { pollMs }) {
  let loggedAt = -Infinity
  const onError = (error: unknown): void => {
    if (performance.now() - loggedAt < logIntervalMs) return
    loggedAt = performance.now()
    app.log.warn({ err: error }, 'live events are delayed')
  }
  const feed = new EventFeed({ store: app.store, pollMs, onError })
  const announcer = await createAnnouncer(app.config, app.store, {
    onAnnounced: () => feed.announce(),
    onError
  })
  let closed = false
  const announceToOthers = throttle(() => {
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
const logIntervalMs = 10_000

/** Milliseconds between announcements to other processes. */
const intervalMs = 20

/**
 * Sends the first at once, and then at most one per interval: each announcement costs the other
 * processes a read.
 */
function throttle (announce: () => void): () => void {
  let timer: NodeJS.Timeout | null = null
  let isPending = false
  return function announceThrottled () {
    isPending = true
    if (timer !== null) return
    isPending = false
    announce()
    timer = setTimeout(() => {
      timer = null
      if (isPending) announceThrottled()
    }, intervalMs)
    timer.unref()
  }
}
