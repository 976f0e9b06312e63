import { digestOf, type ReplayStore } from './store.ts'
import { redisCommands, type RedisOptions } from './redis-commands.ts'

export interface RedisReplayStoreOptions extends RedisOptions {
  /** Put before every key. Default `fastify-contact-center:replay:`. */
  prefix?: string
}

/** Claims that all processes with this Redis share: `SET key 1 NX PX ttl`. */
export function redisReplayStore (
  { prefix = 'fastify-contact-center:replay:', ...options }: RedisReplayStoreOptions
): ReplayStore {
  const { send, inTime } = redisCommands(options)
  const nameOf = (key: string): string => prefix + digestOf(key).toString('base64url')

  return {
    async claim (key, ttlMs) {
      const name = nameOf(key)
      let isLate = false
      try {
        return await inTime(async () => {
          const isFirst =
            await send('SET', name, '1', 'NX', 'PX', String(Math.ceil(ttlMs))) === 'OK'
          // Its request was turned away meanwhile, and the vendor's retry must not be taken for a
          // replay.
          if (isFirst && isLate) await send('DEL', name)
          return isFirst
        })
      } catch (error) {
        isLate = true
        throw error
      }
    },
    async release (key) {
      await inTime(() => send('DEL', nameOf(key)))
    }
  }
}
