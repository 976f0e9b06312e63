import { sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../store/index.ts'
import { type Announcer, type AnnouncerOptions, channel } from './announcer.ts'

const retryMs = 1000

/** Milliseconds between looks whether the connection still leads anywhere, and for an answer. */
const beatMs = 10_000
const answerMs = 3000

/** LISTEN needs a connection of its own; it is opened again whenever it breaks. */
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
      // Not awaited: a connection that is being made would keep us waiting for its end.
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
        // What was announced while nobody listened.
        onAnnounced()
        listenOn(mine)
      })
      .catch((error: unknown) => {
        giveUp(mine, error)
      })
  }

  /** Nothing is ever sent here while nothing happens, and so nothing tells that the way is cut. */
  function listenOn (mine: pg.Client): void {
    if (closed) return
    beat = setTimeout(() => {
      mine.query('select 1').then(() => listenOn(mine), (error: unknown) => giveUp(mine, error))
    }, beatMs)
    beat.unref()
  }

  function giveUp (mine: pg.Client, error: unknown): void {
    if (!closed) onError(error)
    // With a question open it does not wait for a goodbye.
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
