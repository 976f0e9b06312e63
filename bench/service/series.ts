import { type RawBuilder, sql } from 'kysely'
import type { BenchDatabase } from './databases.ts'

/** A query of the numbers from `from` to `to`, as column `n`. */
export function series (
  kind: BenchDatabase['kind'],
  from: number,
  to: number
): RawBuilder<unknown> {
  return kind === 'postgres'
    ? sql`select n::bigint as n from generate_series(${sql.lit(from)}, ${sql.lit(to)}) as n`
    : sql`with recursive series(n) as (select ${
      sql.lit(from)
    } union all select n + 1 from series where n < ${sql.lit(to)}) select n from series`
}
