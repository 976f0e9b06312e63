import { sql } from 'kysely'
import { openEngine, type EngineOptions } from './engine.ts'
import { storeError } from './errors.ts'
import { GroupCommit, type Work } from './group-commit.ts'
import { healthOf, tryDisk } from './health.ts'
import { batched, type BatchWork } from './batch.ts'
import { migrate } from './migrate.ts'
import type { Db } from './tables.ts'

export { StoreUnavailable } from './errors.ts'
export type { Change, Work } from './group-commit.ts'
export type * from './tables.ts'

/** Where everything lives that another process, or this one tomorrow, must know. */
export interface Store {
  readonly kind: 'sqlite' | 'postgres'
  /** Reads what is committed. @throws {StoreUnavailable} */
  read<T>(query: (db: Db) => Promise<T>): Promise<T>
  /**
   * Writes, and resolves once the disk has it. Writes that arrive together share a
   * transaction, each undone by itself when it fails. Work touches only its `change`:
   * a `store.read` inside it would wait for itself.
   * @throws {StoreUnavailable} when it is not known to be committed; or what the work threw
   */
  commit<T>(work: Work<T>): Promise<T>
  /**
   * `commit` for small work that comes in crowds: what arrives while a transaction is
   * under way is handed to `work` together, which answers each item in order.
   */
  batch<Item, Result>(work: BatchWork<Item, Result>): (item: Item) => Promise<Result>
  /** Told the newest event's id after each commit of this process that held events. */
  onEvents(listener: (lastId: number) => void): void
  /**
   * Whether work would be done now: reads are answered, writes reach the disk, and none waits for
   * long. A question that comes within a second of a commit, or of another, gets that answer.
   * @throws {StoreUnavailable}
   */
  ping(): Promise<void>
  /** Finishes what was accepted, then closes. */
  close(): Promise<void>
}

export interface StoreOptions extends EngineOptions {
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number
}

/**
 * Opens the database behind `databaseUrl` (`file:…` or `postgres://…`) and brings its schema up to
 * date.
 */
export async function openStore (databaseUrl: string, options: StoreOptions = {}): Promise<Store> {
  const engine = await openEngine(databaseUrl, options)
  try {
    await migrate(engine)
  } catch (error) {
    await engine.db.destroy()
    throw storeError(error)
  }
  const listeners: Array<(lastId: number) => void> = []
  const commits = new GroupCommit({
    engine,
    now: options.now ?? Date.now,
    onEvents: lastId => listeners.forEach(listener => listener(lastId)),
    onError: options.onError ?? (() => {}),
    patienceMs: 2 * (options.waitMs ?? 3000)
  })

  const store: Store = {
    kind: engine.kind,
    read: async query =>
      await query(engine.db).catch((error: unknown) => {
        throw storeError(error)
      }),
    commit: async work => await commits.add(work),
    batch: work => batched(store, work),
    onEvents: listener => {
      listeners.push(listener)
    },
    ping: healthOf(commits, {
      read: async () => await store.read(db => sql`select 1`.execute(db)),
      write: async () => await commits.add(async ({ db }) => await tryDisk(db))
    }),
    async close () {
      await commits.idle()
      await engine.db.destroy()
    }
  }
  return store
}
