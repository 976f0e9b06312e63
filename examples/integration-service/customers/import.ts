// Brings customers up to date from a CSV file: `npm run import -- customers.csv`.
import { createReadStream, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SingleBar } from 'cli-progress'
import { ConfigError, loadStoreConfig } from '../config.ts'
import { openStore } from '../store/index.ts'
import { importCustomers, ImportRefused } from './import-customers.ts'

const usage = `Usage: npm run import -- [--delimiter ";"] [--encoding euc-kr] customers.csv

The first line names the columns: name and phone, and if wanted id, email, note.
DATABASE_URL and PHONE_REGION are read from the environment.`

/** More lines than these are counted, not shown. */
const shownFaults = 100

class UsageError extends Error {}

try {
  await run()
} catch (error) {
  process.exitCode = 1
  console.error(explanation(error))
}

async function run (): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      delimiter: { type: 'string' },
      encoding: { type: 'string' },
      help: { type: 'boolean' }
    }
  })
  const { delimiter, encoding, help } = values
  const [path, ...more] = positionals
  if (help === true) return console.log(usage)
  if (path === undefined || more.length > 0) throw new UsageError()
  const { DATABASE_URL, PHONE_REGION: region } = loadStoreConfig()
  const { size } = statSync(path)
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
      ...delimiter !== undefined && { delimiter },
      ...encoding !== undefined && { encoding: new TextDecoder(encoding).encoding }
    })
    bar.stop()
    console.log(`${added} customers added, ${updated} brought up to date`)
  } finally {
    bar.stop()
    await store.close()
  }
}

function explanation (error: unknown): unknown {
  if (error instanceof ImportRefused) {
    const lines = error.faults.slice(0, shownFaults).map(({ line, reason }) =>
      `line ${line}: ${reason}`
    )
    const rest = error.faults.length - lines.length
    return [...lines, ...rest > 0 ? [`and ${rest} more`] : [], 'Nothing was imported.'].join('\n')
  }
  if (error instanceof UsageError) return usage
  if (error instanceof ConfigError) return error.message
  const { code, message } = error as { code?: string, message?: string }
  return code?.startsWith('ERR_PARSE_ARGS') || code === 'ENOENT' ||
      code === 'ERR_ENCODING_NOT_SUPPORTED' || code === 'FST_CC_STORE_UNAVAILABLE'
    ? `${message}\n\n${usage}`
    : error
}
