// Queries the registry for known vulnerabilities of every package in the lock file:
//   npm run audit
// Registries without advisories are reported as such, not as "clean".
import { spawnSync } from 'node:child_process'

interface Report {
  /** By package, in a successful response. */
  vulnerabilities?: Record<string, { severity: string, range: string }>
  /** In a failed one: the status, or the connection error. */
  message?: string
}

const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32'
})
const { vulnerabilities, message } = parseReport(stdout)

if (message !== undefined) {
  console.log(
    `# SKIP audit: nothing is known, because the registry has not answered: ${
      message.split(' - ')[0]
    }`
  )
} else if (vulnerabilities === undefined) {
  console.error(`npm audit failed:\n${stderr}`)
  process.exitCode = 1
} else {
  const findings = Object.entries(vulnerabilities)
  for (const [name, { severity, range }] of findings) console.log(`${severity}: ${name} ${range}`)
  console.log(
    findings.length === 0
      ? 'audit: no package has a known vulnerability'
      : `audit: ${findings.length} packages have a known vulnerability`
  )
  process.exitCode = findings.length === 0 ? 0 : 1
}

function parseReport (json: string): Report {
  try {
    return JSON.parse(json) as Report
  } catch {
    return {}
  }
}
