import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { childEnv } from '../../test/helper.ts'
import { postgresUrl, settings, sqliteUrl } from '../../test/integration-service/helper.ts'

const startService = (env: Record<string, string>, ...args: string[]) =>
  spawnSync(process.execPath, [
    '--import=tsx',
    '--conditions=fastify-contact-center-source',
    'examples/integration-service/server.ts',
    ...args
  ], { encoding: 'utf8', env: { ...childEnv, ...env }, timeout: 600_000 })

/** Unpublished secrets. */
const ownSecrets = Object.fromEntries(
  Object.keys(demoSecrets).map(name => [name, `own-${name}-0123456789`])
)

t.test('start:service', async t => {
  t.match(startService({}, '--help').stdout, /AICC_GATE .*secret last segment/)
  const demo = startService({ ...settings, DATABASE_URL: sqliteUrl(t) })
  t.equal(demo.status, 1)
  t.match(demo.stderr, /AICC_SECRET is a public demo key/)
  t.notMatch(demo.stderr, settings.AICC_SECRET)

  const ownSettings = {
    ...settings,
    ...ownSecrets,
    DATABASE_URL: sqliteUrl(t),
    LOG_LEVEL: 'silent'
  }
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  const { port } = blocker.address() as AddressInfo
  const reasons: Array<[setting: object, reason: RegExp]> = [
    [
      { PORT: String(port) },
      new RegExp(`^cannot start:\n  PORT ${port} is in use; set another, or 0 for any free port$`)
    ],
    [
      { DATABASE_URL: 'postgres://nobody:hidden@127.0.0.1:1/none' },
      /^cannot start:\n {2}DATABASE_URL is not a usable database: connect ECONNREFUSED 127.0.0.1:1$/
    ],
    [
      { DATABASE_URL: 'file:/dev/null/none.db' },
      /^cannot start:\n {2}DATABASE_URL is not a usable database: EEXIST: .*$/
    ],
    [
      { DATABASE_URL: `file:${t.testdir()}` },
      /^cannot start:\n {2}DATABASE_URL is not a usable database: .*$/
    ],
    [
      { CONTIPLE_KEY: 'too-short' },
      /^cannot start:\n {2}CONTIPLE_KEY: the secret .* is shorter than 16 characters$/
    ],
    [{ AICC_GATE: 'too-short' }, /^cannot start:\n {2}AICC_GATE needs a token .*$/],
    [{ TRUST_PROXY: '10.0.0.0/99' }, /^cannot start:\n {2}TRUST_PROXY must be addresses .*$/],
    [
      { HOST: '192.0.2.1' },
      /^cannot start:\n {2}cannot listen on HOST and PORT: listen EADDRNOTAVAIL.*$/
    ],
    [
      { LOG_LEVEL: 'loud' },
      /^cannot start:\n {2}LOG_LEVEL must be one of fatal, .*\n\nThe option --help lists all settings\.$/
    ]
  ]
  for (const [setting, reason] of reasons) {
    const { status, stderr } = startService({ ...ownSettings, ...setting })
    t.equal(status, 1)
    t.match(stderr.trim(), reason)
  }
})

t.test('a taken port ends the process, even with open connections', async t => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  const { port } = blocker.address() as AddressInfo
  const REDIS_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
  const { status, stderr } = startService({
    ...settings,
    ...ownSecrets,
    DATABASE_URL: sqliteUrl(t),
    REDIS_URL,
    PORT: String(port)
  })
  t.equal(status, 1)
  t.match(stderr, `PORT ${port} is in use`)
})

t.test('names a missing PostgreSQL database, without a stack', async t => {
  const url = await postgresUrl(t)
  if (url === null) return t.pass('skipped', { skip: 'PostgreSQL does not answer' })
  const { status, stderr } = startService({
    ...settings,
    ...ownSecrets,
    DATABASE_URL: `${url}_none`
  })
  t.equal(status, 1)
  t.match(
    stderr.trim(),
    /^cannot start:\n {2}DATABASE_URL is not a usable database: database "\w+_none" does not exist$/
  )
})
