// The vendor lab, for services in any language. `npm run lab` starts the simulators of five vendors
// on loopback; `npm run lab -- check --vendor NAME --target URL` checks a service.
import { check } from './lab/check.ts'
import { formatLabSettings, loadLabConfig } from './lab/settings.ts'
import { startLab } from './lab/start.ts'
import { UsageError } from './lab/usage-error.ts'

const [command = 'start', ...rest] = process.argv.slice(2)

if (command === 'check') {
  const { exitCode, text } = await check(rest, process.env)
  const stream = exitCode === 2 ? process.stderr : process.stdout
  stream.write(`${text}\n`)
  process.exitCode = exitCode
} else if (command === 'start') {
  await startSimulators()
} else {
  const isHelp = command === '--help'
  const usage = `npm run lab                  starts simulators of five vendors on loopback
npm run lab -- check --help  explains how to check a service`
  if (isHelp) console.log(`${usage}\n\n${formatLabSettings()}`)
  else console.error(`unknown command ${command}\n\n${usage}`)
  process.exitCode = isHelp ? 0 : 2
}

async function startSimulators (): Promise<void> {
  try {
    const lab = await startLab(loadLabConfig(process.env))
    console.log(
      [
        'The vendor simulators are running, for development only. Their pages:',
        ...Object.entries(lab.urls).map(([vendor, url]) => `  ${vendor.padEnd(16)}${url}/lab`),
        'Stop with Ctrl+C.'
      ].join('\n')
    )
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        lab.close().catch((error: unknown) => {
          console.error(error)
        })
      })
    }
  } catch (error) {
    const { code, port } = error as { code?: string, port?: number }
    console.error(
      code === 'EADDRINUSE'
        ? `Port ${port} is in use. Set LAB_PORT to the first of five free ports.`
        : error instanceof UsageError
        ? error.message
        : error
    )
    process.exitCode = 2
  }
}
