// Starts the integration service and the simulators on loopback with demo data: `npm start`. PORT
// sets the first port; all other settings of the service work too.
import { partNames, startStack, type Stack } from './demo/stack.ts'
import { ConfigError } from './integration-service/config.ts'
import { demoSignIns } from './integration-service/store/seed.ts'

const defaultPort = 3000
const highestPort = 65536 - partNames.length

const usage = `Usage: npm start

Starts the integration service and the vendors' simulators on loopback, with demo data. PORT sets
the first port. The service's other settings apply too: npm run start:service -- --help lists them.`

if (process.argv.length > 2) {
  const isHelp = process.argv[2] === '--help'
  console[isHelp ? 'log' : 'error'](usage)
  process.exitCode = isHelp ? 0 : 2
} else {
  await startDemo()
}

async function startDemo (): Promise<void> {
  try {
    const stack = await startStack({
      firstPort: parseFirstPort(process.env['PORT']),
      env: pickServiceSettings(process.env),
      autoRun: { connect: 1500, release: 12_000 }
    })
    console.log(welcomeText(stack))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        stack.close().catch((error: unknown) => {
          console.error(error)
          process.exitCode = 1
        })
      })
    }
  } catch (error) {
    console.error(describeError(error))
    process.exitCode = 1
  }
}

/** An empty variable counts as unset, as in the service's settings. */
function parseFirstPort (text = ''): number {
  const port = text.trim() === '' ? defaultPort : Number(text)
  if (!Number.isInteger(port) || port < 0 || port > highestPort) {
    throw new ConfigError([
      `PORT must be the first of ${partNames.length} ports, at most ${highestPort}, or 0 for free ports`
    ])
  }
  return port
}

/** The user's settings except PORT, the first port of the stack. */
function pickServiceSettings ({ PORT, HOST, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env
}

function welcomeText ({ urls }: Stack): string {
  const { agents, members } = demoSignIns
  const formatSignIns = (people: ReadonlyArray<{ login: string, password: string }>): string =>
    people.map(({ login, password }) => `${login} / ${password}`).join(' or ')
  return `
fastify-contact-center: the integration service and simulated vendors are running.

  Agent desktop     ${urls.service}/desk     sign in as ${formatSignIns(agents)},
                    and dial ${members.map(({ phone }) => phone).join(' or ')}
  Member site       ${urls.service}/member   sign in as ${formatSignIns(members)}
  API               ${urls.service}/docs

  Oracle CSC        ${urls.oracleCsc}/lab
  Contiple          ${urls.contiple}/lab
  Online Contact    ${urls.onlineContact}/lab
  ITX Portal        ${urls.itxChat}/agent
  Huawei AICC       ${urls.huaweiAicc}/lab
  WhatsApp          ${urls.whatsapp}/lab
  LINE              ${urls.line}/lab
  Twilio            ${urls.twilio}/lab

Calls connect and end by themselves. Open the URLs exactly as shown: to a browser, localhost is
a different site from 127.0.0.1. Stop with Ctrl+C.
`
}

function describeError (error: unknown): unknown {
  const { code, port } = error as { code?: string, port?: number }
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use. Set PORT to the first of ${partNames.length} free ports, or use any: PORT=0 npm start`
  }
  return error instanceof ConfigError ? error.message : error
}
