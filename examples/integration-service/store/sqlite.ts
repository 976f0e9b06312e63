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
  const path = parsePath(databaseUrl)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new Database(path)
  database.exec(`
    PRAGMA busy_timeout = ${waitMs};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA busy_timeout = ${lockStepMs}`)
  const checkpoint = createGuardedCheckpoint(database, path)
  const prepared = new LRUCache<string, SqliteStatement>({ max: maximumPrepared })
  return {
    kind: 'sqlite',
    db: new Kysely<Tables>({
      dialect: new SqliteDialect({
        database: { prepare: sql => prepareOnce(database, prepared, sql), close }
      })
    }),
    // Kysely uses one connection to SQLite, for one caller at a time.
    begin: async () => {
      await beginImmediate(database, waitMs)
    },
    // The driver's async interface waits for the disk on its own thread, while this one continues
    // with work that needs no store.
    commit: async () => {
      await PromisedDatabase.prototype.exec.call(database, 'commit')
      await checkpoint.runIfDue()
    },
    // BEGIN IMMEDIATE makes this the only writer.
    lockSchema: async () => undefined,
    withMigrationTimeout: async work => await work()
  }

  function close (): void {
    // Each prepared statement keeps the file open.
    prepared.clear()
    checkpoint.close()
    database.close()
  }
}

/** Bytes of the write-ahead log at which it is checkpointed; SQLite's own default. */
const logBytes = 1000 * 4096

/** Commits between checks of the log's size. */
const commitsPerCheck = 20

/**
 * Checkpoints the log while nobody writes. SQLite before 3.51.3, and so libsql, can lose another
 * process's commit during a checkpoint: the log may be reset in between, and the checkpoint then
 * counts pages as copied that are not. Writers need the write lock, so our second connection holds
 * it meanwhile, and no other process can commit.
 * @see https://sqlite.org/wal.html#walresetbug
 */
function createGuardedCheckpoint (database: Database.Database, path: string) {
  const guard = new Database(path)
  guard.exec('PRAGMA busy_timeout = 0; PRAGMA wal_autocheckpoint = 0')
  let commits = 0

  return {
    async runIfDue (): Promise<void> {
      if (++commits % commitsPerCheck !== 0 || await readSize(`${path}-wal`) < logBytes) return
      try {
        guard.exec('begin immediate')
      } catch {
        // Another process is writing: try next time.
        return
      }
      try {
        await PromisedDatabase.prototype.exec.call(database, 'PRAGMA wal_checkpoint(PASSIVE)')
      } catch {
        // Committed data stays in the log until there is disk space to copy it.
      } finally {
        guard.exec('rollback')
      }
    },
    close: () => guard.close()
  }
}

async function readSize (path: string): Promise<number> {
  return await stat(path).then(({ size }) => size, () => 0)
}

/**
 * Caches prepared statements. A statement that failed is not cached: it may count as running and
 * block commits until it is finalized.
 */
function prepareOnce (
  database: Database.Database,
  prepared: LRUCache<string, SqliteStatement>,
  sql: string
): SqliteStatement {
  const cached = prepared.get(sql)
  if (cached !== undefined) return cached
  const statement = database.prepare(sql)
  const guardedStatement: SqliteStatement = {
    reader: statement.reader,
    all: parameters => dropOnError(() => statement.all(parameters)),
    run: parameters => dropOnError(() => statement.run(parameters)),
    iterate: parameters => statement.iterate(parameters)
  }
  prepared.set(sql, guardedStatement)
  return guardedStatement

  function dropOnError<Result> (run: () => Result): Result {
    try {
      return run()
    } catch (error) {
      prepared.delete(sql)
      throw error
    }
  }
}

/**
 * Takes SQLite's single write lock. SQLite's busy timeout would block the event loop, so it is
 * short and we retry. A deferred transaction that reads first could not become a write transaction
 * while another process writes. A prepared statement that finds the lock taken would count as
 * running and block the next commit, so this one is not prepared.
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
 * `file:./data/x.db` is relative to the working directory, as in SQLite's own tools; `file:///…` is
 * absolute.
 */
function parsePath (databaseUrl: string): string {
  return databaseUrl.startsWith('file://')
    ? fileURLToPath(databaseUrl)
    : databaseUrl.slice('file:'.length)
}
