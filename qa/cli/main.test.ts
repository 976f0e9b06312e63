import { spawnSync } from 'node:child_process'
import { scheme } from 'fastify-contact-center/contiple'
import t from 'tap'
import { childEnv, fromSource } from '../../test/helper.ts'

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

t.test('main.ts prints results and sets exit codes', async t => {
  const spawn = (...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [
      ...fromSource,
      'cli/main.ts',
      ...argv
    ], {
      cwd: new URL('../..', import.meta.url),
      encoding: 'utf8',
      env: { ...childEnv, KEY: secret }
    })
    return [status, stdout, stderr]
  }
  const signature = scheme.sign(input, secret)
  t.strictSame(spawn('sign', ...argv), [0, `${signature}\n`, ''])
  t.strictSame(spawn('verify', ...argv, '--signature', 'x'), [1, 'does not match with KEY\n', ''])
  t.match(spawn('verify', ...argv), [2, '', /^fastify-contact-center: a signature is missing/])
})
