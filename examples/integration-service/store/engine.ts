import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Kysely, PostgresDialect, sql, SqliteDialect } from 'kysely'
import Database from 'libsql'
import pg from 'pg'
import type { Db, Tables } from './tables.ts'

/** What differs between the two databases; all else is one schema and one SQL. */
export interface Engine {
  readonly kind: 'sqlite' | 'postgres'
  readonly db: Db
  /** Begins a transaction that is going to write, on a connection of `db`. */
  begin (db: Db): Promise<unknown>
  /** Held until the transaction ends. */
  lockSchema (db: Db): Promise<unknown>
}

export interface EngineOptions {
  /** Milliseconds to wait for a connection or a lock before the store counts as down. */
  readonly waitMs?: number
  /** Connections to PostgreSQL. */
  readonly poolSize?: number
  /** Told of connections that broke. */
  readonly onError?: (error: Error) => void
}

/** Milliseconds of one wait for SQLite's write lock. */
const lockStepMs = 5

/** An arbitrary number that every process of this service uses for its schema lock. */
const schemaLock = 4_713_001_948

export function openEngine (databaseUrl: string, options: EngineOptions = {}): Engine {
  return databaseUrl.startsWith('file:') ? sqlite(databaseUrl, options) : postgres(databaseUrl, options)
}

function sqlite (databaseUrl: string, { waitMs = 3000 }: EngineOptions): Engine {
  const path = pathOf(databaseUrl)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new Database(path)
  database.exec(`
    PRAGMA busy_timeout = ${waitMs};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = ${lockStepMs}`)
  return {
    kind: 'sqlite',
    db: new Kysely<Tables>({ dialect: new SqliteDialect({ database }) }),
    // Kysely has one connection to SQLite, and lends it to one at a time.
    begin: async () => { await beginImmediate(database, waitMs) },
    // Whoever begins immediately is the only writer.
    lockSchema: async () => undefined
  }
}

function postgres (connectionString: string, { waitMs = 3000, poolSize = 10, onError = () => {} }: EngineOptions): Engine {
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    connectionTimeoutMillis: waitMs,
    statement_timeout: 5000,
    lock_timeout: waitMs,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    application_name: 'integration-service',
    types: { getTypeParser: (oid, format) => oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format) }
  })
  pool.on('error', onError)
  // The pool listens to idle connections only; one that breaks between two statements of a transaction would end the process.
  pool.on('connect', client => { client.on('error', onError) })
  return {
    kind: 'postgres',
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    begin: async (db) => await sql`begin`.execute(db),
    lockSchema: async (db) => {
      await sql`set local lock_timeout = '60s'`.execute(db)
      await sql`set local statement_timeout = '60s'`.execute(db)
      await sql`select pg_advisory_xact_lock(${sql.lit(schemaLock)})`.execute(db)
    }
  }
}

/**
 * Takes the one lock that SQLite's writers share. Its own waiting would stop this
 * process's event loop, so it is kept short and repeated. A deferred transaction that
 * reads first could not become a writing one at all while another process writes. A
 * prepared statement that finds the lock taken would count as running and forbid the
 * next commit, which is why this one is not prepared.
 */
async function beginImmediate (database: Database.Database, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs
  while (true) {
    try {
      database.exec('begin immediate')
      return
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || performance.now() >= deadline) throw error
      await sleep(lockStepMs)
    }
  }
}

/** `file:./data/x.db` is relative to the working directory, as SQLite's own tools read it; `file:///…` is absolute. */
function pathOf (databaseUrl: string): string {
  return databaseUrl.startsWith('file://') ? fileURLToPath(databaseUrl) : databaseUrl.slice('file:'.length)
}
