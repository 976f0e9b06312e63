import { sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../store/index.ts'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

const retryMs = 1000

/** Milliseconds between checks of the connection, and until a check times out. */
const beatMs = 10_000
const answerMs = 3000

/** LISTEN needs its own connection, which is reopened whenever it breaks. */
export function postgresAnnouncer (
  connectionString: string,
  store: Store,
  { onAnnounced, onError }: AnnouncerOptions
): Announcer {
  let client: pg.Client | null = null
  let retry: NodeJS.Timeout | undefined
  let beat: NodeJS.Timeout | undefined
  let closed = false
  connect()

  return {
    announce () {
      store.read(db => sql`select pg_notify(${channel}, '')`.execute(db)).catch(onError)
    },
    async close () {
      closed = true
      clearTimeout(retry)
      clearTimeout(beat)
      // Not awaited: a connection that is still being opened would delay the close.
      client?.end().catch(() => {})
    }
  }

  function connect (): void {
    const mine = new pg.Client({
      connectionString,
      keepAlive: true,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
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
        // Read the events that were announced before we listened.
        onAnnounced()
        listenOn(mine)
      })
      .catch((error: unknown) => {
        giveUp(mine, error)
      })
  }

  /** An idle connection carries no data, so a broken one would go unnoticed. */
  function listenOn (mine: pg.Client): void {
    if (closed) return
    beat = setTimeout(() => {
      mine.query('select 1').then(() => listenOn(mine), (error: unknown) => giveUp(mine, error))
    }, beatMs)
    beat.unref()
  }

  function giveUp (mine: pg.Client, error: unknown): void {
    if (!closed) onError(error)
    // With a query pending, it ends without waiting for the server.
    mine.end().catch(() => {})
    again()
  }

  function again (): void {
    if (closed) return
    clearTimeout(beat)
    clearTimeout(retry)
    retry = setTimeout(connect, retryMs)
  }
}
