import { ConfigError, loadConfig, refuseDemoSecrets, settingsTable } from './config.ts'
import { integrationService } from './app.ts'
import { StoreUnavailable, storeError } from './store/errors.ts'

/** Milliseconds that requests under way get to finish. */
const graceMs = 10_000

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
      // What is connected to PostgreSQL or Redis would keep the process, which serves nobody,
      // alive.
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
  if (error instanceof ConfigError) {
    return `${error.message}\n\nnpm run start:service -- --help lists all settings.`
  }
  const fault = faultOf(error)
  return fault === undefined ? error : new ConfigError([fault]).message
}

function faultOf (error: unknown): string | undefined {
  const { code, message, port, severity, syscall } = error as NodeJS.ErrnoException & {
    port?: number,
    severity?: string
  }
  if (code === 'EADDRINUSE') return `PORT ${port} is taken; set another, or 0 for a free one`
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return `HOST and PORT cannot be listened on: ${message}`
  }
  // Fastify's, about the only addresses that it is given; the text quotes them.
  if (/^invalid (?:IP address|range on address): /.test(message)) {
    return 'TRUST_PROXY must be addresses or networks such as 10.0.0.0/8, comma-separated'
  }
  if (code === 'FST_CC_OPTION_INVALID') {
    return message.replace(
      /^([a-z-]+): option "(\w+)"/,
      (found, vendor: string, option: string) => settingOf[`${vendor} ${option}`] ?? found
    )
  }
  // PostgreSQL is FATAL about a name, a password or a database that it does not know; SQLite's
  // folder is made.
  const down = storeError(error)
  if (down instanceof StoreUnavailable || severity === 'FATAL' || syscall === 'mkdir') {
    const reason = ((down as Error).cause ?? error) as { message: string, code?: string }
    return `DATABASE_URL leads to no database that can be used: ${reason.message || reason.code}`
  }
  return undefined
}

/** The settings that `vendors.ts` hands to a plugin, which knows them by its own names. */
const settingOf: Record<string, string> = {
  'oracle-csc keys': 'ORACLE_CSC_KEY',
  'oracle-csc url': 'ORACLE_CSC_URL',
  'contiple keys': 'CONTIPLE_KEY',
  'online-contact keys': 'ONLINE_CONTACT_KEY',
  'online-contact url': 'ONLINE_CONTACT_URL',
  'online-contact service': 'ONLINE_CONTACT_SERVICE',
  'itx-chat keys': 'ITX_SECRET',
  'huawei-aicc keys': 'AICC_SECRET',
  'huawei-aicc url': 'AICC_URL',
  'huawei-aicc accessToken': 'AICC_ACCESS_TOKEN',
  'huawei-aicc unsigned': 'AICC_GATE'
}

if (process.argv.includes('--help')) {
  console.log(`The integration service. Settings are environment variables:\n\n${settingsTable()}`)
} else {
  await start()
}
