import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { childEnv, compiled } from '../helper.ts'

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache')

t.test('compiles a program again only after one of its files changes', async t => {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'run-test-'))
  const cachedNames = (): string[] =>
    readdirSync(join(cache, 'run')).filter(name => name.includes(folder.split('/').at(-1) ?? ''))
  t.after(() => {
    for (const name of cachedNames()) rmSync(join(cache, 'run', name), { recursive: true })
    rmSync(folder, { recursive: true })
  })
  const program = join(folder, 'program.ts')
  const start = (...args: string[]): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [...compiled, program, ...args], {
      cwd: root,
      env: childEnv,
      encoding: 'utf8'
    })
    t.equal(stderr, '')
    return stdout.trim()
  }
  writeFileSync(join(folder, 'word.ts'), 'export const word: string = "one"\n')
  writeFileSync(
    program,
    'import { word } from "./word.ts"\nconsole.log(word, process.argv.slice(2).join())\n'
  )
  t.equal(start('a', 'b'), 'one a,b')
  const first = cachedNames()
  t.equal(first.length, 2, 'the program and the record of its files')
  t.equal(start(), 'one')
  t.strictSame(cachedNames(), first, 'nothing is compiled')

  writeFileSync(join(folder, 'word.ts'), 'export const word: string = "another"\n')
  t.equal(start(), 'another')
  t.equal(cachedNames().length, 3)

  const record = cachedNames().find(name => name.endsWith('.json')) ?? ''
  writeFileSync(join(cache, 'run', record), readFileSync(join(cache, 'run', record)).subarray(9))
  t.equal(start(), 'another', 'a truncated record')
})

/** Creates a small repository with a program and its runner. Packages are linked from this one. */
function createRepository (folder: string, word: string): void {
  mkdirSync(join(folder, 'tools'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  // The compiler, and a package that stays outside the program.
  for (const name of ['esbuild', 'pg']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  for (const file of ['run.mjs', 'bundle.mjs', 'node-version.cjs', '../package.json']) {
    cpSync(join(root, 'tools', file), join(folder, 'tools', file))
  }
  writeProgram(folder, word)
}

function writeProgram (folder: string, word: string): void {
  const program = join(folder, 'program.ts')
  writeFileSync(program, `import pg from 'pg'\nconsole.log('${word}', typeof pg.Pool)\n`)
  // A file that is as new as the start would be compiled again.
  utimesSync(program, new Date(0), new Date(0))
}

function startIn (folder: string, temporary = folder): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['tools/run.mjs', 'program.ts'], {
    cwd: folder,
    env: { ...childEnv, TMPDIR: temporary, TEMP: temporary },
    encoding: 'utf8'
  })
  return stdout.trim() + stderr
}

t.test('a copy of a repository does not start the program of the original', async t => {
  const [first, copy] = [join(t.testdir(), 'first'), join(t.testdirName, 'copy')]
  createRepository(first, 'first')
  t.equal(startIn(first), 'first function')
  cpSync(first, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  writeProgram(copy, 'copied')
  t.equal(startIn(copy), 'copied function')
})

t.test('compiles a truncated program again, and removes leftovers of interrupted starts', async t => {
  const folder = join(t.testdir(), 'repository')
  createRepository(folder, 'whole')
  t.equal(startIn(folder), 'whole function')
  const run = join(folder, 'node_modules/.cache/run')
  for (const name of readdirSync(run).filter(name => !name.endsWith('.json'))) {
    for (const file of readdirSync(join(run, name))) writeFileSync(join(run, name, file), '')
  }
  const leftover = join(run, 'program.ts.left')
  mkdirSync(leftover)
  utimesSync(leftover, new Date(0), new Date(0))
  t.equal(startIn(folder), 'whole function')
  t.notOk(existsSync(leftover))
})

t.test('starts if nothing can be written beside the packages', async t => {
  const folder = join(t.testdir({ temporary: {} }), 'repository')
  const temporary = join(t.testdirName, 'temporary')
  createRepository(folder, 'read-only')
  writeFileSync(join(folder, 'node_modules/.cache'), '')
  t.equal(startIn(folder, temporary), 'read-only function')
  t.strictSame(readdirSync(temporary), [], 'the temporary folder is empty afterwards')
})
