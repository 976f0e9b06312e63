import { setTimeout as sleep } from 'node:timers/promises'
import createError from '@fastify/error'
import fp from 'fastify-plugin'
import type { Redis } from 'ioredis'

declare module 'fastify' {
  interface FastifyInstance {
    /** Shared by all processes; null without Redis. */
    redis: Redis | null
  }
}

export const RedisUnavailable = createError(
  'SERVICE_REDIS_UNAVAILABLE',
  'Redis is unavailable',
  503
)

/** Whether the error means that Redis is unreachable or cannot work. */
export function isRedisDown (error: Error): boolean {
  return error.name === 'MaxRetriesPerRequestError' ||
    /^(?:Stream isn't writeable|Connection is closed|Command timed out|Socket timeout)/
      .test(error.message) ||
    (error.name === 'ReplyError' &&
      /^(?:LOADING|BUSY|MASTERDOWN|READONLY|OOM|MISCONF|CLUSTERDOWN|NOREPLICAS|TRYAGAIN) /
        .test(error.message))
}

/**
 * Timeouts and retries of all our Redis clients. A client with a dead connection fails its
 * commands after `commandTimeout`, and reconnects.
 */
export const redisTimeouts = {
  connectTimeout: 1000,
  commandTimeout: 1000,
  socketTimeout: 2000,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false
} as const

/** `app.redis`. Commands fail at once while it is down, instead of piling up. */
export default fp(async function redis (app) {
  const { REDIS_URL: url } = app.config
  const client = url === undefined ? null : await createClient(url)
  client?.on('error', error => app.log.warn({ err: error }, 'Redis is unreachable'))
  await waitForConnection(client)
  app.decorate('redis', client)
  app.addHook('onClose', async () => {
    client?.disconnect()
  })
}, { name: 'redis' })

/** The client's package is loaded only if Redis is configured. */
async function createClient (url: string): Promise<Redis> {
  const { Redis } = await import('ioredis')
  return new Redis(url, { ...redisTimeouts, lazyConnect: true })
}

/** The service starts even if Redis is down, and `/readyz` reports it. */
async function waitForConnection (client: Redis | null): Promise<void> {
  if (client === null) return
  const connecting = client.connect().catch(() => {})
  await Promise.race([connecting, sleep(redisTimeouts.connectTimeout, undefined, { ref: false })])
}
