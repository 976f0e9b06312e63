import { type Compilable, CompiledQuery } from 'kysely'
import type { Db } from './tables.ts'

/**
 * Rows of one statement: databases take some 32000 values in one, and its text is kept for each
 * number of rows.
 */
const maximumRows = 100

/**
 * Runs the statement about these rows, of which there is at least one; several times where there
 * are many.
 */
export type ManyRows<Row, Result> = (db: Db, rows: readonly Row[]) => Promise<Result[]>

/**
 * A statement about many rows, whose text is made once for each number of them: making
 * it takes a query builder longer than a database needs to run it. All of its values
 * are the columns' of the rows, in their order.
 */
export function manyRows<Row extends object, Result> (
  columns: Record<keyof Row, true>,
  build: (db: Db, rows: Row[]) => Compilable<Result>
): ManyRows<Row, Result> {
  const names = Object.keys(columns) as Array<keyof Row>
  const blank = Object.fromEntries(names.map(name => [name, null])) as Row
  // The adapter is what all connections to one kind of database share.
  const dialects = new WeakMap<object, string[]>()

  function textFor (db: Db, count: number): string {
    const { adapter } = db.getExecutor()
    const texts = dialects.get(adapter) ?? []
    dialects.set(adapter, texts)
    texts[count] ??= build(db, Array<Row>(count).fill(blank)).compile().sql
    return texts[count]
  }

  return async function run (db, rows) {
    const results: Result[] = []
    for (let start = 0; start < rows.length; start += maximumRows) {
      const some = rows.slice(start, start + maximumRows)
      const values: unknown[] = []
      for (const row of some) {
        for (const name of names) values.push(row[name])
      }
      results.push(
        ...(await db.executeQuery<Result>(CompiledQuery.raw(textFor(db, some.length), values))).rows
      )
    }
    return results
  }
}
