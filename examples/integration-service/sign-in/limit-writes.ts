import createError from '@fastify/error'
import { LRUCache } from 'lru-cache'
import type { FastifyInstance } from 'fastify'

const TooManyChanges = createError(
  'SERVICE_TOO_MANY_CHANGES',
  'Too many changes; try again in a minute',
  429
)

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const windowMs = 60_000

/**
 * Limits an agent's changes on all routes of this scope together: no human clicks this often, but a
 * script with a stolen session does. Counted per process, so that agents can work while Redis is
 * down.
 */
export function limitWrites (app: FastifyInstance): void {
  const counts = new LRUCache<string, number>({ max: 10_000, ttl: windowMs, noUpdateTTL: true })
  // Runs after the session is loaded.
  app.addHook('preHandler', async ({ method, agent }, reply) => {
    if (agent === null || safeMethods.has(method)) return
    const count = (counts.get(agent.id) ?? 0) + 1
    counts.set(agent.id, count)
    if (count <= app.writesPerMinute) return
    reply.header('retry-after', Math.ceil(counts.getRemainingTTL(agent.id) / 1000))
    throw new TooManyChanges()
  })
}
