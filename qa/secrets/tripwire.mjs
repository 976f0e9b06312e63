// Loaded into every test process (see tools/test) and its child processes (see childEnv). Fails
// tests that expose a secret, an expected MAC, a signed text, a signed URL or a phone number in the
// wrong place.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isException } from './exceptions.mjs'
import { learnOptions, learnVectors, now, watchCrypto } from './known.mjs'
import { forbiddenEverywhere, forbiddenInReplies, scan } from './scan.mjs'
import { watchSinks } from './sinks.mjs'

const parentsReport = process.env['TRIPWIRE_REPORT']
const report = parentsReport ?? join(tmpdir(), `tripwire-${process.pid}`)
process.env['TRIPWIRE_REPORT'] = report

const counts = {}
let pending = []

learnVectors()
learnOptions(
  Object.fromEntries(
    Object.entries(process.env).map((
      [name, value]
    ) => [/_(?:KEY|SECRET|TOKEN|GATE)$/.test(name) ? 'secret' : name, value])
  )
)
watchCrypto()
watchSinks(recordText)
if (parentsReport !== undefined) watchStderr()
process.on('exit', () => {
  scanPending()
  writeCounts()
  if (parentsReport !== undefined || !existsSync(report)) return
  process.stderr.write(
    `\nWhat must not be seen was seen (qa/secrets says what is looked for):\n${
      readFileSync(report, 'utf8')
    }`
  )
  rmSync(report)
  process.exitCode = 1
})

/** Scans at the end of this turn, when all its secrets are known. */
function recordText (sink, text, where, error) {
  if (pending.push([sink, text, where, error, now()]) === 1) setImmediate(scanPending).unref()
}

function scanPending () {
  const texts = pending
  pending = []
  for (const [sink, text, where, error, moment] of texts) {
    const all = text()
    counts[sink] = (counts[sink] ?? 0) + 1
    for (
      const [sort, excerpt] of scan(
        all,
        sink === 'reply' ? forbiddenInReplies : forbiddenEverywhere,
        moment
      )
    ) {
      if (!isException({ sink, sort, where, excerpt, text: all, stack: String(error?.stack) })) {
        appendFileSync(
          report,
          `${JSON.stringify({ sink, sort, where, excerpt, process: process.argv.slice(1) })}\n`
        )
      }
    }
  }
}

/**
 * Scans the stderr of programs under test. Only in child processes: tests print their own results
 * there.
 */
function watchStderr () {
  const { write } = process.stderr
  process.stderr.write = function (chunk, ...rest) {
    recordText('error', () => String(chunk), 'stderr')
    return write.call(this, chunk, ...rest)
  }
}

function writeCounts () {
  const file = process.env['TRIPWIRE_COUNTS']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(counts)}\n`)
}
