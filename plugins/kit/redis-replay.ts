import { digestOf, type ReplayStore } from './replay.ts'
import { withTimeout } from './timeout.ts'

/** ioredis: any command by name. */
interface CallClient { call (command: string, ...args: string[]): Promise<unknown> }
/** node-redis: any command as a list. */
interface SendCommandClient { sendCommand (args: string[]): Promise<unknown> }

export interface RedisReplayStoreOptions {
  /** A connected ioredis or node-redis client. It stays yours to close. */
  client: CallClient | SendCommandClient
  /** Put before every key. Default `fastify-contact-center:replay:`. */
  prefix?: string
  /** Milliseconds after which an unanswered command counts as failed: clients queue commands while disconnected. Default 1000. */
  timeoutMs?: number
}

/** Claims that all processes with this Redis share: `SET key 1 NX PX ttl`. */
export function redisReplayStore ({ client, prefix = 'fastify-contact-center:replay:', timeoutMs = 1000 }: RedisReplayStoreOptions): ReplayStore {
  const send = 'call' in client
    ? ([command = '', ...args]: string[]) => client.call(command, ...args)
    : (args: string[]) => client.sendCommand(args)
  const nameOf = (key: string): string => prefix + digestOf(key).toString('base64url')
  const inTime = <T>(work: () => Promise<T>) => withTimeout(work, timeoutMs, 'Redis did not answer')

  return {
    async claim (key, ttlMs) {
      const name = nameOf(key)
      let isLate = false
      try {
        return await inTime(async () => {
          const isFirst = await send(['SET', name, '1', 'NX', 'PX', String(Math.ceil(ttlMs))]) === 'OK'
          // Its request was turned away meanwhile, and the vendor's retry must not be taken for a replay.
          if (isFirst && isLate) await send(['DEL', name])
          return isFirst
        })
      } catch (error) {
        isLate = true
        throw error
      }
    },
    async release (key) { await inTime(() => send(['DEL', nameOf(key)])) }
  }
}
