import contiple from 'fastify-contact-center/contiple'
import huaweiAicc from 'fastify-contact-center/huawei-aicc'
import itxChat from 'fastify-contact-center/itx-chat'
import onlineContact from 'fastify-contact-center/online-contact'
import { memoryStore, redisStore } from 'fastify-contact-center/kit'
import oracleCsc from 'fastify-contact-center/oracle-csc'
import fp from 'fastify-plugin'
import { expiringEntries } from './store/expiring-entries.ts'

export interface VendorOptions {
  /** For calls to Huawei. */
  readonly fetch?: typeof globalThis.fetch
}

/** The five vendors, with the accounts of the configuration. */
export default fp<VendorOptions>(async function vendors (app, { fetch }) {
  const { config, now, store } = app
  const shared = app.redis === null ? undefined : redisStore({ client: app.redis })
  const stored = expiringEntries(store, now)
  await app.register(oracleCsc, { keys: config.ORACLE_CSC_KEY, url: config.ORACLE_CSC_URL, now })
  await app.register(contiple, {
    keys: config.CONTIPLE_KEY,
    replay: shared ?? stored,
    now
  })
  await app.register(onlineContact, {
    keys: config.ONLINE_CONTACT_KEY,
    url: config.ONLINE_CONTACT_URL,
    service: config.ONLINE_CONTACT_SERVICE,
    tokens: stored,
    now
  })
  await app.register(itxChat, { keys: config.ITX_SECRET, now })
  await app.register(huaweiAicc, {
    keys: config.AICC_SECRET,
    url: config.AICC_URL,
    accessToken: config.AICC_ACCESS_TOKEN,
    // In memory it is enough: another process finds a repeated callback in the store.
    replay: shared ?? memoryStore({ capacity: 1_000_000, now }),
    // Huawei repeats what it thinks was lost: storing it again changes nothing, and the answer is
    // the same.
    duplicates: 'mark',
    unsigned: { token: config.AICC_GATE },
    ...fetch && { fetch },
    now
  })
}, { name: 'vendors', dependencies: ['store', 'redis'] })
