import contiple from 'fastify-contact-center/contiple'
import huaweiAicc from 'fastify-contact-center/huawei-aicc'
import itxChat from 'fastify-contact-center/itx-chat'
import onlineContact from 'fastify-contact-center/online-contact'
import { memoryStore, redisStore } from 'fastify-contact-center'
import oracleCsc from 'fastify-contact-center/oracle-csc'
import fp from 'fastify-plugin'
import { hasAccount } from './accounts.ts'
import { secretFrom } from './secret-files.ts'
import { expiringEntries } from './store/expiring-entries.ts'

export interface VendorOptions {
  /** For calls to Huawei. */
  readonly fetch?: typeof globalThis.fetch
}

/** The vendors with which the configuration has an account. */
export default fp<VendorOptions>(async function vendors (app, { fetch }) {
  const { config, now, store } = app
  const shared = app.redis === null ? undefined : redisStore({ client: app.redis })
  const stored = expiringEntries(store, now)
  if (hasAccount(config, 'oracleCsc')) {
    await app.register(oracleCsc, {
      keys: config.ORACLE_CSC_KEY,
      url: config.ORACLE_CSC_URL,
      ...numbersBeginWithPlus,
      now
    })
  }
  if (hasAccount(config, 'contiple')) {
    await app.register(contiple, {
      keys: config.CONTIPLE_KEY,
      replay: shared ?? stored,
      now
    })
  }
  if (hasAccount(config, 'onlineContact')) {
    await app.register(onlineContact, {
      keys: config.ONLINE_CONTACT_KEY,
      url: config.ONLINE_CONTACT_URL,
      service: config.ONLINE_CONTACT_SERVICE,
      tokens: stored,
      now
    })
  }
  if (hasAccount(config, 'itxChat')) await app.register(itxChat, { keys: config.ITX_SECRET, now })
  if (hasAccount(config, 'huaweiAicc')) {
    const tokenFile = config.AICC_ACCESS_TOKEN_FILE
    await app.register(huaweiAicc, {
      keys: config.AICC_SECRET,
      url: config.AICC_URL,
      // A token that expires is written anew by whoever fetches it.
      accessToken: tokenFile === undefined ? config.AICC_ACCESS_TOKEN : secretFrom(tokenFile),
      // In memory it is enough: another process finds a repeated callback in the store.
      replay: shared ?? memoryStore({ capacity: 1_000_000, now }),
      // Huawei repeats what it thinks was lost: storing it again changes nothing, and the answer is
      // the same.
      duplicates: 'mark',
      unsigned: { token: config.AICC_GATE },
      ...fetch && { fetch },
      now
    })
  }
}, { name: 'vendors', dependencies: ['store', 'redis'] })

/**
 * Nothing stands between user name and number in CSC's hash. Here every number is signed with its
 * plus sign, which no user name holds: the border is clear, and names may end in a digit.
 */
const numbersBeginWithPlus = {
  usernamePattern: /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@\\-]{0,254}$/u,
  callerIdPattern: /^\+[1-9][0-9]{3,14}$/,
  confusable: 'allow'
} as const
