import { memoryStore, redisStore } from 'fastify-contact-center'
import contiple from 'fastify-contact-center/contiple'
import huaweiAicc from 'fastify-contact-center/huawei-aicc'
import itxChat from 'fastify-contact-center/itx-chat'
import line from 'fastify-contact-center/line'
import onlineContact from 'fastify-contact-center/online-contact'
import oracleCsc from 'fastify-contact-center/oracle-csc'
import twilio from 'fastify-contact-center/twilio'
import whatsapp from 'fastify-contact-center/whatsapp'
import fp from 'fastify-plugin'
import {
  createTokenSource,
  type TokenSource,
  type TokenSourceOptions,
  retryWithFreshToken
} from './access-tokens.ts'
import { hasAccount } from './accounts.ts'
import type { Config, TokenName } from './config.ts'
import { createSecretReader } from './secret-files.ts'
import { createExpiringStore } from './store/expiring-entries.ts'

export interface VendorOptions {
  /** For calls to Huawei. */
  readonly fetch?: typeof globalThis.fetch
}

/** The vendors that have an account in the configuration. */
export default fp<VendorOptions>(async function vendors (app, { fetch }) {
  const { config, now, store } = app
  const sharedReplay = app.redis === null ? undefined : redisStore({ client: app.redis })
  const storedEntries = createExpiringStore(store, now)
  if (hasAccount(config, 'oracleCsc')) {
    await app.register(oracleCsc, {
      keys: config.ORACLE_CSC_KEY,
      url: config.ORACLE_CSC_URL,
      ...plusSignPatterns,
      now
    })
  }
  if (hasAccount(config, 'contiple')) {
    await app.register(contiple, {
      keys: config.CONTIPLE_KEY,
      replay: sharedReplay ?? storedEntries,
      now
    })
  }
  if (hasAccount(config, 'onlineContact')) {
    await app.register(onlineContact, {
      keys: config.ONLINE_CONTACT_KEY,
      url: config.ONLINE_CONTACT_URL,
      service: config.ONLINE_CONTACT_SERVICE,
      tokens: storedEntries,
      now
    })
  }
  if (hasAccount(config, 'itxChat')) await app.register(itxChat, { keys: config.ITX_SECRET, now })
  if (hasAccount(config, 'huaweiAicc')) {
    const source = createAiccTokenSource(config, { now, ...fetch && { fetch } })
    await app.register(huaweiAicc, {
      keys: config.AICC_SECRET,
      url: config.AICC_URL,
      accessToken: source === undefined ? chooseToken(config, 'AICC_ACCESS_TOKEN') : source.get,
      // Memory is enough: the store recognizes a callback that another process has received.
      replay: sharedReplay ?? memoryStore({ capacity: 1_000_000, now }),
      // Huawei repeats callbacks that it considers lost: storing one again changes nothing, and the
      // answer is the same.
      duplicates: 'mark',
      unsigned: { token: config.AICC_GATE },
      ...source !== undefined
        ? { fetch: retryWithFreshToken(source, fetch ?? globalThis.fetch) }
        : fetch && { fetch },
      now
    })
  }
  // The store recognizes repeated messages by their ids.
  if (hasAccount(config, 'whatsapp')) {
    await app.register(whatsapp, {
      keys: config.WHATSAPP_APP_SECRET,
      verifyToken: config.WHATSAPP_VERIFY_TOKEN,
      now
    })
  }
  if (hasAccount(config, 'line')) {
    await app.register(line, { keys: config.LINE_CHANNEL_SECRET, now })
  }
  // Calls have ids too, and Twilio repeats its request for a call with the same signature.
  if (hasAccount(config, 'twilio')) {
    await app.register(twilio, {
      keys: config.TWILIO_AUTH_TOKEN,
      publicUrl: config.PUBLIC_URL,
      now
    })
  }
}, { name: 'vendors', dependencies: ['store', 'redis'] })

/** The source of Huawei's tokens; undefined if the settings contain one. */
function createAiccTokenSource (
  { AICC_TOKEN_URL: url, AICC_APP_KEY: id, AICC_APP_SECRET: secret }: Config,
  options: Pick<TokenSourceOptions, 'fetch' | 'now'>
): TokenSource | undefined {
  return url === undefined || id === undefined || secret === undefined
    ? undefined
    : createTokenSource({ url, id, secret, ...options })
}

/** A token file is read for each request: expiring tokens are replaced there. */
export function chooseToken (config: Config, name: TokenName): Token {
  const file = config.tokenFiles[name]
  return file === undefined ? config[name] ?? '' : createSecretReader(file)
}

export type Token = string | (() => Promise<string>)

/**
 * CSC's hash has no separator between user name and number. Here every number is signed with its
 * plus sign, which no user name contains: the boundary is clear, and names may end in a digit.
 */
const plusSignPatterns = {
  usernamePattern: /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@\\-]{0,254}$/u,
  callerIdPattern: /^\+[1-9][0-9]{3,14}$/,
  confusable: 'allow'
} as const
