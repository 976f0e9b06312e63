import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Engine, EngineOptions } from './engine.ts'
import type { Tables } from './tables.ts'

/** An arbitrary number that every process of this service uses for its schema lock. */
const schemaLock = 4_713_001_948

const [begin, commit] = [CompiledQuery.raw('begin'), CompiledQuery.raw('commit')]

export function openPostgres (
  connectionString: string,
  { waitMs = 3000, poolSize = 10, onError = () => {} }: EngineOptions
): Engine {
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    connectionTimeoutMillis: waitMs,
    statement_timeout: 5000,
    lock_timeout: waitMs,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    application_name: 'integration-service',
    types: {
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)
    }
  })
  pool.on('error', onError)
  // The pool listens to idle connections only; one that breaks between two statements of a
  // transaction would end the process.
  pool.on('connect', client => {
    client.on('error', onError)
  })
  return {
    kind: 'postgres',
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    begin: async (db) => await db.executeQuery(begin),
    commit: async (db) => await db.executeQuery(commit),
    lockSchema: async (db) => {
      await sql`set local lock_timeout = '60s'`.execute(db)
      await sql`set local statement_timeout = '60s'`.execute(db)
      await sql`select pg_advisory_xact_lock(${sql.lit(schemaLock)})`.execute(db)
    }
  }
}
