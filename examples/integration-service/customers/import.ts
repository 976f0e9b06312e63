// Imports customers from a CSV file: `npm run import -- customers.csv`.
import { createReadStream, statSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SingleBar } from 'cli-progress'
import { runCommand, UsageError } from '../command-line.ts'
import { loadStoreConfig } from '../config.ts'
import { openStore } from '../store/index.ts'
import type { Fault } from './csv.ts'
import { createDecoder } from './encoding.ts'
import { formatRejects } from './rejects.ts'
import { importCustomers, ImportRefused } from './import-customers.ts'

const usage =
  `Usage: npm run import -- [--delimiter ";"] [--encoding euc-kr] [--dry-run] [--rejects FILE] customers.csv

The first line names the columns: name and phone are required; id, email and note are optional.
--dry-run checks the file and changes nothing. --rejects imports the valid lines, and writes the
others to FILE with the reasons; correct that file and import it.
DATABASE_URL and PHONE_REGION come from the environment.`

/** Further lines are counted, not shown. */
const shownFaults = 100

await runCommand({ usage, run: runImport, explain: describeError, withUsage: ['ENOENT'] })

async function runImport (): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      delimiter: { type: 'string' },
      encoding: { type: 'string' },
      'dry-run': { type: 'boolean' },
      rejects: { type: 'string' },
      help: { type: 'boolean' }
    }
  })
  const { delimiter, encoding, help, 'dry-run': dryRun = false, rejects } = values
  const [path, ...extra] = positionals
  if (help === true) return console.log(usage)
  if (path === undefined || extra.length > 0) throw new UsageError()
  const { DATABASE_URL, PHONE_REGION: region } = loadStoreConfig()
  const { size } = statSync(path)
  if (size === 0) throw new UsageError(`${path} is empty`)
  if (encoding !== undefined) createDecoder(encoding)
  const rejected: Fault[] = []
  const store = await openStore(DATABASE_URL)
  // The file is read twice: checked, then written.
  const bar = new SingleBar({
    format: '{bar} {percentage} %',
    clearOnComplete: true,
    stopOnComplete: true
  })
  bar.start(2 * size, 0)
  try {
    const { added, updated } = await importCustomers(store, {
      async *open () {
        for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
          yield chunk
          bar.increment(chunk.length)
        }
      },
      region,
      now: Date.now(),
      dryRun,
      ...rejects !== undefined && { onReject: (fault: Fault) => rejected.push(fault) },
      ...delimiter !== undefined && { delimiter: delimiter === 'tab' ? '\t' : delimiter },
      ...encoding !== undefined && { encoding }
    })
    bar.stop()
    if (rejects !== undefined) writeFileSync(rejects, formatRejects(rejected))
    console.log(
      `${countOf(added, 'customer')} added, ${updated} updated${
        rejects === undefined ? '' : `, ${countOf(rejected.length, 'line')} rejected`
      }${dryRun ? ' (dry run: nothing was changed)' : ''}`
    )
  } finally {
    bar.stop()
    await store.close()
  }
}

function describeError (error: unknown): string | undefined {
  if (error instanceof ImportRefused) {
    const lines = error.faults.slice(0, shownFaults).map(({ line, reason }) =>
      `line ${line}: ${reason}`
    )
    const hiddenCount = error.faults.length - lines.length
    return [
      ...lines,
      ...hiddenCount > 0 ? [`and ${hiddenCount} more`] : [],
      'Nothing was imported.'
    ].join('\n')
  }
  // An unknown encoding.
  return error instanceof RangeError ? `${error.message}\n\n${usage}` : undefined
}

function countOf (count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
