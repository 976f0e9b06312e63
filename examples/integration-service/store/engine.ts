import type { Db } from './tables.ts'

/** The differences between the two databases. They share one schema and one SQL. */
export interface Engine {
  readonly kind: 'sqlite' | 'postgres'
  readonly db: Db
  /** Begins a write transaction on a connection of `db`. */
  begin(db: Db): Promise<unknown>
  /** Commits it, and resolves once the commit is on disk. */
  commit(db: Db): Promise<unknown>
  /** Held until the transaction ends. */
  lockSchema(db: Db): Promise<unknown>
  /** Runs work that may take longer than usual. */
  withMigrationTimeout(work: () => Promise<void>): Promise<void>
}

export interface EngineOptions {
  /** Milliseconds to wait for a connection or a lock before the store counts as down. */
  readonly waitMs?: number
  /** Milliseconds that a statement of PostgreSQL may take. Default 5000. */
  readonly statementMs?: number
  /** Connections to PostgreSQL. */
  readonly poolSize?: number
  /** Called for connections that broke. */
  readonly onError?: (error: Error) => void
}

/** The engine for `file:…` or `postgres://…`. Only its driver is loaded. */
export async function openEngine (
  databaseUrl: string,
  options: EngineOptions = {}
): Promise<Engine> {
  if (databaseUrl.startsWith('file:')) {
    return (await import('./sqlite.ts')).openSqlite(databaseUrl, options)
  }
  return (await import('./postgres.ts')).openPostgres(databaseUrl, options)
}
