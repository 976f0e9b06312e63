import { parseArgs } from 'node:util'
import type { Finding } from '../simulators/shared/faults.ts'
import { table } from './report.ts'
import { loadLabConfig, UsageError } from './settings.ts'
import { checkedVendors, createRun } from './suites.ts'

export interface CheckResult {
  /** 0: all is right. 1: something is wrong. 2: the check could not be made. */
  readonly exitCode: 0 | 1 | 2
  readonly findings: readonly Finding[]
  /** For people, or JSON where that was asked for. */
  readonly text: string
}

const help = `npm run lab -- check --vendor NAME --target URL [--only CASE]... [--json]

Does to your service what the vendor, the network and forgers may do, and says for
each case whether the answer was right. Vendors: ${checkedVendors.join(', ')}.
Keys come from the environment or from files, never from arguments: see docs/lab.md.
Exits with 0 when all is right, 1 when something is wrong, 2 when it could not check.`

/** \`npm run lab -- check\`. Never throws for what is wrong with arguments, settings or target. */
export async function check (argv: readonly string[], env: Record<string, string | undefined>, now: () => number = Date.now): Promise<CheckResult> {
  try {
    return await checked(argv, env, now)
  } catch (error) {
    if (error instanceof UsageError) return { exitCode: 2, findings: [], text: error.message }
    throw error
  }
}

async function checked (argv: readonly string[], env: Record<string, string | undefined>, now: () => number): Promise<CheckResult> {
  const { vendor = '', target = '', only = [], json = false, help: asked = false } = parse(argv)
  if (asked) return { exitCode: 0, findings: [], text: help }
  if (!/^https?:\/\/./.test(target)) throw new UsageError('--target must be an address of your service that starts with http: or https:; --help says more')
  const run = createRun(vendor, { config: loadLabConfig(env), target, now })
  const names = only.length > 0 ? only : run.faults.map(({ name }) => name)
  const findings: Finding[] = []
  for (const name of names) {
    const finding = await run.run(name)
    findings.push(finding)
    if (findings.length === 1 && finding.got === 'no answer') throw new UsageError(`nothing answers at the target: ${finding.text}`)
  }
  const exitCode = findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0
  return { exitCode, findings, text: json ? JSON.stringify({ vendor, target, exitCode, findings }, null, 2) : table(findings) }
}

function parse (argv: readonly string[]) {
  if (argv.some(argument => /^--(?:old-)?(?:secret|key)(?:=|$)/.test(argument))) {
    throw new UsageError('a key is never an argument: other users of the machine see the arguments of a process. docs/lab.md names the variables')
  }
  try {
    return parseArgs({
      args: [...argv],
      options: {
        vendor: { type: 'string' }, target: { type: 'string' }, only: { type: 'string', multiple: true }, json: { type: 'boolean' }, help: { type: 'boolean' }
      }
    }).values
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; --help names what is taken`)
  }
}
