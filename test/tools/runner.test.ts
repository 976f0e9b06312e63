import t from 'tap'
import { passes, run } from './run-tests.ts'

t.test('a passing folder exits 0, with the number of its assertions', async t => {
  const { status, printed } = run(t, { 'sum.test.ts': passes })
  t.equal(status, 0, printed)
  t.match(printed, /^1 files: 3 passed, 0 failed$/m)
})

t.test('prints each failure once, at the end, with its names', async t => {
  const { status, printed } = run(t, {
    'sum.test.ts': passes,
    'wrong.test.ts': `
import t from 'tap'
t.test('outer', async t => {
  t.test('inner', async t => t.equal(1, 2, 'one is two'))
})
t.test('waits for an engine', { skip: 'none here' }, async () => {})
`,
    'crash.test.ts': "throw new Error('on load')",
    'late.test.ts': "import t from 'tap'\nt.ok(1)\nsetTimeout(() => process.exit(3), 200)",
    'empty.test.ts': 'export {}'
  })
  t.equal(status, 1)
  const summary = printed.slice(printed.indexOf('\n\nFAIL'))
  t.match(summary, /wrong\.test\.ts › outer › inner › one is two\n[^]*\n {4}-2\n {4}\+1\n/)
  t.match(summary, /crash\.test\.ts › exit code 1\n[^]*on load/)
  t.match(summary, /late\.test\.ts › exit code 3/)
  t.match(summary, /empty\.test\.ts › no test ran/)
  t.match(summary, /\n5 files: 4 passed, 4 failed, 1 skipped\n$/)
})
