import { sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../store/index.ts'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

const retryMs = 1000

/** Milliseconds between checks of the connection, and until a check times out. */
const checkMs = 10_000
const timeoutMs = 3000

/** LISTEN needs its own connection, which is reopened whenever it breaks. */
export function postgresAnnouncer (
  connectionString: string,
  store: Store,
  { onAnnounced, onError }: AnnouncerOptions
): Announcer {
  let client: pg.Client | null = null
  let retry: NodeJS.Timeout | undefined
  let check: NodeJS.Timeout | undefined
  let closed = false
  connect()

  return {
    announce () {
      store.read(db => sql`select pg_notify(${channel}, '')`.execute(db)).catch(onError)
    },
    async close () {
      closed = true
      clearTimeout(retry)
      clearTimeout(check)
      // Not awaited: a connection that is still being opened would delay the close.
      client?.end().catch(() => {})
    }
  }

  function connect (): void {
    const connection = new pg.Client({
      connectionString,
      keepAlive: true,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      application_name: 'integration-service events'
    })
    client = connection
    connection.on('notification', onAnnounced)
    connection.on('error', error => {
      if (!closed) onError(error)
    })
    connection.once('end', scheduleReconnect)
    connection.connect()
      .then(async () => {
        await connection.query(`listen ${channel}`)
        // Read the events that were announced before we listened.
        onAnnounced()
        scheduleCheck(connection)
      })
      .catch((error: unknown) => {
        dropConnection(connection, error)
      })
  }

  /** An idle connection carries no data, so a broken one would go unnoticed. */
  function scheduleCheck (connection: pg.Client): void {
    if (closed) return
    check = setTimeout(() => {
      connection.query('select 1').then(
        () => scheduleCheck(connection),
        (error: unknown) => dropConnection(connection, error)
      )
    }, checkMs)
    check.unref()
  }

  function dropConnection (connection: pg.Client, error: unknown): void {
    if (!closed) onError(error)
    // With a query pending, it ends without waiting for the server.
    connection.end().catch(() => {})
    scheduleReconnect()
  }

  function scheduleReconnect (): void {
    if (closed) return
    clearTimeout(check)
    clearTimeout(retry)
    retry = setTimeout(connect, retryMs)
  }
}
