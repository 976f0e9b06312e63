import { spawnSync } from 'node:child_process'
import type { Test } from 'tap'

/** Runs `npm test` on test files with these texts. Returns its output and exit code. */
export function run (
  t: Test,
  files: Record<string, string>
): { status: number | null, printed: string } {
  const folder = t.testdir(files)
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    '--import=tsx',
    'tools/test/main.ts',
    folder
  ], { encoding: 'utf8' })
  return { status, printed: stdout + stderr }
}

export const passes = `
import t from 'tap'
t.test('adds', async t => {
  t.equal(1 + 1, 2)
  t.test('big numbers', async t => t.equal(1e3 + 1, 1001))
})
t.test('throws nothing', async () => {})
`
