// Runs the programs in the docs.
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { build as bundle } from 'esbuild'
import t from 'tap'
import { childEnv, fromSource } from '../../test/helper.ts'
import { type Block, pages, root } from '../../test/pages.ts'

const run = promisify(execFile)
/** Inside the repository, so that the package's own name and its dependencies resolve. */
const folder = join(root, '.docs-code')

/**
 * Pages read secrets only from the environment, so pasted code never starts with a published key.
 */
const env = {
  ...childEnv,
  PORT: '0',
  ...Object.fromEntries(
    [
      'ORACLE_CSC_KEY',
      'CONTIPLE_KEY',
      'ONLINE_CONTACT_KEY',
      'ITX_SECRET',
      'AICC_SECRET',
      'ZOOM_SECRET_TOKEN',
      'WHATSAPP_APP_SECRET',
      'LINE_CHANNEL_SECRET',
      'ZENDESK_SIGNING_SECRET',
      'INTERCOM_CLIENT_SECRET',
      'VONAGE_SIGNATURE_SECRET',
      'ACME_KEY',
      'TWILIO_AUTH_TOKEN'
    ].map(name => [name, 'a-key-for-this-page-only'])
  ),
  WEBHOOK_SECRET: `whsec_${Buffer.from('a-key-for-this-page-only').toString('base64')}`,
  TELNYX_PUBLIC_KEY: 'wVy265rUui7rU6yiJVgbLPIIG15vk6avKfF0sRqMHdk='
}

/** Unrefs the servers of a page, so that its process exits when the code has run. */
const unrefServers = `data:text/javascript,${
  encodeURIComponent(`
    import { Server } from 'node:net'
    const listen = Server.prototype.listen
    Server.prototype.listen = function (...options) {
      this.once('listening', () => this.unref())
      return listen.apply(this, options)
    }
  `)
}`

/** The first line of a block that depends on the blocks above it. */
const continuationMark = '// Continues the block above.'

t.test('each block of code compiles and runs by itself, or with the blocks that it says it continues', async t => {
  const programs = [...pages].flatMap(([path, { blocks }]) =>
    joinPrograms(blocks).map((program, index) => ({
      path,
      name: `${path.replace(/\.md$/, '').replaceAll('/', '-')}-${index + 1}`,
      line: program[0]?.line ?? 0,
      all: program.map(({ code }) => rewriteImports(code, path)).join('\n'),
      runs: program.filter(({ runs }) => runs).map(({ code }) => rewriteImports(code, path)).join(
        '\n'
      )
    }))
  )
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const { name, all, runs } of programs) {
    writeFileSync(join(folder, `${name}.ts`), all)
    writeFileSync(join(folder, `${name}.run.ts`), runs)
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../tsconfig.json',
      compilerOptions: { moduleDetection: 'force' },
      files: programs.map(({ name }) => `${name}.ts`),
      include: []
    })
  )

  t.equal(await failureOf(['node_modules/typescript/bin/tsc', '-p', folder]), '', 'compiles')
  const programsThatRun = programs.filter(({ runs }) => runs !== '')
  // Bundled in one run: compiling the plugins in separate processes takes a second each.
  await bundle({
    entryPoints: programsThatRun.map(({ name }) => join(folder, `${name}.run.ts`)),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['fastify-contact-center-source'],
    // Installed packages are still required; only this package is compiled.
    plugins: [{
      name: 'installed-packages',
      setup: ({ onResolve }) => {
        onResolve(
          { filter: /^[^./]/ },
          ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('fastify-contact-center')
              ? null
              : { path, external: true }
        )
      }
    }],
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent'
  })
  for (const { path, name, line } of programsThatRun) {
    const program = [`--import=${unrefServers}`, join(folder, `${name}.run.mjs`)]
    t.equal(await failureOf(program), '', `${path}:${line} runs`)
  }
})

t.test('what pages show of CommonJS is a plugin that can be registered', async t => {
  const examples = [...pages].flatMap(([path, { commonJs }]) =>
    commonJs.map(code => ({ path, code }))
  )
  t.ok(examples.some(({ path }) => path === 'docs/start/first-route.md'))
  const scripts = `${folder}-js`
  mkdirSync(scripts, { recursive: true })
  t.teardown(() => rmSync(scripts, { recursive: true, force: true }))
  for (const { path, code } of examples) {
    const file = join(scripts, 'plugin.cjs')
    writeFileSync(
      file,
      `${code}\nrequire('fastify')().register(module.exports).ready().then(app => app.close())\n`
    )
    t.equal(await failureOf([...fromSource, file]), '', path)
  }
})

/** The programs of a page: each block joined with its continuations. */
function joinPrograms (blocks: Block[]): Block[][] {
  const programs: Block[][] = []
  for (const block of blocks) {
    if (!block.code.startsWith(continuationMark)) programs.push([])
    programs.at(-1)?.push(block)
  }
  return programs
}

/** Rewrites a page's relative imports for the folder in which its code runs. */
function rewriteImports (code: string, path: string): string {
  return code.replaceAll(
    / from '(\.{1,2}\/[^']+)'/g,
    (_all, to: string) => ` from '../${posix.join(dirname(path), to)}'`
  )
}

/** The output of a Node process before it failed; empty on success. */
async function failureOf (args: string[]): Promise<string> {
  try {
    await run(process.execPath, args, { cwd: root, timeout: 120_000, env })
    return ''
  } catch (error) {
    const { stdout, stderr, killed } = error as { stdout: string, stderr: string, killed: boolean }
    return `${stdout}${stderr}` || `failed${killed ? ': it did not end within two minutes' : ''}`
  }
}
