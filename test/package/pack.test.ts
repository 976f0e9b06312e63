import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { childEnv } from '../helper.ts'

const root = new URL('../..', import.meta.url).pathname

interface Packed { filename: string, files: Array<{ path: string }> }

/** The packed package, unpacked where a consumer would have it; its dependencies are this checkout's. */
function consumer (): { dir: string, packed: Packed } {
  const dir = mkdtempSync(join(tmpdir(), 'consumer-'))
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', dir, '--loglevel=error'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [Packed]
  const home = join(dir, 'node_modules', 'fastify-contact-center')
  mkdirSync(home, { recursive: true })
  execFileSync('tar', ['xzf', join(dir, packed.filename), '-C', home, '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of ['fastify', ...Object.keys(dependencies)]) {
    mkdirSync(join(dir, 'node_modules', name, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name))
  }
  return { dir, packed }
}

const app = `
const app = Fastify()
await app.register(contiple, { keys: 'a-key-of-at-least-16' })
app.post('/', { preValidation: app.contiple.verify }, async request => request.verification.keyId)
const payload = '{"callNum":"1"}'
const headers = { 'content-type': 'application/json', ...await app.contiple.signHeaders(payload) }
const good = await app.inject({ method: 'POST', url: '/', headers, payload })
const bad = await app.inject({ method: 'POST', url: '/', headers, payload: '{}' })
console.log(good.statusCode, good.body, bad.statusCode)
await app.close()
`

t.test('the packed package', async t => {
  const { dir, packed } = consumer()
  const run = (file: string, code: string): string => {
    writeFileSync(join(dir, file), code)
    return execFileSync(process.execPath, ['--no-warnings', file], { cwd: dir, encoding: 'utf8', env: childEnv }).trim()
  }

  t.test('holds what is needed', async t => {
    const files = packed.files.map(({ path }) => path)
    for (const needed of ['dist/plugins/contiple/index.js', 'dist/plugins/contiple/index.d.ts', 'dist/plugins/contiple/index.js.map', 'plugins/contiple/index.ts', 'dist/cli/main.js', 'test/vectors/contiple.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
      t.ok(files.includes(needed), needed)
    }
    t.notOk(files.some(path => path.startsWith('examples/') || path.startsWith('dist/test')), 'and nothing of the examples')
  })

  t.test('imports', async t => {
    t.equal(run('app.mjs', `import Fastify from 'fastify'\nimport contiple from 'fastify-contact-center/contiple'\n${app}`), '200 default 403')
  })

  t.test('requires', async t => {
    t.equal(run('app.cjs', `const Fastify = require('fastify')\nconst { default: contiple } = require('fastify-contact-center/contiple')\n;(async () => {${app}})()`), '200 default 403')
  })

  t.test('every subpath loads both ways', async t => {
    const { vendors } = await import('fastify-contact-center')
    for (const subpath of [...vendors.map(vendor => `/${vendor}`), '/kit', '/contract', '']) {
      t.match(run('each.mjs', `console.log(Object.keys(await import('fastify-contact-center${subpath}')).length)`), /^[1-9]/, `import ${subpath}`)
      t.match(run('each.cjs', `console.log(Object.keys(require('fastify-contact-center${subpath}')).length)`), /^[1-9]/, `require ${subpath}`)
    }
    for (const vendor of vendors) t.match(run('vectors.cjs', `console.log(require('fastify-contact-center/vectors/${vendor}.json').vectors.length)`), /^[1-9]/, `${vendor}'s vectors`)
  })

  t.test('type-checks in a consumer', async t => {
    cpSync(join(root, 'node_modules', '@types'), join(dir, 'node_modules', '@types'), { recursive: true })
    writeFileSync(join(dir, 'app.mts'), 'import Fastify from \'fastify\'\nimport contiple, { type LookupQuery } from \'fastify-contact-center/contiple\'\nconst app = Fastify()\nawait app.register(contiple, { keys: \'x\' })\napp.post(\'/\', { preValidation: app.contiple.verify }, async request => request.verification?.keyId)\nexport const query: LookupQuery = { callNum: \'1\' }\n// @ts-expect-error an option that does not exist\nawait app.register(contiple, { keys: \'x\', tolerances: 5 })\n// @ts-expect-error a decorator that nobody declared\nawait app.register(contiple, { keys: \'x\', as: \'contipleSeoul\' })\n')
    const options = { strict: true, noEmit: true, target: 'es2022', skipLibCheck: true, types: ['node'] }
    for (const [module, moduleResolution] of [['node16', 'node16'], ['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
      writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, module, moduleResolution }, include: ['app.mts'] }))
      t.doesNotThrow(() => execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc')], { cwd: dir, encoding: 'utf8' }), `${moduleResolution}`)
    }
  })
})
