import { Redis } from 'ioredis'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

/** A subscribed connection can do nothing else, so there are two. Both reconnect by themselves. */
export function redisAnnouncer (
  url: string,
  { onAnnounced, onError }: AnnouncerOptions
): Announcer {
  const publisher = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false })
  const subscriber = new Redis(url, { maxRetriesPerRequest: null })
  publisher.on('error', onError)
  subscriber.on('error', onError)
  subscriber.on('message', onAnnounced)
  // What was announced while the connection was down.
  subscriber.on('ready', onAnnounced)
  subscriber.subscribe(channel).catch(onError)
  return {
    announce () {
      publisher.publish(channel, '').catch(onError)
    },
    async close () {
      publisher.disconnect()
      subscriber.disconnect()
    }
  }
}
