import { redisCommands, type RedisOptions } from '../kit/index.ts'
import { assertPositiveInteger as positiveInteger } from '../kit/route/options.ts'
import type { IssuedTokens } from './issued-tokens.ts'

export interface RedisIssuedTokensOptions extends RedisOptions {
  /** Put before every key. Default `fastify-contact-center:issued:`. */
  prefix?: string
}

/**
 * Issued links that all processes with this Redis share: `SET digest usercode PX ttl`. Redis
 * forgets them by itself. Who reads it learns members' ids, but no token.
 * @throws {OptionInvalid} unless `timeoutMs` is a positive integer
 */
export function redisIssuedTokens (
  { prefix = 'fastify-contact-center:issued:', ...options }: RedisIssuedTokensOptions
): IssuedTokens {
  positiveInteger('online-contact', 'timeoutMs', options.timeoutMs ?? 1000)
  const { send, inTime } = redisCommands(options)
  return {
    async remember (tokenDigest, usercode, ttlMs) {
      await inTime(() =>
        send('SET', prefix + tokenDigest, usercode, 'PX', String(Math.ceil(ttlMs)))
      )
    },
    async find (tokenDigest) {
      const usercode = await inTime(() => send('GET', prefix + tokenDigest))
      // Text, or bytes with a client that is set up to give those.
      return usercode === null ? null : String(usercode)
    }
  }
}
