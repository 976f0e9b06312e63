import { scheme } from 'fastify-contact-center/contiple'
import t from 'tap'

const secret = 'a-key-of-at-least-16'
const input = { body: '{}', timestamp: '1660095873001' }
const argv = [
  'contiple',
  '--field',
  `body=${input.body}`,
  '--field',
  `timestamp=${input.timestamp}`,
  '--secret-env',
  'KEY'
]

t.test('main uses the arguments, environment, streams and clock of its process', async t => {
  const { argv: before, exitCode } = process
  t.after(() => {
    process.argv = before
    process.exitCode = exitCode
  })
  process.env['CLI_TEST_KEY'] = secret
  const key = `${t.testdir({ key: 'the-key-of-last-month\n' })}/key`
  process.argv = [
    'node',
    'main.ts',
    'explain',
    ...argv.with(-1, 'CLI_TEST_KEY'),
    '--other-secret-file',
    key,
    '--signature',
    scheme.sign(input, secret),
    '--tolerance',
    '1'
  ]
  const out = t.capture(process.stdout, 'write', () => true)
  const err = t.capture(process.stderr, 'write', () => true)
  await import('../../cli/main.ts')
  out.restore()
  err.restore()
  delete process.env['CLI_TEST_KEY']
  t.match(
    out().map(({ args }) => args[0]).join(''),
    /^matches with CLI_TEST_KEY\n- time-outside-window/
  )
  t.match(err().map(({ args }) => args[0]).join(''), /^note: the line break at the end of /)
  t.equal(process.exitCode, 1)
  process.exitCode = exitCode
})
