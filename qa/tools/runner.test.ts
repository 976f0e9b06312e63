import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { passes, run } from '../../test/tools/run-tests.ts'

t.test('named files run in place of the default', async t => {
  const folder = t.testdir({
    'sum.browser.ts': passes,
    'other.browser.ts': "import t from 'tap'\nt.fail('not asked for')"
  })
  const run = (...named: string[]) =>
    spawnSync(process.execPath, [
      '--import=tsx',
      'tools/test/main.ts',
      '--default',
      `${folder}/*.browser.ts`,
      ...named
    ], { encoding: 'utf8' })
  const result = run(`${folder}/sum.browser.ts`)
  t.equal(result.status, 0, result.stdout)
  t.match(result.stdout, /^1 files: 3 passed, 0 failed$/m)
  t.match(run().stdout, /^2 files: 3 passed, 1 failed$/m)
})

t.test('a name that matches no test is refused', async t => {
  const { status, stderr } = spawnSync(process.execPath, [
    '--import=tsx',
    'tools/test/main.ts',
    'test/misspelt'
  ], { encoding: 'utf8' })
  t.equal(status, 1)
  t.equal(stderr, 'No test file: test/misspelt\n')
})

t.test('prints the compared values of a failing test, of any type', async t => {
  const { status, printed } = run(t, {
    'odd.test.ts': `
import t from 'tap'
t.equal(undefined, 1, 'nothing')
t.equal(1n, Symbol('one'), 'odd')
t.fail('said', { found: undefined, wanted: { deep: [undefined] } })
`
  })
  t.equal(status, 1)
  t.match(printed, /odd\.test\.ts › nothing/)
  t.match(printed, /odd\.test\.ts › odd/)
  t.match(printed, /odd\.test\.ts › said/)
  t.match(printed, /\n1 files: 0 passed, 3 failed\n$/)
})

t.test('removes compiled files, however the run ends', async t => {
  const listCompiled = (pid = 0): string[] =>
    readdirSync('.tap').filter(name => name.startsWith(`compiled-${pid}-`))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
    const folder = t.testdir({})
    const startFile = join(folder, 'begun')
    writeFileSync(
      join(folder, 'long.test.ts'),
      `
import { writeFileSync } from 'node:fs'
import t from 'tap'
t.test('waits', async () => {
  writeFileSync(${JSON.stringify(startFile)}, '')
  await new Promise(resolve => setTimeout(resolve, 5000))
})
`
    )
    const child = spawn(process.execPath, ['--import=tsx', 'tools/test/main.ts', folder], {
      stdio: 'ignore'
    })
    while (!existsSync(startFile)) await wait(50)
    t.equal(listCompiled(child.pid).length, 1)
    child.kill(signal)
    const [, exitSignal] = await once(child, 'exit') as [null, string]
    t.equal(exitSignal, signal)
    if (signal === 'SIGKILL') run(t, { 'sum.test.ts': passes })
    t.same(listCompiled(child.pid), [], signal)
  }
})

t.test('watch mode runs a changed test again, and survives a syntax error', async t => {
  const folder = t.testdir({ 'sum.test.ts': passes })
  const file = join(folder, 'sum.test.ts')
  const child = spawn(process.execPath, [
    '--import=tsx',
    'tools/test/main.ts',
    '--watch',
    file
  ])
  t.after(() => child.kill())
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  }
  const waitFor = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(printed)) {
      if (child.exitCode !== null) throw new Error(`watch mode ended:\n${printed}`)
      await wait(50)
    }
    printed = ''
    t.pass(String(pattern))
  }
  await waitFor(/^1 files: 3 passed, 0 failed\nWaiting/m)
  writeFileSync(file, `${passes}\nconst broken: = 1`)
  await waitFor(/Unexpected "="[^]*Waiting/)
  writeFileSync(file, `${passes}\nt.ok(true)`)
  await waitFor(/^1 files: 4 passed, 0 failed\nWaiting/m)
})
