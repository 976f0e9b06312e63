import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Engine, EngineOptions } from './engine.ts'
import { type Deadline, poolWithDeadlines } from './postgres-pool.ts'
import type { Tables } from './tables.ts'

/** An arbitrary number for the schema lock, the same in every process of this service. */
const schemaLock = 4_713_001_948

/** Milliseconds that a process waits for another to migrate. */
const migrationMs = 60_000

/** Milliseconds that the server gets to end a statement before we stop waiting. */
const graceMs = 1000

const [begin, commit] = [CompiledQuery.raw('begin'), CompiledQuery.raw('commit')]

export function openPostgres (
  connectionString: string,
  { waitMs = 3000, statementMs = 5000, poolSize = 10, onError = () => {} }: EngineOptions
): Engine {
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    connectionTimeoutMillis: waitMs,
    statement_timeout: statementMs,
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
  // The pool listens only to idle connections; an error between two statements of a transaction
  // would end the process.
  pool.on('connect', client => {
    client.on('error', onError)
  })
  const deadline: Deadline = { ms: statementMs + graceMs }
  return {
    kind: 'postgres',
    db: new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: poolWithDeadlines(pool, deadline, onError) })
    }),
    begin: async (db) => await db.executeQuery(begin),
    commit: async (db) => {
      const { rows: [result] } = await db.executeQuery<{ command?: string }>(commit)
      // If a statement failed and its error was caught, COMMIT rolls back without an error.
      if (result?.command === 'ROLLBACK') throw new Error('the transaction was rolled back')
    },
    async withMigrationTimeout (work) {
      const { ms } = deadline
      deadline.ms = migrationMs + graceMs
      return await work().finally(() => {
        deadline.ms = ms
      })
    },
    lockSchema: async (db) => {
      await sql`set local lock_timeout = ${sql.lit(migrationMs)}`.execute(db)
      await sql`set local statement_timeout = ${sql.lit(migrationMs)}`.execute(db)
      await sql`select pg_advisory_xact_lock(${sql.lit(schemaLock)})`.execute(db)
    }
  }
}
