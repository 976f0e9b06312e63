import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { promisify } from 'node:util'
import { vendors } from 'fastify-contact-center'
import { build as bundle } from 'esbuild'
import type { Scheme } from 'fastify-contact-center/kit'
import t from 'tap'
import { globSync } from 'tinyglobby'
import { draw } from '../tools/draw.ts'
import { childEnv, fromSource } from './helper.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
/** Inside the repository, so that the package's own name and its dependencies resolve. */
const folder = join(root, '.docs-code')

/**
 * Pages take secrets from the environment alone, so that what is pasted from them starts with no
 * key that is known.
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

const vendorHeadings = [
  'What it is',
  'Where to find the secret',
  'Register',
  'Verify',
  'Sign',
  'Schemas',
  'Errors',
  'What the signature does not cover',
  'Sources and vectors'
]

const pages = new Map(
  globSync([
    'README.md',
    'docs/**/*.md',
    'examples/**/*.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md'
  ], { cwd: root }).sort().map(path => [path, parse(readFileSync(join(root, path), 'utf8'))])
)

/**
 * The page of each vendor and where its scheme is: the package's own, and those of the examples.
 */
const vendorPages = new Map([
  ...vendors.map(vendor =>
    [
      [`docs/vendors/${vendor}.md`, `docs/${vendor}.md`].find(path => pages.has(path)) ?? vendor,
      `fastify-contact-center/${vendor}`
    ] as const
  ),
  ['examples/custom-vendor/README.md', '../examples/custom-vendor/index.ts'] as const
])

t.test('every vendor has a page with the same headings, and it names each limit of the scheme', async t => {
  for (const [path, module] of vendorPages) {
    const page = pages.get(path)
    if (page === undefined) {
      t.fail(`${path} is missing`)
      continue
    }
    t.equal(page.headings.filter(({ level }) => level === 1).length, 1, `${path}: one title`)
    t.strictSame(
      page.headings.filter(({ level }) => level === 2).map(({ text }) => text),
      vendorHeadings,
      `${path}: headings`
    )
    const { scheme } = await import(module) as { scheme: Scheme<unknown> }
    const weakness = page.prose.slice(
      page.prose.indexOf('## What the signature does not cover'),
      page.prose.indexOf('## Sources and vectors')
    )
    t.strictSame(
      scheme.limits.filter(limit => !weakness.includes(`\`${limit}\``)),
      [],
      `${path}: limits that the page does not name`
    )
  }
})

t.test('every relative link leads somewhere', async t => {
  t.ok(linksOf(pages.get('README.md')?.prose ?? '').length > 15, 'links are found')
  for (const [path, { prose }] of pages) {
    for (const link of linksOf(prose)) {
      const [file = '', anchor] = decodeURI(link).split('#')
      const target = join(dirname(path), file)
      const found = file === '' || existsSync(join(root, target))
      const headings = pages.get(file === '' ? path : target)?.headings
      t.ok(
        found &&
          (anchor === undefined || headings === undefined ||
            headings.some(({ text }) => slug(text) === anchor)),
        `${path}: ${link}`
      )
    }
  }
})

t.test('the pictures of the architecture are drawn from their sources, and name files that there are', async t => {
  const page = pages.get('docs/internals/architecture.md')?.prose ?? ''
  const sources = globSync('docs/internals/architecture/*.dot', { cwd: root }).sort()
  t.ok(sources.length > 0)
  for (const source of sources) {
    const [dot, picture] = [readFileSync(join(root, source), 'utf8'), source.replace(/dot$/, 'svg')]
    t.equal(
      readFileSync(join(root, picture), 'utf8'),
      await draw(dot),
      `${picture}: npm run pictures draws it again`
    )
    t.ok(
      page.includes(`](${picture.replace('docs/internals/', '')})`),
      `docs/internals/architecture.md shows ${picture}`
    )
    const named = [...dot.matchAll(/\b[a-z-]+\.ts\b/g)].map(([name]) => name)
    const there = globSync('plugins/{kit,contiple}/**/*.ts', { cwd: root })
    t.strictSame(
      named.filter(name => !there.some(path => path.endsWith(`/${name}`))),
      [],
      `${source}: files that are not there`
    )
  }
})

t.test('each block of code compiles and runs by itself, or with the blocks that it says it continues', async t => {
  const programs = [...pages].flatMap(([path, { blocks }]) =>
    programsOf(blocks).map((program, at) => ({
      path,
      name: `${path.replace(/\.md$/, '').replaceAll('/', '-')}-${at + 1}`,
      line: program[0]?.line ?? 0,
      all: program.map(({ code }) => fromHere(code, path)).join('\n'),
      runs: program.filter(({ runs }) => runs).map(({ code }) => fromHere(code, path)).join('\n')
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
  // Bundled in one go: a process of its own that compiles the plugins takes a second each.
  await bundle({
    entryPoints: programsThatRun.map(({ name }) => join(folder, `${name}.run.ts`)),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['fastify-contact-center-source'],
    // What is installed is required as ever; only the package itself is compiled.
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
    const program = [`--import=${listensNoLonger}`, join(folder, `${name}.run.mjs`)]
    t.equal(await failureOf(program), '', `${path}:${line} runs`)
  }
})

t.test('what pages show of CommonJS is a plugin that can be registered', async t => {
  const shown = [...pages].flatMap(([path, { commonJs }]) => commonJs.map(code => ({ path, code })))
  t.ok(shown.some(({ path }) => path === 'docs/start/first-route.md'))
  const scripts = `${folder}-js`
  mkdirSync(scripts, { recursive: true })
  t.teardown(() => rmSync(scripts, { recursive: true, force: true }))
  for (const { path, code } of shown) {
    const file = join(scripts, 'plugin.cjs')
    writeFileSync(
      file,
      `${code}\nrequire('fastify')().register(module.exports).ready().then(app => app.close())\n`
    )
    t.equal(await failureOf([...fromSource, file]), '', path)
  }
})

/** A server that a page starts does not keep its process: it ends once the code has run. */
const listensNoLonger = `data:text/javascript,${
  encodeURIComponent(`
    import { Server } from 'node:net'
    const listen = Server.prototype.listen
    Server.prototype.listen = function (...options) {
      this.once('listening', () => this.unref())
      return listen.apply(this, options)
    }
  `)
}`

/** How a block begins that needs the ones above it. */
const continues = '// Continues the block above.'

/** The blocks of a page, those that continue one another together. */
function programsOf (blocks: Block[]): Block[][] {
  const programs: Block[][] = []
  for (const block of blocks) {
    if (!block.code.startsWith(continues)) programs.push([])
    programs.at(-1)?.push(block)
  }
  return programs
}

/** Relative imports of a page, from the folder that its code is run in. */
function fromHere (code: string, path: string): string {
  return code.replaceAll(
    / from '(\.{1,2}\/[^']+)'/g,
    (_all, to: string) => ` from '../${posix.join(dirname(path), to)}'`
  )
}

/** What a Node process printed before it failed; empty when it did not. */
async function failureOf (args: string[]): Promise<string> {
  try {
    await run(process.execPath, args, { cwd: root, timeout: 120_000, env })
    return ''
  } catch (error) {
    const { stdout, stderr, killed } = error as { stdout: string, stderr: string, killed: boolean }
    return `${stdout}${stderr}` || `failed${killed ? ': it did not end within two minutes' : ''}`
  }
}

interface Block {
  code: string
  runs: boolean
  /** Where it begins in the page. */
  line: number
}

interface Page {
  headings: Array<{ level: number, text: string }>
  /** Its TypeScript, in order. */
  blocks: Block[]
  commonJs: string[]
  /** Everything outside code blocks. */
  prose: string
}

function parse (markdown: string): Page {
  const page: Page = { headings: [], blocks: [], commonJs: [], prose: '' }
  let open: { lines: string[], info: string, line: number } | undefined
  for (const [at, line] of markdown.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) {
      if (open !== undefined) open.lines.push(line)
      else page.prose += line + '\n'
      const [, marks = '', text = ''] = open === undefined ? /^(#+) (.*)$/.exec(line) ?? [] : []
      if (text !== '') page.headings.push({ level: marks.length, text })
    } else if (open === undefined) {
      open = { lines: [], info: (fence[1] ?? '').trim(), line: at + 1 }
    } else {
      const { lines, info, line: start } = open
      if (info === 'ts' || info === 'ts no-run') {
        page.blocks.push({ code: lines.join('\n') + '\n', runs: info === 'ts', line: start })
      }
      if (info === 'js') page.commonJs.push(lines.join('\n'))
      open = undefined
    }
  }
  return page
}

function linksOf (prose: string): string[] {
  const text = prose.replace(/`[^`\n]*`/g, '')
  const targets = [
    ...text.matchAll(/\]\(([^()\s]+)[^()]*\)/g),
    ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)
  ].map(match => match[1] ?? '')
  return targets.filter(target => !/^[a-z][a-z0-9+.-]*:/i.test(target))
}

/** The anchor that GitHub gives a heading. */
function slug (heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{M}\p{N} _-]/gu, '').replaceAll(' ', '-')
}
