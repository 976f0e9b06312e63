import type { Config } from '../config.ts'
import type { Store } from '../store/index.ts'

/**
 * Tells other processes that there are new events. A hint only: feeds read the table, and poll when
 * hints are lost.
 */
export interface Announcer {
  /** Tells the others. Never throws. */
  announce(): void
  close(): Promise<void>
}

export interface AnnouncerOptions {
  /** Another process announced. */
  readonly onAnnounced: () => void
  readonly onError: (error: unknown) => void
}

/** The name of the channel, in Redis as in PostgreSQL. */
export const channel = 'integration_service_events'

/**
 * Redis where there is one, else PostgreSQL; one process on SQLite needs neither. Only what is used
 * is loaded.
 */
export async function createAnnouncer (
  config: Config,
  store: Store,
  options: AnnouncerOptions
): Promise<Announcer> {
  if (config.REDIS_URL !== undefined) {
    return (await import('./redis-announcer.ts')).redisAnnouncer(config.REDIS_URL, options)
  }
  if (store.kind === 'postgres') {
    return (await import('./postgres-announcer.ts')).postgresAnnouncer(
      config.DATABASE_URL,
      store,
      options
    )
  }
  return { announce () {}, async close () {} }
}
