import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { childEnv, compiled } from '../../test/helper.ts'
import { sqliteUrl } from '../../test/integration-service/helper.ts'

t.test('npm run import imports a file and reports faults', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'import-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const DATABASE_URL = sqliteUrl(t)
  const run = (env: Record<string, string>, ...args: string[]) =>
    spawnSync(process.execPath, [
      ...compiled,
      'examples/integration-service/customers/import.ts',
      ...args
    ], { encoding: 'utf8', env: { ...childEnv, ...env }, timeout: 600_000 })
  const file = join(folder, 'customers.csv')

  writeFileSync(
    file,
    'name,phone\n' +
      Array.from(
        { length: 20_000 },
        (_, index) =>
          `Customer ${index},010-1${String(index).padStart(7, '0').replace(/^(...)/, '$1-')}\n`
      ).join(
        ''
      )
  )
  const success = run({ DATABASE_URL }, file)
  t.match([success.stdout, success.stderr, success.status], [
    /^20000 customers added, 0 updated\n$/,
    '',
    0
  ])

  writeFileSync(file, 'name,phone\n' + 'A,nobody\n'.repeat(150))
  const failure = run({ DATABASE_URL }, file)
  t.match([failure.stdout, failure.stderr, failure.status], [
    '',
    /^line 2: phone is not a telephone number\n(?:line .*\n){99}and 50 more\nNothing was imported\.\n$/,
    1
  ])

  writeFileSync(file, '')
  t.match(run({ DATABASE_URL }, file), { status: 1, stderr: / is empty\n\nUsage/ })
  writeFileSync(file, 'name,phone\nMina,+821011112222\n')
  t.match(run({ DATABASE_URL }, file).stdout, /^1 customer added, 0 updated\n$/)

  t.match(run({ DATABASE_URL: 'mysql://x' }, file).stderr, /DATABASE_URL must be/)
  for (const args of [[], ['--what'], [join(folder, 'none.csv')]]) {
    const reply = run({ DATABASE_URL }, ...args)
    t.match([reply.stderr, reply.status], [/Usage: npm run import/, 1], args.join(' '))
    t.notMatch(reply.stderr, /^ +at /m)
  }
})
