import { onOrphaned } from './operations/on-orphaned.ts'
import { ConfigError, loadConfig, refuseDemoSecrets, formatSettings } from './config.ts'
import { integrationService } from './app.ts'
import { StoreUnavailable, toStoreError } from './store/errors.ts'

/** Milliseconds that requests in progress get to finish. */
const graceMs = 10_000

async function startService (): Promise<void> {
  try {
    const config = loadConfig()
    refuseDemoSecrets(config)
    const app = await integrationService(config)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => stop(signal))
    }
    onOrphaned(() => stop('the end of its parent process'))
    function stop (reason: string): void {
      app.log.info(`stopping on ${reason}`)
      setTimeout(() => {
        app.log.warn(`stopped after ${graceMs} ms with requests in progress`)
        process.exit(1)
      }, graceMs).unref()
      app.close().then(() => {
        app.log.info('stopped')
        // Do not wait for a connection to an unreachable database.
        process.exit()
      }, (error: unknown) => {
        app.log.error({ err: error }, 'the service did not stop cleanly')
        process.exit(1)
      })
    }
    try {
      await app.listen({ host: config.HOST, port: config.PORT })
    } catch (error) {
      // Open connections to PostgreSQL or Redis would keep the process alive without serving.
      await app.close()
      throw error
    }
  } catch (error) {
    console.error(describeStartError(error))
    process.exitCode = 1
  }
}

/** Errors that the operator can fix, in one line each; stacks only on request. */
function describeStartError (error: unknown): unknown {
  if (error instanceof ConfigError) {
    return `${error.message}\n\nThe option --help lists all settings.`
  }
  const fault = describeKnownError(error)
  if (fault !== undefined) return new ConfigError([fault]).message
  if (/^(?:debug|trace)$/.test(process.env['LOG_LEVEL'] ?? '')) return error
  const { message, code } = error as NodeJS.ErrnoException
  return new ConfigError([
    `${message || code || String(error)}; LOG_LEVEL=debug shows the stack`.replace(/\s*\n\s*/g, ' ')
  ]).message
}

function describeKnownError (error: unknown): string | undefined {
  const { code, message, port, severity, syscall } = error as NodeJS.ErrnoException & {
    port?: number,
    severity?: string
  }
  if (code === 'EADDRINUSE') return `PORT ${port} is in use; set another, or 0 for any free port`
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return `cannot listen on HOST and PORT: ${message}`
  }
  // Fastify's error for TRUST_PROXY, the only addresses that it receives; the message quotes them.
  if (/^invalid (?:IP address|range on address): /.test(message)) {
    return 'TRUST_PROXY must be addresses or networks such as 10.0.0.0/8, comma-separated'
  }
  if (code === 'FST_CC_OPTION_INVALID') {
    // The plugin's own options are not settings.
    return message.replace(/; "allowHttp" allows http$/, '').replace(
      /^([a-z-]+): option "(\w+)"/,
      (match, vendor: string, option: string) => settingNames[`${vendor} ${option}`] ?? match
    )
  }
  // PostgreSQL reports FATAL for an unknown role or database or a wrong password; for SQLite,
  // creating the folder failed.
  const storeFailure = toStoreError(error)
  if (storeFailure instanceof StoreUnavailable || severity === 'FATAL' || syscall === 'mkdir') {
    const reason = ((storeFailure as Error).cause ?? error) as { message: string }
    return `DATABASE_URL is not a usable database: ${formatCause(reason)}`
  }
  return undefined
}

/** If one host has several addresses, the first error explains all of them. */
function formatCause (
  { message, code, errors: [first] = [] }: {
    message: string,
    code?: string,
    errors?: Array<{ message: string }>
  }
): string {
  return (message || first?.message || code || 'no reason given').replace(/\s*\n\s*/g, ' ')
}

/** The settings that `vendors.ts` passes to a plugin under the plugin's own option names. */
const settingNames: Record<string, string> = {
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
  'huawei-aicc unsigned': 'AICC_GATE',
  'whatsapp keys': 'WHATSAPP_APP_SECRET',
  'whatsapp verifyToken': 'WHATSAPP_VERIFY_TOKEN',
  'line keys': 'LINE_CHANNEL_SECRET',
  'twilio keys': 'TWILIO_AUTH_TOKEN',
  'twilio publicUrl': 'PUBLIC_URL'
}

if (process.argv.includes('--help')) {
  console.log(`The integration service. Settings are environment variables:\n\n${formatSettings()}`)
} else {
  await startService()
}
