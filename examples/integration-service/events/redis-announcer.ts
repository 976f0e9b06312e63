import { Redis } from 'ioredis'
import { redisTimeouts } from '../operations/redis.ts'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

const pingMs = 10_000

/**
 * A subscribed connection accepts no other commands, so there are two. Both reconnect by
 * themselves.
 */
export function redisAnnouncer (
  url: string,
  { onAnnounced, onError }: AnnouncerOptions
): Announcer {
  const publisher = new Redis(url, redisTimeouts)
  const subscriber = new Redis(url, {
    connectTimeout: redisTimeouts.connectTimeout,
    socketTimeout: redisTimeouts.socketTimeout,
    maxRetriesPerRequest: null
  })
  publisher.on('error', onError)
  subscriber.on('error', onError)
  subscriber.on('message', onAnnounced)
  // Read the events that were announced while the connection was down.
  subscriber.on('ready', onAnnounced)
  subscriber.subscribe(channel).catch(onError)
  // An idle connection carries no data, so a broken one would go unnoticed.
  const pingTimer = setInterval(() => {
    if (subscriber.status === 'ready') subscriber.ping().catch(onError)
  }, pingMs)
  pingTimer.unref()
  return {
    announce () {
      publisher.publish(channel, '').catch(onError)
    },
    async close () {
      clearInterval(pingTimer)
      publisher.disconnect()
      subscriber.disconnect()
    }
  }
}
