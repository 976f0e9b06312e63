import { setTimeout as sleep } from 'node:timers/promises'
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

/** Whether the error is the client's way of saying that Redis cannot be reached, or not work. */
export function isRedisDown (error: Error): boolean {
  return error.name === 'MaxRetriesPerRequestError' ||
    /^(?:Stream isn't writeable|Connection is closed|Command timed out|Socket timeout)/
      .test(error.message) ||
    (error.name === 'ReplyError' &&
      /^(?:LOADING|BUSY|MASTERDOWN|READONLY|OOM|MISCONF|CLUSTERDOWN|NOREPLICAS|TRYAGAIN) /
        .test(error.message))
}

/**
 * How every client of ours waits for Redis. One whose connection leads nowhere any more fails its
 * commands after `commandTimeout`, and makes another connection.
 */
export const patience = {
  connectTimeout: 1000,
  commandTimeout: 1000,
  socketTimeout: 2000,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false
} as const

/** `app.redis`. Commands fail at once while it is down: waiting would only pile them up. */
export default fp(async function redis (app) {
  const { REDIS_URL: url } = app.config
  const client = url === undefined ? null : await createClient(url)
  client?.on('error', error => app.log.warn({ err: error }, 'Redis is unreachable'))
  await connected(client)
  app.decorate('redis', client)
  app.addHook('onClose', async () => {
    client?.disconnect()
  })
}, { name: 'redis' })

/** The client's package is loaded only where there is a Redis. */
async function createClient (url: string): Promise<Redis> {
  const { Redis } = await import('ioredis')
  return new Redis(url, { ...patience, lazyConnect: true })
}

/** The service starts without Redis, too, and says at `/readyz` that it is missing. */
async function connected (client: Redis | null): Promise<void> {
  if (client === null) return
  const connecting = client.connect().catch(() => {})
  await Promise.race([connecting, sleep(patience.connectTimeout, undefined, { ref: false })])
}
