import createError from '@fastify/error'
import fp from 'fastify-plugin'
import type { Redis } from 'ioredis'

declare module 'fastify' {
  interface FastifyInstance {
    /** Shared by all processes; null where there is none. */
    redis: Redis | null
  }
}

export const RedisUnavailable = createError(
  'SERVICE_REDIS_UNAVAILABLE',
  'Redis is unavailable',
  503
)

/** Whether the error is the client's way of saying that Redis cannot be reached. */
export function isRedisDown (error: Error): boolean {
  return error.name === 'MaxRetriesPerRequestError' ||
    /^(?:Stream isn't writeable|Connection is closed)/.test(error.message)
}

/** `app.redis`. Commands fail at once while it is down: waiting would only pile them up. */
export default fp(async function redis (app) {
  const { REDIS_URL: url } = app.config
  const client = url === undefined ? null : await createClient(url)
  client?.on('error', error => app.log.warn({ err: error }, 'Redis is unreachable'))
  await client?.connect().catch(() => {})
  app.decorate('redis', client)
  app.addHook('onClose', async () => {
    client?.disconnect()
  })
}, { name: 'redis' })

/** The client's package is loaded only where there is a Redis. */
async function createClient (url: string): Promise<Redis> {
  const { Redis } = await import('ioredis')
  return new Redis(url, {
    connectTimeout: 1000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true
  })
}
