// Starts the service and all simulators on free ports and runs every vendor's flow. After each
// step, a forged twin must be refused: `npm run tour`. Exits with 1 if a step fails or a twin is
// accepted.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from './demo/stack.ts'
import { type Report, runTour } from './demo/tour/run.ts'

const usage = `Usage: npm run tour

Starts the service and all simulators on free ports, runs every vendor's flow, and forges each
request once. Exits with 1 if a step fails or the service accepts a forged request.`

if (process.argv.length > 2) {
  const isHelp = process.argv[2] === '--help'
  console[isHelp ? 'log' : 'error'](usage)
  process.exitCode = isHelp ? 0 : 2
} else {
  await runOnFreePorts()
}

async function runOnFreePorts (): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tour-'))
  const stack = await startStack({
    firstPort: 0,
    env: { DATABASE_URL: `file:${join(folder, 'tour.db')}`, LOG_LEVEL: 'silent' }
  })
  try {
    let number = 0
    const reports = await runTour(stack, report => {
      console.log(formatReport(++number, report))
    })
    const failures = reports.filter(({ passed, twin }) => !passed || !twin.refused)
    console.log(
      failures.length === 0
        ? `All ${reports.length} steps passed, and all ${reports.length} forged twins were refused.`
        : `${failures.length} of ${reports.length} steps failed or accepted a forged twin.`
    )
    process.exitCode = failures.length === 0 ? 0 : 1
  } finally {
    await stack.close()
    await rm(folder, { recursive: true })
  }
}

function formatReport (
  number: number,
  { title, signedBy, verifiedBy, passed, outcome, twin }: Report
): string {
  return `${String(number).padStart(2)}  ${title}
      signed by ${signedBy}; verified by ${verifiedBy}
      ${passed ? 'ok' : 'FAILED'}: ${outcome}
      forged (${twin.title}): ${twin.refused ? 'refused' : 'NOT REFUSED'}: ${twin.outcome}
`
}
