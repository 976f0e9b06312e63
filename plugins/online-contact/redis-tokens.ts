import { positiveInteger, type RedisReplayStoreOptions } from '../kit/index.ts'
import { withTimeout } from '../kit/timeout.ts'
import type { IssuedTokens } from './issued-tokens.ts'

export interface RedisIssuedTokensOptions extends RedisReplayStoreOptions {
  /** Put before every key. Default `fastify-contact-center:issued:`. */
  prefix?: string
}

/**
 * Issued links that all processes with this Redis share: `SET digest usercode PX ttl`. Redis
 * forgets them by itself. Who reads it learns members' ids, but no token.
 * @throws {OptionInvalid} unless `timeoutMs` is a positive integer
 */
export function redisIssuedTokens ({ client, prefix = 'fastify-contact-center:issued:', timeoutMs = 1000 }: RedisIssuedTokensOptions): IssuedTokens {
  positiveInteger('online-contact', 'timeoutMs', timeoutMs)
  const send = 'call' in client
    ? (command: string, ...args: string[]) => client.call(command, ...args)
    : (...command: string[]) => client.sendCommand(command)
  const inTime = (work: () => Promise<unknown>) => withTimeout(work, timeoutMs, 'Redis did not answer')
  return {
    async remember (tokenDigest, usercode, ttlMs) {
      await inTime(() => send('SET', prefix + tokenDigest, usercode, 'PX', String(Math.ceil(ttlMs))))
    },
    async find (tokenDigest) {
      const usercode = await inTime(() => send('GET', prefix + tokenDigest))
      // Text, or bytes with a client that is set up to give those.
      return usercode === null ? null : String(usercode)
    }
  }
}
