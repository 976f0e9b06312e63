import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { build } from 'esbuild'
import { vendors } from 'fastify-contact-center'
import { publint } from 'publint'
import t, { type Test } from 'tap'
import { globSync } from 'tinyglobby'
import { type Consumer, consumer, manifest, pack, root } from './consumer.ts'

/** The size limit in bytes, with room for a few more vendors. */
const largest = 280_000

/** A server that sends itself a signed request and a forged one. */
const app = `
const app = Fastify()
await app.register(contiple, { keys: 'a-key-of-at-least-16' })
app.post('/', { preValidation: app.contiple.verify }, async request => request.verification?.keyId)
const payload = '{"callNum":"1"}'
const headers = { 'content-type': 'application/json', ...await app.contiple.signHeaders(payload) }
const good = await app.inject({ method: 'POST', url: '/', headers, payload })
const bad = await app.inject({ method: 'POST', url: '/', headers, payload: '{}' })
console.log(good.statusCode, good.body, bad.statusCode)
await app.close()
`
const esm =
  `import Fastify from 'fastify'\nimport contiple from 'fastify-contact-center/contiple'\n${app}`
const cjs =
  `const Fastify = require('fastify')\nconst { default: contiple } = require('fastify-contact-center/contiple')\n;(async () => {${app}})()`
const printed = '200 default 403'

const tarball = pack(t)

t.test('the tarball has exactly the needed files', async t => {
  const { files, size } = tarball
  for (
    const needed of [
      'dist/plugins/contiple/index.js',
      'dist/plugins/contiple/index.d.ts',
      'dist/cli/main.js',
      'README.md',
      'LICENSE',
      'CHANGELOG.md'
    ]
  ) {
    t.ok(files.includes(needed), needed)
  }
  for (const vendor of vendors) {
    t.ok(files.includes(`test/vectors/${vendor}.json`), `${vendor}'s vectors`)
  }
  t.strictSame(
    files.filter(path =>
      !/^(dist\/(plugins|cli)\/.*\.(js|d\.ts)$|(examples\/custom-vendor|test\/vectors)\/)|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/
        .test(path)
    ),
    [],
    'no sources or maps, and no example but the vendor template'
  )
  t.ok(size < largest, `${size} bytes packed`)
})

t.test('the JavaScript keeps its comments, and refers to no sources', async t => {
  const { dir } = consumer(t, tarball)
  const home = join(dir, 'node_modules', 'fastify-contact-center')
  const scripts = globSync('dist/**/*.js', { cwd: home })
  t.equal(scripts.length, globSync('{plugins,cli}/**/*.ts', { cwd: root }).length)
  const texts = scripts.map(script => readFileSync(join(home, script), 'utf8'))
  t.strictSame(texts.filter(text => text.includes('sourceMappingURL')), [])
  t.match(readFileSync(join(home, 'dist/plugins/contiple/scheme.js'), 'utf8'), /\/\*\*[^]+\*\//)
})

t.test('regression: request.verification had no type if only one vendor was imported', async t => {
  const plugins = join(consumer(t, tarball).dir, 'node_modules/fastify-contact-center/dist/plugins')
  for (const entry of [...vendors, 'kit']) {
    const declarations = [join(plugins, entry, 'index.d.ts')]
    // The list grows during the loop.
    for (const path of declarations) {
      const text = readFileSync(path, 'utf8')
      for (const [, specifier = ''] of text.matchAll(/(?:from |import\()["'](\.[^"']*)["']/g)) {
        const declaration = join(dirname(path), specifier.replace(/\.[jt]s$/, '.d.ts'))
        if (!declarations.includes(declaration)) declarations.push(declaration)
      }
    }
    t.ok(
      declarations.some(path =>
        /declare module 'fastify' \{\s+interface FastifyRequest \{[^}]+ verification: /.test(
          readFileSync(path, 'utf8')
        )
      ),
      entry
    )
  }
})

t.test('publint finds nothing', async t => {
  const { messages } = await publint({
    pack: { tarball: readFileSync(tarball.path).buffer as ArrayBuffer }
  })
  t.strictSame(messages, [])
})

t.test('arethetypeswrong finds nothing', async t => {
  const checked = await checkPackage(createPackageFromTarballData(readFileSync(tarball.path)))
  if (!checked.types) throw new Error('no types were found')
  t.ok(vendors.every(vendor => `./${vendor}` in checked.entrypoints), 'every vendor is checked')
  // The package is an ES module, which Node 20.19 and later can require. TypeScript's "node10" does
  // not support subpaths.
  const realProblems = checked.problems.filter(problem =>
    problem.kind !== 'CJSResolvesToESM' &&
    !('resolutionKind' in problem && problem.resolutionKind === 'node10')
  )
  t.strictSame(realProblems, [])
})

t.test('depends on exactly the packages that the plugins load', async t => {
  const dependencyNames = Object.keys(manifest.dependencies).sort()
  const packageFolder = join(consumer(t, tarball).dir, 'node_modules/fastify-contact-center')
  const packagesOf = (pattern: string) => packagesIn(packageFolder, pattern)
  t.strictSame(
    packagesOf('dist/plugins/**/*.js'),
    dependencyNames,
    'the plugins load each dependency'
  )
  t.strictSame(packagesOf('dist/cli/**/*.js').filter(name => !dependencyNames.includes(name)), [
    'fastify-contact-center'
  ], 'the command needs no other package')
})

t.test('imports', async t => {
  const { write, run } = consumer(t, tarball)
  write('app.mjs', esm)
  t.equal(run('app.mjs'), printed)
})

t.test('requires', async t => {
  const { write, run } = consumer(t, tarball)
  write('app.cjs', cjs)
  t.equal(run('app.cjs'), printed)
})

t.test('every subpath loads both ways', async t => {
  const { write, run } = consumer(t, tarball)
  const subpaths = Object.keys(manifest.exports).filter(subpath =>
    subpath !== './types' && !subpath.endsWith('.json')
  )
  t.ok(subpaths.length > vendors.length)
  const names = JSON.stringify(subpaths.map(subpath => `fastify-contact-center${subpath.slice(1)}`))
  write(
    'each.mjs',
    `for (const name of ${names}) console.log(name, Object.keys(await import(name)).length > 0)`
  )
  write(
    'each.cjs',
    `for (const name of ${names}) console.log(name, Object.keys(require(name)).length > 0)`
  )
  write(
    'vectors.cjs',
    `for (const vendor of ${
      JSON.stringify(vendors)
    }) console.log(vendor, require(\`fastify-contact-center/vectors/\${vendor}.json\`).vectors.length > 0)`
  )
  for (
    const [file, lines] of [['each.mjs', subpaths.length], ['each.cjs', subpaths.length], [
      'vectors.cjs',
      vendors.length
    ]] as const
  ) {
    t.match(run(file), new RegExp(`^(\\S+ true\n?){${lines}}$`), file)
  }
})

/** The files that an import loads, as paths below node_modules. */
function loadedBy (t: Test, subpath: string): string[] {
  const { write, run } = consumer(t, tarball)
  const hooks = `import { writeSync } from 'node:fs'
export async function load (url, context, next) {
  if (url.includes('/node_modules/')) writeSync(1, url.replace(/.*?\\/node_modules\\//, '') + '\\n')
  return next(url, context)
}`
  write('hooks.mjs', hooks)
  write(
    'load.mjs',
    `import { register } from 'node:module'
register('./hooks.mjs', import.meta.url)
await import('fastify-contact-center/${subpath}')`
  )
  return run('load.mjs').split('\n')
}

t.test('one vendor loads no other, and a scheme loads nothing but the kit', async t => {
  for (const vendor of vendors) {
    const foreign = (paths: string[]): string[] =>
      paths.filter(path =>
        vendors.some(otherVendor =>
          otherVendor !== vendor && path.includes(`/dist/plugins/${otherVendor}/`)
        )
      )
    const plugin = loadedBy(t, vendor)
    t.match(plugin, [`fastify-contact-center/dist/plugins/${vendor}/index.js`])
    t.strictSame(foreign(plugin), [], vendor)
    const scheme = loadedBy(t, `${vendor}/scheme`)
    t.match(scheme, [`fastify-contact-center/dist/plugins/${vendor}/scheme.js`])
    t.strictSame(
      scheme.filter(path => !path.startsWith('fastify-contact-center/dist/plugins/')),
      [],
      `${vendor}/scheme needs no package`
    )
    t.strictSame(foreign(scheme), [])
  }
})

t.test('importing a vendor costs little beside importing Fastify', async t => {
  const { write, run } = consumer(t, tarball)
  write(
    'cost.mjs',
    `const cpu = () => { const { user, system } = process.cpuUsage(); return user + system }
const start = cpu()
await import('fastify')
const fastify = cpu() - start
await import('fastify-contact-center/contiple')
console.log((cpu() - start - fastify) / fastify)`
  )
  // CPU time, to exclude other work on the machine. The minimum of five, to exclude cold caches.
  const ratio = Math.min(...Array.from({ length: 5 }, () => Number(run('cost.mjs'))))
  t.ok(ratio < 1.6, `${ratio.toFixed(2)} × Fastify's own, of which TypeBox is more than half`)
})

t.test('a bundle runs without node_modules', async t => {
  const { write, run, dir } = consumer(t, tarball)
  write('app.mjs', esm)
  // Fastify and its dependencies are CommonJS and load Node's modules with require.
  const banner = {
    js:
      "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
  }
  await build({
    entryPoints: [join(dir, 'app.mjs')],
    outfile: join(dir, 'bundle/app.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner,
    logLevel: 'error'
  })
  await build({
    stdin: { contents: cjs, resolveDir: dir },
    outfile: join(dir, 'bundle/app.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error'
  })
  t.equal(run('bundle/app.mjs'), printed, 'as an ES module')
  t.equal(run('bundle/app.cjs'), printed, 'as CommonJS')
})

t.test('types', async t => {
  for (
    const [module, moduleResolution] of [['node16', 'node16'], ['nodenext', 'nodenext'], [
      'esnext',
      'bundler'
    ]] as const
  ) {
    const project = consumer(t, tarball, {
      also: ['@fastify/type-provider-typebox', 'undici-types']
    })
    t.equal(
      typeErrors(project, module, moduleResolution),
      '',
      `under ${moduleResolution}: correct use compiles, and misuse does not`
    )
    t.equal(project.run('out/app.js'), printed, `under ${moduleResolution}: the compiled app runs`)
  }
})

/** The packages that scripts load, without Node's own modules. */
function packagesIn (folder: string, pattern: string): string[] {
  const names = globSync(pattern, { cwd: folder }).flatMap(path =>
    [
      ...readFileSync(join(folder, path), 'utf8').matchAll(
        /^(?:import|export) (?:.* from )?["']((?:@[^/"']+\/)?[^./"'][^/"']*)/gm
      )
    ].map(([, name = '']) => name)
  )
  return [...new Set(names)].filter(name => !name.startsWith('node:')).sort()
}

/**
 * The compiler's errors for an app, and for the cases in test/types that must or must not compile.
 */
function typeErrors ({ dir, write }: Consumer, module: string, moduleResolution: string): string {
  cpSync(join(root, 'node_modules/@types/node'), join(dir, 'node_modules/@types/node'), {
    recursive: true
  })
  write('package.json', '{ "type": "module" }')
  write('app.ts', esm)
  for (const name of readdirSync(join(root, 'test/types'))) {
    cpSync(join(root, 'test/types', name), join(dir, name))
  }
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    skipLibCheck: false,
    types: ['node'],
    module,
    moduleResolution,
    outDir: 'out'
  }
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], {
      cwd: dir,
      encoding: 'utf8'
    })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
