import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { childEnv } from '../../test/helper.ts'
import { settings, sqliteUrl } from '../../test/integration-service/helper.ts'
import { post, releaseCallback, secrets } from '../../test/integration-service/processes.ts'
import { consumer, pack, root } from '../package/consumer.ts'

const source = join(root, 'examples/integration-service')
const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(source, 'package.json'), 'utf8')
) as Record<'dependencies' | 'devDependencies', Record<string, string>>

t.test('a copy of the service outside the repository builds, starts and stops', async t => {
  const { dir } = copy(t)
  // As in docs/service/deploying.md.
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], {
    cwd: dir,
    stdio: 'inherit'
  })
  for (const folder of ['desk', 'site']) {
    cpSync(join(dir, folder, 'public'), join(dir, 'dist', folder, 'public'), { recursive: true })
  }

  const service = spawn(process.execPath, ['dist/server.js'], {
    cwd: dir,
    env: {
      ...childEnv,
      ...settings,
      ...secrets,
      DATABASE_URL: sqliteUrl(t),
      PORT: '0',
      LOG_LEVEL: 'info'
    },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.after(() => service.kill('SIGKILL'))
  const exit = once(service, 'exit')
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(service.stdout).on('line', line => {
      lines.push(line)
      const [address] = /http:\/\/127\.0\.0\.1:[0-9]+/.exec(line) ?? []
      if (address !== undefined) resolve(address)
    }).on('close', () => reject(new Error('it ended before it listened')))
  })

  t.equal((await fetch(`${url}/readyz`)).status, 200)
  t.match(await (await fetch(`${url}/desk`)).text(), /<html/)
  t.equal((await fetch(`${url}/desk/charts/uPlot.esm.js`)).status, 200)
  const { body } = releaseCallback()
  t.same(await post(url, body), { status: 200, retCode: '0' }, 'a signed callback')
  const changedBody = body.replace('"callSerialNo":"', '$&1')
  t.equal((await post(url, changedBody)).status, 401, 'one that was changed')

  service.kill('SIGTERM')
  t.same(await exit, [0, null])
  t.match(lines.join('\n'), /stopping on SIGTERM[^]*"stopped"/)
})

/** The folder, with the package from its tarball and its declared dependencies. */
function copy (t: Test): { dir: string } {
  const named = Object.keys({ ...dependencies, ...devDependencies })
    .filter(name => name !== 'fastify-contact-center')
  const project = consumer(t, pack(t), { also: [...named, '@types/node'] })
  cpSync(source, project.dir, {
    recursive: true,
    filter: path => !/\/(?:node_modules|dist)$/.test(path)
  })
  t.notOk(existsSync(join(project.dir, 'dist')))
  const page = readFileSync(join(root, 'docs/service/deploying.md'), 'utf8')
  const [, config] = /```json tsconfig\.json\n([^]*?)```/.exec(page) ?? []
  project.write('tsconfig.json', config ?? '')
  return project
}
