import { parseArgs } from 'node:util'
import { type Finding, createTickingClock } from '../simulators/shared/faults.ts'
import { formatTable } from './report.ts'
import { describeKeySources, loadLabConfig, selectValues } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { checkedVendors } from './webhooks.ts'

export interface CheckResult {
  /** 0: all cases passed. 1: a case failed. 2: the check could not run. */
  readonly exitCode: 0 | 1 | 2
  readonly findings: readonly Finding[]
  /** Text, or JSON if requested. */
  readonly text: string
}

const help = `npm run lab -- check --vendor NAME --target URL [--only CASE]... [--all] [--json]

Sends genuine, damaged and forged requests to your service, and judges each answer.
Vendors: ${Object.keys(checkedVendors).join(', ')}.
Keys come from the environment or from files, never from arguments: see docs/guides/lab-settings.md.
If the genuine request fails, the check stops, unless you pass --all.
Exit code: 0 if all answers are right, 1 if one is wrong, 2 if the check could not run.`

/** Runs `npm run lab -- check`. Never throws for invalid arguments, settings or targets. */
export async function check (
  argv: readonly string[],
  env: Record<string, string | undefined>,
  now: () => number = Date.now
): Promise<CheckResult> {
  try {
    return await runCheck(argv, env, now)
  } catch (error) {
    if (error instanceof UsageError) return { exitCode: 2, findings: [], text: error.message }
    throw error
  }
}

async function runCheck (
  argv: readonly string[],
  env: Record<string, string | undefined>,
  now: () => number
): Promise<CheckResult> {
  const { vendor = '', target = '', only = [], json = false, all = false, help: showHelp = false } =
    parseOptions(argv)
  if (showHelp) return { exitCode: 0, findings: [], text: help }
  if (vendor === '' && target === '') {
    throw new UsageError('check needs --vendor NAME and --target URL; see --help')
  }
  if (!/^https?:\/\/./.test(target)) {
    throw new UsageError(
      '--target must be a URL of your service that starts with http: or https:; see --help'
    )
  }
  const vendorCheck = Object.hasOwn(checkedVendors, vendor) ? checkedVendors[vendor] : undefined
  if (vendorCheck === undefined) {
    throw new UsageError(`--vendor must be one of ${Object.keys(checkedVendors).join(', ')}`)
  }
  const values = {
    ...selectValues(vendorCheck.fields, loadLabConfig(env)),
    [vendorCheck.target]: target
  }
  const clock = createTickingClock(now)
  const findings: Finding[] = []
  const isFatal = ({ name, verdict }: Finding): boolean =>
    name === 'genuine' && verdict === 'wrong' && only.length === 0 && !all
  for (const name of only.length > 0 ? only : vendorCheck.cases) {
    const finding = await vendorCheck.run(values, name, clock)
    if (finding === undefined) {
      throw new UsageError(`unknown case "${name}"; the cases: ${vendorCheck.cases.join(', ')}`)
    }
    findings.push(finding)
    if (findings.length === 1 && finding.got === 'no answer') {
      throw new UsageError(describeSilence(finding.text))
    }
    // If this case fails, all later ones would fail too.
    if (isFatal(finding)) break
  }
  const keys = describeKeySources(vendorCheck.fields, env)
  const [first] = findings
  const notes = first !== undefined && isFatal(first)
    ? [
      `The genuine request fails, so the other cases were skipped (--all runs them). ${
        first.explanation === undefined
          ? `Does the service have the same key? The lab uses ${keys.join('; ')}.`
          : 'See the explanation above.'
      }`
    ]
    : acceptsAll(findings)
    ? ['Every forged request was accepted: does this route verify at all?']
    : []
  const exitCode = findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0
  return {
    exitCode,
    findings,
    text: json
      ? JSON.stringify({ vendor, target, keys, exitCode, findings }, null, 2)
      : [...keys.map(key => `Key: ${key}.`), formatTable(findings), ...notes].join('\n')
  }
}

/** Whether the service accepted each of several requests that it must refuse. */
function acceptsAll (findings: readonly Finding[]): boolean {
  const forged = findings.filter(({ expected, got }) => expected === 'refuse' && got !== 'skipped')
  return forged.length > 1 && forged.every(({ got }) => got === 'accepted')
}

function describeSilence (answer: string): string {
  return answer.includes('wrong version number')
    ? 'the target does not speak TLS: use http: instead of https:'
    : `the target does not answer: ${answer.replace(/^none: /, '')}`
}

function parseOptions (argv: readonly string[]) {
  if (argv.some(argument => /^--(?:old-)?(?:secret|key)(?:=|$)/.test(argument))) {
    throw new UsageError(
      'keys cannot be arguments: other users of the machine can read arguments; docs/guides/lab-settings.md lists the variables'
    )
  }
  try {
    return parseArgs({
      args: [...argv],
      options: {
        vendor: { type: 'string' },
        target: { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        all: { type: 'boolean' },
        help: { type: 'boolean' }
      }
    }).values
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; see --help`)
  }
}
