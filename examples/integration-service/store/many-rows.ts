import { type Compilable, CompiledQuery } from 'kysely'
import type { Db } from './tables.ts'

/**
 * Rows per statement: databases accept about 32000 values, and we cache one text for each number of
 * rows.
 */
const maximumRows = 100

/** Runs the statement for these rows, at least one; in several statements when there are many. */
export type ManyRows<Row, Result> = (db: Db, rows: readonly Row[]) => Promise<Result[]>

/**
 * A statement for many rows. Its text is built once for each number of rows, because building it
 * takes longer than running it. Its values are the rows' columns, in order.
 */
export function createManyRows<Row extends object, Result> (
  columns: Record<keyof Row, true>,
  build: (db: Db, rows: Row[]) => Compilable<Result>
): ManyRows<Row, Result> {
  const names = Object.keys(columns) as Array<keyof Row>
  const blankRow = Object.fromEntries(names.map(name => [name, null])) as Row
  // All connections to one kind of database share the adapter.
  const sqlByAdapter = new WeakMap<object, string[]>()

  function getSql (db: Db, count: number): string {
    const { adapter } = db.getExecutor()
    const sqlByCount = sqlByAdapter.get(adapter) ?? []
    sqlByAdapter.set(adapter, sqlByCount)
    sqlByCount[count] ??= build(db, Array<Row>(count).fill(blankRow)).compile().sql
    return sqlByCount[count]
  }

  return async function run (db, rows) {
    const results: Result[] = []
    for (let start = 0; start < rows.length; start += maximumRows) {
      const chunk = rows.slice(start, start + maximumRows)
      const values: unknown[] = []
      for (const row of chunk) {
        for (const name of names) values.push(row[name])
      }
      results.push(
        ...(await db.executeQuery<Result>(CompiledQuery.raw(getSql(db, chunk.length), values))).rows
      )
    }
    return results
  }
}
