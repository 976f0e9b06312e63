import { mkdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely'
import Database from 'libsql'
import PromisedDatabase from 'libsql/promise'
import { LRUCache } from 'lru-cache'
import type { Engine, EngineOptions } from './engine.ts'
import type { Tables } from './tables.ts'

/** Milliseconds of one wait for SQLite's write lock. */
const lockStepMs = 5

/** Statements that stay prepared. */
const maximumPrepared = 250

export function openSqlite (databaseUrl: string, { waitMs = 3000 }: EngineOptions): Engine {
  const path = pathOf(databaseUrl)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new Database(path)
  database.exec(`
    PRAGMA busy_timeout = ${waitMs};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA busy_timeout = ${lockStepMs}`)
  const checkpoint = guardedCheckpoint(database, path)
  const prepared = new LRUCache<string, SqliteStatement>({ max: maximumPrepared })
  return {
    kind: 'sqlite',
    db: new Kysely<Tables>({
      dialect: new SqliteDialect({
        database: { prepare: sql => prepareOnce(database, prepared, sql), close }
      })
    }),
    // Kysely has one connection to SQLite, and lends it to one at a time.
    begin: async () => {
      await beginImmediate(database, waitMs)
    },
    // The driver's other interface waits for the disk on a thread of its own, while ours goes on
    // with what needs no store.
    commit: async () => {
      await PromisedDatabase.prototype.exec.call(database, 'commit')
      await checkpoint.whenDue()
    },
    // Whoever begins immediately is the only writer.
    lockSchema: async () => undefined,
    migrating: async work => await work()
  }

  function close (): void {
    // Each holds the file open.
    prepared.clear()
    checkpoint.close()
    database.close()
  }
}

/** Bytes of the write-ahead log from which on it is copied, as many as SQLite's own. */
const logBytes = 1000 * 4096

/** Commits between looks at the log. */
const commitsBetween = 20

/**
 * Copies the log into the database while nobody writes. SQLite before 3.51.3, and so libsql, can
 * lose what another process commits while this one copies: the log may be begun anew in between,
 * and the copying process then takes pages for copied that are not. A writer needs the write lock,
 * which a second connection of ours holds meanwhile, so that there is no other process's commit to
 * lose.
 * @see https://sqlite.org/wal.html#walresetbug
 */
function guardedCheckpoint (database: Database.Database, path: string) {
  const guard = new Database(path)
  guard.exec('PRAGMA busy_timeout = 0; PRAGMA wal_autocheckpoint = 0')
  let commits = 0

  return {
    async whenDue (): Promise<void> {
      if (++commits % commitsBetween !== 0 || await sizeOf(`${path}-wal`) < logBytes) return
      try {
        guard.exec('begin immediate')
      } catch {
        // Another process writes: next time.
        return
      }
      try {
        await PromisedDatabase.prototype.exec.call(database, 'PRAGMA wal_checkpoint(PASSIVE)')
      } catch {
        // What is committed is in the log, and stays there until there is room for it.
      } finally {
        guard.exec('rollback')
      }
    },
    close: () => guard.close()
  }
}

async function sizeOf (path: string): Promise<number> {
  return await stat(path).then(({ size }) => size, () => 0)
}

/**
 * Keeps statements for the next time. One that failed is not kept: it may count as running, and
 * forbid commits until it is gone.
 */
function prepareOnce (
  database: Database.Database,
  prepared: LRUCache<string, SqliteStatement>,
  sql: string
): SqliteStatement {
  const known = prepared.get(sql)
  if (known !== undefined) return known
  const statement = database.prepare(sql)
  const kept: SqliteStatement = {
    reader: statement.reader,
    all: parameters => keeping(() => statement.all(parameters)),
    run: parameters => keeping(() => statement.run(parameters)),
    iterate: parameters => statement.iterate(parameters)
  }
  prepared.set(sql, kept)
  return kept

  function keeping<Result> (run: () => Result): Result {
    try {
      return run()
    } catch (error) {
      prepared.delete(sql)
      throw error
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
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || performance.now() >= deadline) {
        throw error
      }
      await sleep(lockStepMs)
    }
  }
}

/**
 * `file:./data/x.db` is relative to the working directory, as SQLite's own tools read it;
 * `file:///…` is absolute.
 */
function pathOf (databaseUrl: string): string {
  return databaseUrl.startsWith('file://')
    ? fileURLToPath(databaseUrl)
    : databaseUrl.slice('file:'.length)
}
