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
        app.close().catch((error: unknown) => {
          app.log.error({ err: error }, 'the service did not stop in order')
          process.exitCode = 1
        })
      })
    }
    try {
      await app.listen({ host: config.HOST, port: config.PORT })
    } catch (error) {
      // What is connected to PostgreSQL or Redis would keep the process, which serves nobody, alive.
      await app.close()
      throw error
    }
  } catch (error) {
    console.error(whyNot(error))
    process.exitCode = 1
  }
}

/** What whoever starts it can mend, without a stack; anything else as it is. */
function whyNot (error: unknown): unknown {
  if (error instanceof ConfigError) return `${error.message}\n\n--help lists all settings.`
  const { code, port, severity, syscall, cause } = error as { code?: string, port?: number, severity?: string, syscall?: string, cause?: unknown }
  if (code === 'EADDRINUSE') return new ConfigError([`PORT ${port} is taken; set another, or 0 for a free one`]).message
  // PostgreSQL is FATAL about a name, a password or a database that it does not know; SQLite's folder is made.
  if (code === 'FST_CC_STORE_UNAVAILABLE' || severity === 'FATAL' || syscall === 'mkdir') {
    const { message, code: reason } = (cause ?? error) as { message: string, code?: string }
    return new ConfigError([`DATABASE_URL leads to no database that can be used: ${message || reason}`]).message
  }
  return error
}
