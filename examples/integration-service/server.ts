import { ConfigError, loadConfig, refuseDemoSecrets, settingsTable } from './config.ts'
import { integrationService } from './app.ts'

/** Milliseconds that requests under way get to finish. */
const graceMs = 10_000

if (process.argv.includes('--help')) {
  console.log(`The integration service. Settings are environment variables:\n\n${settingsTable()}`)
} else {
  await start()
}

async function start (): Promise<void> {
  try {
    const config = loadConfig()
    refuseDemoSecrets(config)
    const app = await integrationService(config)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        setTimeout(() => process.exit(1), graceMs).unref()
        app.close().catch(() => { process.exitCode = 1 })
      })
    }
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    console.error(error instanceof ConfigError ? `${error.message}\n\n--help lists all settings.` : error)
    process.exitCode = 1
  }
}
