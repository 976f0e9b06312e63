import { OptionInvalid } from '../errors.ts'
import { redisCommands, type RedisOptions } from './redis-client.ts'
import { digestOf, type ExpiringStore } from './store.ts'

/** The options of {@link redisStore}. */
export interface RedisStoreOptions extends RedisOptions {
  /** The prefix of every key. Default `fastify-contact-center:`. */
  prefix?: string
}

const putScript = `local live = redis.call('GET', KEYS[1])
if live then return live end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`

const replaceScript = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

const deleteScript = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/**
 * A store that all processes with this Redis share. It accepts clients of ioredis and node-redis,
 * for one server, Sentinel or a cluster. Redis removes expired entries itself.
 * @throws {OptionInvalid} on an invalid client, prefix or time-out
 */
export function redisStore (
  { prefix = 'fastify-contact-center:', ...options }: RedisStoreOptions
): ExpiringStore {
  if (typeof prefix !== 'string') {
    throw new OptionInvalid('redisStore', 'option "prefix" must be text')
  }
  const { send, limitTime } = redisCommands(options)
  const nameOf = (key: string): string => prefix + digestOf(key).toString('base64url')

  /** Runs a script on one key, so that a cluster knows where to run it. */
  async function run (script: string, name: string, ...args: string[]): Promise<unknown> {
    return await send(name, ['EVAL', script, '1', name, ...args])
  }

  /** SET is enough for nearly every request; only copies need the script. */
  async function put (name: string, value: string, ttl: string): Promise<string | null> {
    const answer = await send(name, ['SET', name, value, 'NX', 'PX', ttl])
    if (answer !== null) return assertOk(answer)
    return textOf(await run(putScript, name, value, ttl))
  }

  return {
    async putIfAbsent (key, value, ttlMs) {
      const name = nameOf(key)
      let hasTimedOut = false
      try {
        return await limitTime(async () => {
          const liveValue = await put(name, value, milliseconds(ttlMs))
          // The request was refused meanwhile: the vendor's retry must not find a claim.
          if (liveValue === null && hasTimedOut) await run(deleteScript, name, value)
          return liveValue
        })
      } catch (error) {
        hasTimedOut = true
        throw error
      }
    },
    async get (key) {
      const name = nameOf(key)
      return textOf(await limitTime(() => send(name, ['GET', name])))
    },
    async replace (key, expected, value, ttlMs) {
      const name = nameOf(key)
      const replaced = await limitTime(() =>
        run(replaceScript, name, expected, value, milliseconds(ttlMs))
      )
      return Number(replaced) === 1
    },
    async delete (key, expected) {
      const name = nameOf(key)
      await limitTime(() =>
        expected === undefined ? send(name, ['DEL', name]) : run(deleteScript, name, expected)
      )
    }
  }
}

function milliseconds (ttlMs: number): string {
  return String(Math.ceil(ttlMs))
}

/** Clients return text, or bytes if configured so. */
function textOf (value: unknown): string | null {
  return value === null ? null : String(value)
}

/** A transaction or a pipeline, given in place of a client, answers but does nothing. */
function assertOk (answer: unknown): null {
  if (String(answer) === 'OK') return null
  throw new Error('Redis did not answer OK: is "client" a client?')
}
