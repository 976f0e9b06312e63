// A pnpm project that emits declarations. pnpm exposes only its direct dependencies.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { vendors } from '../../plugins/index.ts'
import { pack, root } from '../package/consumer.ts'

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>
}
const pnpm = join(import.meta.dirname, 'node_modules/pnpm/bin/pnpm.cjs')

/** All exports of a vendor that a project may re-export. */
const ofVendor = (vendor: string, decorator: string): string => `
import Fastify from 'fastify'
import plugin, * as vendor from 'fastify-contact-center/${vendor}'
export { plugin }
export const all = { ...vendor }
export const made = vendor.createScheme()
export const options = plugin.vendor.options
export const app = Fastify()
export const decorator = app.${decorator}
export const parts = { ...app.${decorator} }
export const schemas = decorator.schemas
export const copied = { ...schemas }
export const route = {
  method: 'POST',
  url: '/',
  preValidation: app.${decorator}.verify,
  schema: { body: Object.values(schemas)[0] }
} as const
export const verificationOf = (request: Parameters<typeof decorator.verify>[0]) => request.verification
export class Holder {
  schemas = decorator.schemas
  plugin = plugin
}
export default { plugin, vendor }
`
const ofScheme = (vendor: string): string => `
import * as scheme from 'fastify-contact-center/${vendor}/scheme'
export const all = { ...scheme }
export const made = scheme.createScheme()
`

t.test('F13: a pnpm project exports our schemas, and emits declarations', async t => {
  const { path } = pack(t)
  const dir = mkdtempSync(join(tmpdir(), 'pnpm-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text)
  write(
    'package.json',
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: {
        fastify: devDependencies['fastify'],
        'fastify-contact-center': `file:${path}`
      },
      devDependencies: {
        typescript: devDependencies['typescript'],
        '@types/node': devDependencies['@types/node']
      }
    })
  )
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        strict: true,
        declaration: true,
        target: 'es2023',
        module: 'nodenext',
        types: ['node'],
        rootDir: '.',
        outDir: 'out'
      },
      exclude: ['out', 'node_modules']
    })
  )
  for (const vendor of vendors) {
    const decorator = vendor.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    write(`${vendor}.ts`, ofVendor(vendor, decorator))
    write(`${vendor}-scheme.ts`, ofScheme(vendor))
  }
  for (const subpath of ['', '/kit', '/types', '/explain', '/contract']) {
    write(
      `all${subpath.replace('/', '-')}.ts`,
      `import * as every from 'fastify-contact-center${subpath}'\nexport const all = { ...every }\n`
    )
  }
  // A custom vendor of the project.
  mkdirSync(join(dir, 'acme'))
  write('acme/index.ts', readFileSync(join(root, 'examples/custom-vendor/index.ts'), 'utf8'))
  execFileSync(process.execPath, [pnpm, 'install', '--silent'], { cwd: dir, stdio: 'pipe' })
  t.notOk(
    readdirSync(join(dir, 'node_modules')).includes('@sinclair'),
    "the project cannot see the package's dependencies"
  )
  for (const resolution of [[], ['--module', 'esnext', '--moduleResolution', 'bundler']]) {
    t.equal(tsc(dir, resolution), '', `declarations are written ${resolution.join(' ')}`)
  }
  const declaration = readFileSync(join(dir, 'out/contiple.d.ts'), 'utf8')
  t.match(declaration, 'TObject<', 'schema types are expanded')
  t.notMatch(declaration, '.pnpm', "no path leads into pnpm's store")
})

function tsc (dir: string, options: readonly string[]): string {
  try {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...options], { cwd: dir })
    return ''
  } catch (error) {
    return String((error as { stdout?: Buffer }).stdout ?? error)
  }
}
