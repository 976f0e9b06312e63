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

t.test('a program is compiled again when a file of it has changed, and only then', async t => {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'run-test-'))
  const mine = (): string[] =>
    readdirSync(join(cache, 'run')).filter(name => name.includes(folder.split('/').at(-1) ?? ''))
  t.after(() => {
    for (const name of mine()) rmSync(join(cache, 'run', name), { recursive: true })
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
  const first = mine()
  t.equal(first.length, 2, 'what was compiled, and from what')
  t.equal(start(), 'one')
  t.strictSame(mine(), first, 'nothing was compiled')

  writeFileSync(join(folder, 'word.ts'), 'export const word: string = "another"\n')
  t.equal(start(), 'another')
  t.equal(mine().length, 3)

  const record = mine().find(name => name.endsWith('.json')) ?? ''
  writeFileSync(join(cache, 'run', record), readFileSync(join(cache, 'run', record)).subarray(9))
  t.equal(start(), 'another', 'a record that was cut')
})

/** A small repository with a program, and what starts it; the packages are this repository's. */
function smallRepository (folder: string, word: string): void {
  mkdirSync(join(folder, 'tools'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  // The compiler, and a package that is not compiled into the program.
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
  // A file of this very instant is compiled again at the next start.
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

t.test('a copy of the repository does not start what was compiled in the first', async t => {
  const [first, copy] = [join(t.testdir(), 'first'), join(t.testdirName, 'copy')]
  smallRepository(first, 'first')
  t.equal(startIn(first), 'first function')
  cpSync(first, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  writeProgram(copy, 'copied')
  t.equal(startIn(copy), 'copied function')
})

t.test('what was cut is compiled again, and what an interrupted start left does not stay', async t => {
  const folder = join(t.testdir(), 'repository')
  smallRepository(folder, 'whole')
  t.equal(startIn(folder), 'whole function')
  const run = join(folder, 'node_modules/.cache/run')
  for (const name of readdirSync(run).filter(name => !name.endsWith('.json'))) {
    for (const file of readdirSync(join(run, name))) writeFileSync(join(run, name, file), '')
  }
  const left = join(run, 'program.ts.left')
  mkdirSync(left)
  utimesSync(left, new Date(0), new Date(0))
  t.equal(startIn(folder), 'whole function')
  t.notOk(existsSync(left))
})

t.test('it starts where nothing can be written beside the packages', async t => {
  const folder = join(t.testdir({ temporary: {} }), 'repository')
  const temporary = join(t.testdirName, 'temporary')
  smallRepository(folder, 'read-only')
  writeFileSync(join(folder, 'node_modules/.cache'), '')
  t.equal(startIn(folder, temporary), 'read-only function')
  t.strictSame(readdirSync(temporary), [], 'and leaves nothing')
})
