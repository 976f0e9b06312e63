// Runs the commands in docs/service/backup.md and deploying.md, unchanged.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { changeAgent } from '../../examples/integration-service/store/agents.ts'
import { seedDemo } from '../../examples/integration-service/store/seed.ts'
import { childEnv, compiled } from '../../test/helper.ts'
import { openPatientStore, postgresUrl } from '../../test/integration-service/helper.ts'

const command = 'examples/integration-service/agents/command.ts'

/** The code blocks in one language below one heading of a page. */
function blocks (page: string, heading: string, language: string): string[] {
  const text = readFileSync(new URL(`../../docs/service/${page}.md`, import.meta.url), 'utf8')
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code = '']) =>
    name === language ? [code] : []
  )
}

/** The page's commands for one database. */
function lines (heading: string, pattern: RegExp): string {
  const commands = blocks('backup', heading, 'sh').join('').split('\n').filter(line =>
    pattern.test(line)
  )
  return commands.join('\n')
}

function run (cwd: string, command: string, env: Record<string, string> = {}) {
  return spawnSync('sh', ['-ec', command], {
    cwd,
    encoding: 'utf8',
    env: { ...childEnv, ...env }
  })
}

/** Skips the test if a program is missing. */
function skipWithout (t: Test, ...programs: string[]): boolean {
  const missing = programs.filter(program => run('/', `command -v ${program}`).status !== 0)
  if (missing.length === 0) return false
  t.comment(`${missing.join(', ')} is not there: skipped`)
  t.pass('skipped', { skip: `no ${missing.join(', ')}` })
  return true
}

/** Backs up, deletes and corrupts everything, and restores. */
async function restores (
  t: Test,
  folder: string,
  databaseUrl: string,
  [backUp, restore]: [string, string]
): Promise<void> {
  t.not(backUp, '', 'the page has a backup command')
  t.not(restore, '', 'the page has a restore command')
  // In a separate process, like a restarted service.
  const agents = () => {
    const { stdout, stderr } = spawnSync(process.execPath, [...compiled, command, 'list'], {
      encoding: 'utf8',
      env: { ...childEnv, DATABASE_URL: databaseUrl }
    })
    return stderr + stdout
  }
  const live = await openPatientStore(databaseUrl)
  await seedDemo(live)
  const env = { DATABASE_URL: databaseUrl }
  const backedUp = run(folder, backUp, env)
  t.equal(backedUp.status, 0, backedUp.stderr)
  const before = agents()
  t.match(before, /^jonas\t/m)
  await live.commit(async ({ db }) => {
    await changeAgent(db, 'minji', { disabled_at: 1 })
    await db.deleteFrom('agents').where('login', '=', 'jonas').execute()
  })
  await live.close()
  t.not(agents(), before, 'the damage is real')
  const restored = run(folder, restore, env)
  t.equal(restored.status, 0, restored.stderr)
  t.equal(agents(), before)
  const secondRun = run(folder, restore, env)
  t.equal(secondRun.status, 0, `a second time: ${secondRun.stderr}`)
}

t.test('SQLite: backup and restore', async t => {
  if (skipWithout(t, 'sqlite3')) return
  const folder = t.testdir({})
  mkdirSync(join(folder, 'data'))
  await restores(t, folder, `file:${join(folder, 'data/integration-service.db')}`, [
    lines('Back up', /sqlite3/),
    lines('Restore', /service\.db/)
  ])
})

t.test('PostgreSQL: backup and restore', async t => {
  if (skipWithout(t, 'pg_dump', 'pg_restore')) return
  const url = await postgresUrl(t)
  if (url === null) return t.pass('skipped', { skip: 'no PostgreSQL' })
  await restores(t, t.testdir({}), url, [
    lines('Back up', /pg_dump/),
    lines('Restore', /pg_restore/)
  ])
})

t.test('systemd accepts the unit', async t => {
  if (skipWithout(t, 'systemd-analyze')) return
  const unit = 'examples/integration-service/deploy/integration-service.service'
  const text = readFileSync(new URL(`../../${unit}`, import.meta.url), 'utf8')
  // The unit's executable does not exist on this machine.
  const unitPath = join(t.testdir({}), 'integration-service.service')
  writeFileSync(unitPath, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
  const { status, stderr } = run('/', `systemd-analyze verify --man=no ${unitPath}`)
  const complaints = stderr.split('\n').filter(line => line.includes('integration-service.service'))
  t.strictSame([status, complaints], [0, []])
  writeFileSync(unitPath, text.replace(/^ProtectSystem=/m, 'ProtectSysten='))
  t.match(
    run('/', `systemd-analyze verify --man=no ${unitPath}`).stderr,
    'ProtectSysten',
    'it looks'
  )
})

t.test('nginx accepts the configuration', async t => {
  const [block] = blocks('deploying', 'Behind a proxy', 'nginx')
  t.match(block, /proxy_buffering off/)
  if (skipWithout(t, 'nginx')) return
  const folder = t.testdir({})
  const file = join(folder, 'nginx.conf')
  // nginx refuses port 0. Its test of a configuration passes if another process holds the port.
  const server = `server { listen 127.0.0.1:8080; ${block} }`
  writeFileSync(file, `pid ${folder}/pid; events {} http { access_log off; ${server} }`)
  const { status, stderr } = run(folder, `nginx -t -p ${folder} -c ${file} -e ${folder}/errors`)
  t.equal(status, 0, stderr)
})

t.test('the files and settings that the pages name exist', async t => {
  const root = new URL('../../', import.meta.url)
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    scripts: Record<string, string>
  }
  const commands = blocks('deploying', 'With Node.js', 'sh').join('')
  for (const [, script = ''] of commands.matchAll(/npm run (\S+)/g)) t.ok(scripts[script], script)
  t.ok(existsSync(new URL('compose.yaml', root)))
  const compose = readFileSync(new URL('compose.yaml', root), 'utf8')
  const grace = Number(/stop_grace_period: ([0-9]+)s/.exec(compose)?.[1])
  const server = readFileSync(new URL('examples/integration-service/server.ts', root), 'utf8')
  const graceMs = Number(/graceMs = ([0-9_]+)/.exec(server)?.[1]?.replace('_', ''))
  t.ok(grace * 1000 > graceMs, `${grace} s of compose outlast ${graceMs} ms of the service`)
})
