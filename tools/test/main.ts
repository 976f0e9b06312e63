// Runs the tests, two files per core at a time, and reports the failures at the end:
//   npm test                          test/: required for every change
//   npm test -- test/contiple         a folder, a file or a pattern
//   npm run coverage                  like npm test; fails if plugins/ or cli/ lacks coverage
//   npm test -- --default 'test/**/*.browser.ts'   like npm run test:browser: --default is the
//                             pattern without arguments
//   npm run test:watch                after each change, runs the affected tests
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { compile } from './compile.ts'
import { startCoverage } from './coverage.ts'
import { printSummary } from './report.ts'
import { runFiles } from './run-files.ts'
import { select } from './select.ts'
import { watch } from './watch.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    coverage: { type: 'boolean' },
    default: { type: 'string', multiple: true, default: [] },
    // Half of a test file's time is waiting: for timers, sockets and databases.
    jobs: { type: 'string', default: String(2 * availableParallelism()) },
    watch: { type: 'boolean' }
  }
})
const jobs = Number(values.jobs)
const patterns = positionals.length > 0 ? positionals : values.default

if (values.watch) {
  await watch(patterns, jobs)
} else {
  await runOnce().catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}

async function runOnce (): Promise<void> {
  const files = select(patterns)
  const measurement = values.coverage ? startCoverage() : undefined
  // Coverage measures the sources, so nothing is compiled.
  const results = measurement === undefined
    ? await runFiles(files, { jobs, programs: (await compile(files)).programs })
    : await runFiles(files, { jobs, env: measurement.env })
  const passed = printSummary(results)
  const covered = measurement?.report() ?? true
  process.exitCode = passed && covered ? 0 : 1
}
