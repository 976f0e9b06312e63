import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { vendors } from 'fastify-contact-center'
import * as kit from 'fastify-contact-center/kit'
import t from 'tap'

const root = new URL('..', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const has = (path: string): boolean => existsSync(new URL(path, root))
const readme = read('README.md')
const { exports, files } = JSON.parse(read('package.json')) as { exports: Record<string, Record<string, string> | string>, files: string[] }

t.test('the list of vendors is the folders of plugins', async t => {
  const folders = readdirSync(new URL('plugins', root), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name)
  t.same(folders.filter(name => name !== 'kit' && name !== 'contract').sort(), [...vendors].sort())
})

t.test('one word names a vendor everywhere, and nothing of a vendor is forgotten', async t => {
  for (const vendor of vendors) {
    const camel = vendor.replaceAll(/-(.)/g, (_all, letter: string) => letter.toUpperCase())
    for (const path of [
      `plugins/${vendor}/index.ts`, `plugins/${vendor}/scheme.ts`, `plugins/${vendor}/schemas.ts`, `plugins/${vendor}/diagnosis.ts`, `docs/${vendor}.md`, `test/${vendor}`,
      `test/vectors/${vendor}.json`, `examples/${vendor}.ts`, `test/examples/${vendor}.test.ts`, `examples/simulators/${vendor}/app.ts`
    ]) t.ok(has(path), path)
    t.same(exports[`./${vendor}`], {
      'fastify-contact-center-source': `./plugins/${vendor}/index.ts`,
      types: `./dist/plugins/${vendor}/index.d.ts`,
      default: `./dist/plugins/${vendor}/index.js`
    }, `exports of ${vendor}`)
    t.match(readme, `(docs/${vendor}.md)`, `${vendor} in the README's table`)
    t.match(readme, `\`fastify-contact-center/${vendor}\``, `${vendor}'s import in the README`)
    const { default: plugin, scheme, createScheme } = await import(`fastify-contact-center/${vendor}`) as { default: Record<symbol, unknown>, scheme: kit.Scheme<unknown>, createScheme: unknown }
    t.equal(scheme.name, vendor)
    t.ok(scheme.diagnosis, `${vendor} can be explained`)
    t.type(createScheme, 'function')
    t.match(plugin[Symbol.for('plugin-meta')], { name: `fastify-contact-center/${vendor}`, fastify: '5.x' })
    t.match(read(`plugins/${vendor}/index.ts`), `${camel}: `, `decorated as ${camel}`)
    for (const limit of scheme.limits) t.ok(limit in kit.limits, `${vendor}: ${limit}`)
  }
})

t.test('every export leads to a file', async t => {
  for (const target of Object.values(exports).flatMap(one => typeof one === 'string' ? [one] : [one['fastify-contact-center-source'] ?? ''])) {
    t.ok(target.includes('*') || has(target), target)
  }
  t.ok(files.every(path => path === 'dist' || has(path)), 'and so does every entry of files')
})

t.test('the README\'s table of errors is the kit\'s', async t => {
  const table = [...readme.matchAll(/^\| `(FST_CC_\w+)` \| ([0-9]{3}|-) \|/gm)].map(([, code, status]) => [code, status])
  const errors = Object.values(kit).flatMap(one => {
    if (typeof one !== 'function' || Object.getPrototypeOf((one as { prototype?: object }).prototype ?? {})?.constructor !== Error || one === kit.InputError) return []
    const { code, statusCode } = new (one as typeof kit.Replayed)()
    return [[code, code === 'FST_CC_OPTION_INVALID' ? '-' : String(statusCode)]]
  })
  t.ok(errors.length > 5)
  t.same(new Map(table as Array<[string, string]>), new Map(errors as Array<[string, string]>))
})

/** Scripts behind an npm command: they compose what the rest shows. */
const commands = ['start.ts', 'tour.ts', 'lab.ts']

t.test('docs/dependencies.md lists every dependency with its reason, and no other', async t => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>
  const [users = '', repository = ''] = read('docs/dependencies.md').split('## What the repository needs')
  for (const [part, declared] of [[users, dependencies], [repository, devDependencies]] as const) {
    const rows = [...part.matchAll(/^\| (`[^|]+`) \| ([^|]{10,}) \|$/gm)]
    const listed = rows.flatMap(([, names = '']) => names.split(', ').map(name => name.replaceAll('`', '')))
    t.same(listed.sort(), Object.keys(declared).sort())
  }
})

t.test('examples are small, and every one is tested', async t => {
  for (const name of readdirSync(new URL('examples', root)).filter(name => name.endsWith('.ts'))) {
    if (commands.includes(name)) continue
    t.ok(read(`examples/${name}`).split('\n').length <= 50, `${name} is under 50 lines`)
    t.ok(has(`test/examples/${name.replace('.ts', '.test.ts')}`), `${name} has a test`)
    t.match(readme, `(examples/${name})`, `${name} is in the README`)
  }
})

t.test('the kit knows no vendor\'s name', async t => {
  for (const name of readdirSync(new URL('plugins/kit', root))) {
    t.notMatch(read(`plugins/kit/${name}`), /oracle|contiple|online.?contact|\bitx|huawei|aicc/i, name)
  }
})
