import type { Config } from '../config.ts'
import type { Store } from '../store/index.ts'

/**
 * Notifies other processes of new events. A hint only: feeds read the table, and poll in case hints
 * are lost.
 */
export interface Announcer {
  /** Notifies the other processes. Never throws. */
  announce(): void
  close(): Promise<void>
}

export interface AnnouncerOptions {
  /** Called when another process announces events. */
  readonly onAnnounced: () => void
  readonly onError: (error: unknown) => void
}

/** The name of the channel in Redis and PostgreSQL. */
export const channel = 'integration_service_events'

/**
 * Uses Redis if configured, else PostgreSQL; a single process on SQLite needs neither. Only the
 * driver in use is loaded.
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
