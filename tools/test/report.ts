import type { FileResult } from './run-files.ts'

/** One line for a file. */
export function printFile ({ file, seconds, passed, failures }: FileResult): void {
  const verdict = failures.length > 0 ? 'FAIL' : 'ok  '
  const count = failures.length > 0 ? `${passed} passed, ${failures.length} failed` : `${passed}`
  console.log(`${verdict} ${seconds.toFixed(1).padStart(6)} s  ${file}  ${count}`)
}

/** Prints each failure in full, then the count. @returns whether all passed */
export function printSummary (results: readonly FileResult[]): boolean {
  for (const { file, failures } of results) {
    for (const { name, details } of failures) {
      console.log(`\nFAIL ${file} › ${name}`)
      if (details !== '') console.log(details.replaceAll(/^/gm, '  '))
    }
  }
  const sum = (count: (result: FileResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0)
  const failed = sum(({ failures }) => failures.length)
  const skipped = sum(result => result.skipped)
  console.log(
    `\n${results.length} files: ${sum(({ passed }) => passed)} passed, ${failed} failed` +
      (skipped > 0 ? `, ${skipped} skipped` : '')
  )
  return failed === 0
}
