import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { lastEventId } from '../store/events.ts'
import { EventStream } from './stream.ts'

const heartbeatMs = 15_000

/** `GET /api/events`: live events; a browser that reconnects resumes at its last event. */
export const eventRoutes: FastifyPluginAsyncTypebox = async function eventRoutes (app) {
  const streams = new Set<EventStream>()
  let isClosing = false

  // Streams never end by themselves and would delay the shutdown.
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stream of streams) stream.finish()
  })

  app.get('/api/events', {
    onRequest: app.requireAgent,
    schema: {
      summary: 'Server-sent events',
      description:
        'Without Last-Event-ID (or `after`), the stream starts with the next event. An event `beat` every 15 seconds shows that it is alive.',
      tags: ['events'],
      security: [{ agentSession: [] }],
      produces: ['text/event-stream'],
      headers: Type.Object({
        'last-event-id': Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' }))
      }),
      querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })) })
    }
  }, async (request, reply) => {
    const newest = await app.store.read(lastEventId)
    const lastId = request.headers['last-event-id'] ?? request.query.after
    // An id from the future belongs to another store: no event would ever follow it.
    const stream = new EventStream(
      Math.min(lastId === undefined ? newest : Number(lastId), newest),
      event => app.metrics.observeEvent(event)
    )
    streams.add(stream)
    // The request arrived before the service began to close.
    if (isClosing) stream.finish()
    const heartbeat = setInterval(() => {
      stream.sendHeartbeat()
      app.agentSession(request)
        .then(session => {
          if (session === undefined) stream.finish()
        })
        // An unavailable store does not end the session, and has no events to send either.
        .catch(() => {})
    }, heartbeatMs)
    stream.once('close', () => {
      clearInterval(heartbeat)
      streams.delete(stream)
      app.feed.leave(stream)
    })
    app.feed.join(stream).then(() => {
      // The desktop disconnected before it had joined.
      if (stream.closed) app.feed.leave(stream)
    }, (error: unknown) => {
      request.log.warn({ err: error }, 'reading events failed')
      stream.destroy()
    })
    return await reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream)
  })
}
