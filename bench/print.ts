import { growthTable } from './growth-chapter.ts'
import type { Section, Table } from './report.ts'

/** For a terminal. */
export function printSection ({ title, tables, goals = [], lines = [] }: Section): void {
  console.log(`\n## ${title}\n`)
  for (const table of tables) console.log(`${alignTable(table)}\n`)
  if (lines.length > 0) console.log(`${alignTable(growthTable(lines))}\n`)
  if (goals.length > 0) {
    console.log(
      alignTable({
        head: ['goal', 'should be', 'is', ''],
        rows: goals.map((
          { work, goal, measured, met }
        ) => [work, goal, measured, met ? 'met' : 'NOT MET'])
      })
    )
  }
}

export function alignTable ({ head, rows }: Table): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  return all.map(row =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ').trimEnd()
  ).join('\n')
}
