import { sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../store/index.ts'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

const retryMs = 1000

/** LISTEN needs a connection of its own; it is opened again whenever it breaks. */
export function postgresAnnouncer (
  connectionString: string,
  store: Store,
  { onAnnounced, onError }: AnnouncerOptions
): Announcer {
  let client: pg.Client | null = null
  let retry: NodeJS.Timeout | undefined
  let closed = false
  connect()

  return {
    announce () {
      store.read(db => sql`select pg_notify(${channel}, '')`.execute(db)).catch(onError)
    },
    async close () {
      closed = true
      clearTimeout(retry)
      // Not awaited: a connection that is being made would keep us waiting for its end.
      client?.end().catch(() => {})
    }
  }

  function connect (): void {
    const mine = new pg.Client({
      connectionString,
      keepAlive: true,
      connectionTimeoutMillis: 3000,
      application_name: 'integration-service events'
    })
    client = mine
    mine.on('notification', onAnnounced)
    mine.on('error', error => {
      if (!closed) onError(error)
    })
    mine.once('end', again)
    mine.connect()
      .then(async () => {
        await mine.query(`listen ${channel}`)
        // What was announced while nobody listened.
        onAnnounced()
      })
      .catch((error: unknown) => {
        if (!closed) onError(error)
        mine.end().catch(() => {})
        again()
      })
  }

  function again (): void {
    if (closed) return
    clearTimeout(retry)
    retry = setTimeout(connect, retryMs)
  }
}
