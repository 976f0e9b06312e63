import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { childEnv } from '../../test/helper.ts'
import { listensOn, missing } from '../../test/real-parts.ts'
import { onEachStore, settings, sqliteUrl } from '../../test/integration-service/helper.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside the repository, so that packages resolve.
mkdirSync(`${root}.tap`, { recursive: true })
const built = mkdtempSync(`${root}.tap/built-service-`)
t.teardown(() => rmSync(built, { recursive: true }))
execFileSync(process.execPath, ['--import=tsx', 'tools/build-service.ts', built], { cwd: root })

/** Unpublished secrets. */
const env = {
  ...settings,
  ...Object.fromEntries(
    Object.keys(demoSecrets).map(name => [name, `own-${name}-0123456789`])
  ),
  LOG_LEVEL: 'info'
}

onEachStore(t, 'the built service serves pages, what lies beside them, and the API', async (
  t: Test,
  DATABASE_URL: string
) => {
  const url = await start(t, DATABASE_URL)
  const pages: Array<[path: string, text: RegExp]> = [
    ['/readyz', /ok|ready/],
    ['/desk', /<html/],
    ['/desk/charts/uPlot.esm.js', /uPlot/],
    ['/assets/site.css', /\{/],
    ['/openapi.json', /"openapi":"3\.1\.0"/],
    ['/docs/', /swagger-ui/],
    ['/docs/static/swagger-ui.css', /swagger-ui/],
    ['/docs/json', /aicc\/released/]
  ]
  for (const [path, text] of pages) {
    const reply = await fetch(url + path)
    t.equal(reply.status, 200, path)
    t.match(await reply.text(), text, path)
  }
  const refused = await fetch(`${url}/aicc/released`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}'
  })
  t.equal(refused.status, 401)
})

const noRedis = await missing('Redis on 127.0.0.1:6379', () => listensOn(6379))

t.test('the built service uses Redis', { skip: noRedis }, async t => {
  const url = await start(t, sqliteUrl(t), { REDIS_URL: 'redis://127.0.0.1:6379' })
  t.equal((await fetch(`${url}/readyz`)).status, 200)
})

t.test('the built commands work on the same store', async t => {
  const DATABASE_URL = sqliteUrl(t)
  const run = (file: string, args: string[], input = ''): string =>
    execFileSync(process.execPath, [`${built}/${file}`, ...args], {
      encoding: 'utf8',
      input,
      env: { ...childEnv, ...env, DATABASE_URL }
    })
  run(
    'agents/command.js',
    ['add', 'mina', '--name', 'Mina', '--phone', '010-1234-5678'],
    'a long password 1\n'
  )
  t.match(run('agents/command.js', ['list']), /mina/)
  t.match(run('customers/import.js', ['--help']), /csv/i)
})

async function start (
  t: Test,
  DATABASE_URL: string,
  more: Record<string, string> = {}
): Promise<string> {
  const child = spawn(process.execPath, [`${built}/server.js`], {
    env: { ...childEnv, ...env, DATABASE_URL, PORT: '0', ...more },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.after(() => child.kill())
  for await (const line of createInterface(child.stdout)) {
    const address = /http:\/\/127\.0\.0\.1:[0-9]+/.exec(line)
    if (address !== null) return address[0]
  }
  throw new Error('the built service ended before it listened')
}
