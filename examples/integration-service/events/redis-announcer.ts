import { Redis } from 'ioredis'
import { patience } from '../operations/redis.ts'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

const beatMs = 10_000

/**
 * A subscribed connection accepts no other commands, so there are two. Both reconnect by
 * themselves.
 */
export function redisAnnouncer (
  url: string,
  { onAnnounced, onError }: AnnouncerOptions
): Announcer {
  const publisher = new Redis(url, patience)
  const subscriber = new Redis(url, {
    connectTimeout: patience.connectTimeout,
    socketTimeout: patience.socketTimeout,
    maxRetriesPerRequest: null
  })
  publisher.on('error', onError)
  subscriber.on('error', onError)
  subscriber.on('message', onAnnounced)
  // Read the events that were announced while the connection was down.
  subscriber.on('ready', onAnnounced)
  subscriber.subscribe(channel).catch(onError)
  // An idle connection carries no data, so a broken one would go unnoticed.
  const beat = setInterval(() => {
    if (subscriber.status === 'ready') subscriber.ping().catch(onError)
  }, beatMs)
  beat.unref()
  return {
    announce () {
      publisher.publish(channel, '').catch(onError)
    },
    async close () {
      clearInterval(beat)
      publisher.disconnect()
      subscriber.disconnect()
    }
  }
}
