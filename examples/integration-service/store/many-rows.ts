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
export function manyRows<Row extends object, Result> (
  columns: Record<keyof Row, true>,
  build: (db: Db, rows: Row[]) => Compilable<Result>
): ManyRows<Row, Result> {
  const names = Object.keys(columns) as Array<keyof Row>
  const blank = Object.fromEntries(names.map(name => [name, null])) as Row
  // All connections to one kind of database share the adapter.
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
