import { spawnSync } from 'node:child_process'
import t, { type Test } from 'tap'
import { runTour, steps } from '../../examples/demo/tour/run.ts'
import { type Stack, type StackOptions, startStack } from '../../examples/demo/stack.ts'
import { childEnv, compiled } from '../../test/helper.ts'

const root = new URL('../..', import.meta.url)

/** The service and the simulated vendors on free ports, closed at the end of the test. */
async function stackFor (t: Test, options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({
    firstPort: 0,
    env: { DATABASE_URL: `file:${t.testdir()}/tour.db`, LOG_LEVEL: 'silent' },
    ...options
  })
  t.teardown(async () => {
    // After a stream is cut, fetch opens a replacement connection, on which a server waits a minute
    // for the first request.
    stack.service.server.closeAllConnections()
    await stack.close()
  })
  return stack
}

t.test('npm run tour: every step passes, and every forged twin is refused', async t => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    ...compiled,
    'examples/tour.ts'
  ], {
    cwd: root,
    encoding: 'utf8',
    env: childEnv
  })
  t.equal(status, 0, stdout + stderr)
  t.match(
    stdout,
    `All ${steps.length} steps passed, and all ${steps.length} forged twins were refused.`
  )
})

t.test('npm run tour and npm start accept --help, and no other argument', async t => {
  for (const program of ['examples/tour.ts', 'examples/start.ts']) {
    const run = (argument: string) =>
      spawnSync(process.execPath, [...compiled, program, argument], {
        cwd: root,
        encoding: 'utf8',
        env: childEnv
      })
    const help = run('--help')
    t.equal(help.status, 0)
    t.match(help.stdout, /^Usage: npm /)
    const refused = run('--port')
    t.equal(refused.status, 2)
    t.match(refused.stderr, /^Usage: npm /)
  }
})

t.test('the tour fails if a vendor has another key', async t => {
  const wrongKey = 'a-key-that-the-service-has-not'
  const vendorKeys = {
    ORACLE_CSC_KEY: wrongKey,
    CONTIPLE_KEY: wrongKey,
    ONLINE_CONTACT_KEY: wrongKey,
    ITX_SECRET: wrongKey,
    AICC_SECRET: wrongKey,
    WHATSAPP_APP_SECRET: wrongKey,
    LINE_CHANNEL_SECRET: wrongKey,
    TWILIO_AUTH_TOKEN: wrongKey
  }
  const reports = await runTour(await stackFor(t, { vendorKeys }))
  const failed = reports.filter(({ passed }) => !passed).map(({ title }) => title)
  t.strictSame(failed, [
    'One click opens the caller in Oracle CSC',
    'Contiple looks up the caller for a ticket',
    'A member signs in and enters the help centre by the client form',
    "The member enters by a login from the service's server",
    'The member enters by a GET link, and the service confirms that it issued the token',
    "The member opens a chat, and the portal's agent sees a verified member",
    'The service stores the signed release callback, and the desktop shows the release reason',
    'A customer calls, Contiple looks up the caller, and the desks ring',
    'The agent accepts the call',
    'Huawei connects and releases the line, and both callbacks match the call',
    'A customer calls through Twilio, hears a request to wait, and the desks ring',
    "The agent accepts, and Twilio rings the agent's telephone for the caller",
    'The caller hangs up, and Twilio reports it twice',
    'A customer writes on WhatsApp, and the desk identifies the customer',
    'The agent answers, and WhatsApp reports the answer as read',
    'A user writes on LINE, and the answer uses the reply token'
  ])
})

t.test('npm start prints addresses and sign-ins, and names a taken port', async t => {
  const stack = await stackFor(t)
  const takenPort = new URL(stack.urls.contiple).port
  const start = (port: string, env: Record<string, string> = {}) =>
    spawnSync(process.execPath, ['tools/run.mjs', 'examples/start.ts'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 600_000,
      env: { ...childEnv, PORT: port, DATABASE_URL: `file:${t.testdir()}/second.db`, ...env }
    })
  const refused = start(String(Number(takenPort) - 2))
  t.match(refused.stderr, /Port [0-9]+ is in use. Set PORT/)
  t.equal(refused.status, 1)
  const misconfigured = start('0', { DATABASE_URL: 'mysql://x' })
  t.match(misconfigured.stderr, 'DATABASE_URL')
  t.equal(misconfigured.status, 1)
  const portless = start('65530')
  t.match(portless.stderr, 'PORT must be the first of 9 ports')
  t.equal(portless.status, 1)
})
