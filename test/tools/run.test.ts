import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
