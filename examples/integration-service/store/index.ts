import { sql } from 'kysely'
import { openEngine, type EngineOptions } from './engine.ts'
import { toStoreError } from './errors.ts'
import { GroupCommit, type Work } from './group-commit.ts'
import { createPing, testDisk } from './health.ts'
import { createBatcher, type BatchWork } from './batch.ts'
import { migrate } from './migrate.ts'
import type { Db } from './tables.ts'

export { StoreUnavailable } from './errors.ts'
export type { Change, Work } from './group-commit.ts'
export type * from './tables.ts'

/** All state that other processes, or this one after a restart, must share. */
export interface Store {
  readonly kind: 'sqlite' | 'postgres'
  /** Reads committed data. @throws {StoreUnavailable} */
  read<T>(query: (db: Db) => Promise<T>): Promise<T>
  /**
   * Writes, and resolves once the data is on disk. Writes that arrive together share a transaction;
   * each is rolled back by itself if it fails. Work must use only its `change`: a `store.read`
   * inside it would wait for itself.
   * @throws {StoreUnavailable} when the commit is not confirmed; or the error of the work
   */
  commit<T>(work: Work<T>): Promise<T>
  /**
   * `commit` for frequent small work: items that arrive during a transaction are passed to `work`
   * together, which returns a result for each, in order.
   */
  batch<Item, Result>(work: BatchWork<Item, Result>): (item: Item) => Promise<Result>
  /** Called with the newest event's id after each commit of this process that appended events. */
  onEvents(listener: (lastId: number) => void): void
  /**
   * Checks that reads work, writes reach the disk, and neither waits for long. The result is reused
   * for a second after a commit or another check.
   * @throws {StoreUnavailable}
   */
  ping(): Promise<void>
  /** Finishes accepted work, then closes. */
  close(): Promise<void>
}

export interface StoreOptions extends EngineOptions {
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number
}

/** Opens the database at `databaseUrl` (`file:…` or `postgres://…`) and migrates its schema. */
export async function openStore (databaseUrl: string, options: StoreOptions = {}): Promise<Store> {
  const engine = await openEngine(databaseUrl, options)
  try {
    await migrate(engine)
  } catch (error) {
    await engine.db.destroy()
    throw toStoreError(error)
  }
  const listeners: Array<(lastId: number) => void> = []
  const commits = new GroupCommit({
    engine,
    now: options.now ?? Date.now,
    onEvents: lastId => listeners.forEach(listener => listener(lastId)),
    onError: options.onError ?? (() => {}),
    maximumWaitMs: 2 * (options.waitMs ?? 3000)
  })

  const store: Store = {
    kind: engine.kind,
    read: async query =>
      await query(engine.db).catch((error: unknown) => {
        throw toStoreError(error)
      }),
    commit: async work => await commits.add(work),
    batch: work => createBatcher(store, work),
    onEvents: listener => {
      listeners.push(listener)
    },
    ping: createPing(commits, {
      read: async () => await store.read(db => sql`select 1`.execute(db)),
      write: async () => await commits.add(async ({ db }) => await testDisk(db))
    }),
    async close () {
      await commits.idle()
      await engine.db.destroy()
    }
  }
  return store
}
