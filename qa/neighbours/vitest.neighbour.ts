// Checks the guide on Vitest, in Vitest.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keys } from './beside.ts'

const test = `
import Fastify from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import contiple from '../../../plugins/contiple/index.ts'

afterEach(() => { vi.useRealTimers() })

test('a clock that is faked after registration counts', async () => {
  const app = Fastify()
  await app.register(contiple, { keys: '${keys}' })
  app.post('/', { preValidation: app.contiple.verify }, async () => ({ data: {} }))
  await app.ready()
  vi.useFakeTimers({ toFake: ['Date'], now: 1660095873001 })
  const payload = '{"callNum":"+4712345678"}'
  const headers = { 'content-type': 'application/json', ...await app.contiple.signHeaders(payload) }
  expect(headers['x-tc-timestamp']).toBe('1660095873001')
  const post = async () => (await app.inject({ method: 'POST', url: '/', headers, payload })).statusCode
  expect(await post()).toBe(200)
  vi.setSystemTime(1660095873001 + 300_000)
  expect(await post()).toBe(200)
  vi.setSystemTime(1660095873001 + 300_001)
  expect(await post()).toBe(403)
  await app.close()
})
`

t.test("F11: Vitest's fake clock", async t => {
  const folder = join(import.meta.dirname, 'guides-code')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'clock.vitest.ts'), test)
  const printed = execFileSync(process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=json'
  ], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.match(JSON.parse(printed), { numPassedTests: 1, numFailedTests: 0 })
})
