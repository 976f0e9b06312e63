import { sql } from 'kysely'
import type { Engine } from './engine.ts'
import type { Db } from './tables.ts'

/** Runs `work` on one connection between begin and commit. */
export async function inTransaction<T> (
  { db, begin, commit }: Engine,
  work: (db: Db) => Promise<T>
): Promise<T> {
  return await db.connection().execute(async (connection) => {
    await begin(connection)
    try {
      const result = await work(connection)
      await commit(connection)
      return result
    } catch (error) {
      // A broken connection cannot roll back; the database does it, and the first error has the
      // reason.
      await sql`rollback`.execute(connection).catch(() => {})
      throw error
    }
  })
}

/** Runs `work` so that its failure rolls back only its own writes in the shared transaction. */
export async function inSavepoint<T> (db: Db, work: () => Promise<T>): Promise<T> {
  await sql`savepoint work`.execute(db)
  try {
    const result = await work()
    await sql`release savepoint work`.execute(db)
    return result
  } catch (error) {
    await sql`rollback to savepoint work`.execute(db)
    await sql`release savepoint work`.execute(db)
    throw error
  }
}
