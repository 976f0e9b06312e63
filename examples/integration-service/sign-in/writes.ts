import createError from '@fastify/error'
import { LRUCache } from 'lru-cache'
import type { FastifyInstance } from 'fastify'

const TooManyChanges = createError(
  'SERVICE_TOO_MANY_CHANGES',
  'Too many changes; try again in a minute',
  429
)

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])
const windowMs = 60_000

/**
 * Limits what an agent changes on the routes of this scope, whichever they are: nobody clicks that
 * often, but a script with somebody's session does. Counted in each process, so that agents work
 * on where Redis is down.
 */
export function limitWrites (app: FastifyInstance): void {
  const counts = new LRUCache<string, number>({ max: 10_000, ttl: windowMs, noUpdateTTL: true })
  // After the session is known.
  app.addHook('preHandler', async ({ method, agent }, reply) => {
    if (agent === null || safe.has(method)) return
    const count = (counts.get(agent.id) ?? 0) + 1
    counts.set(agent.id, count)
    if (count <= app.writesPerMinute) return
    reply.header('retry-after', Math.ceil(counts.getRemainingTTL(agent.id) / 1000))
    throw new TooManyChanges()
  })
}
