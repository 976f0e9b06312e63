// Checks the guide on Jest: loads the published package in Jest in every way.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { consumer, pack, root } from '../package/consumer.ts'
import { keys } from './beside.ts'

/** A user's test file, on a real socket or with `inject`. */
const fileOf = (moduleKind: 'import' | 'require', inject: boolean): string => `
${
  moduleKind === 'import'
    ? `import Fastify from 'fastify'
import { expect, jest, test } from '@jest/globals'
import contiple from 'fastify-contact-center/contiple'`
    : `const Fastify = require('fastify')
const { default: contiple } = require('fastify-contact-center/contiple')`
}

const start = 1660095873001

test('a clock that is faked after registration counts', async () => {
  const app = Fastify()
  await app.register(contiple, { keys: '${keys}' })
  app.post('/', { preValidation: app.contiple.verify }, async () => ({ data: {} }))
  const url = ${inject ? "'/'" : "await app.listen({ host: '127.0.0.1', port: 0 })"}
  fakeDate(start)
  const payload = '{"callNum":"+4712345678"}'
  const headers = { 'content-type': 'application/json', ...await app.contiple.signHeaders(payload) }
  expect(headers['x-tc-timestamp']).toBe(String(start))
  const post = async text => ${
  inject
    ? "(await app.inject({ method: 'POST', url, headers, payload: text })).statusCode"
    : "(await fetch(url, { method: 'POST', headers, body: text })).status"
}
  expect(await post(payload)).toBe(200)
  expect(await post('{}')).toBe(403)
  jest.setSystemTime(start + 300_000)
  expect(await post(payload)).toBe(200)
  jest.setSystemTime(start + 300_001)
  expect(await post(payload)).toBe(403)
  jest.useRealTimers()
  await app.close()
})

${guideBlock('js fake-date')}
`

const project = consumer(t, pack(t), { also: ['esbuild'] })
project.write('package.json', '{ "private": true }')
project.write('esbuild-transform.cjs', guideBlock('js esbuild-transform'))
project.write('socket.test.mjs', fileOf('import', false))
project.write('inject.test.mjs', fileOf('import', true))
project.write('socket.test.cjs', fileOf('require', false))
project.write('inject.test.cjs', fileOf('require', true))

/** Since Node.js 24.9, Jest requires ES modules like Node itself. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const requiresModules = major > 24 || (major === 24 && minor >= 9)
const refused = /Must use import to load ES Module/

t.test('F11: Jest runs ES modules with its flag, on a real socket', async t => {
  passes(t, 'socket.test.mjs', { flag: true })
})

t.test('F11: Jest, inject and require, with a transform', async t => {
  const transformed = JSON.parse(guideBlock('json')) as object
  for (const file of ['socket.test.cjs', 'inject.test.cjs']) {
    passes(t, file, { config: transformed })
  }
})

t.test('F11: without a transform, Jest names the module that it cannot load', {
  skip: requiresModules && 'this Node.js lets Jest require ES modules'
}, async t => {
  t.match(run('socket.test.cjs').output, refused, 'this package')
  // Fastify's own `inject` requires an ES module package.
  t.match(run('inject.test.mjs', { flag: true }).output, refused, "Fastify's dependency")
})

interface JestOptions {
  flag?: boolean
  config?: object
}

function passes (
  t: { equal: (...args: [unknown, unknown, string]) => unknown },
  file: string,
  options: JestOptions
): void {
  const { status, output } = run(file, options)
  t.equal(status, 0, `${file}\n${status === 0 ? '' : output}`)
}

function run (file: string, { flag = false, config = {} }: JestOptions = {}): {
  status: number | null,
  output: string
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    ...flag ? ['--experimental-vm-modules'] : [],
    join(import.meta.dirname, 'node_modules/jest/bin/jest.js'),
    '--config',
    JSON.stringify({ rootDir: project.dir, testMatch: [`**/${file}`], ...config })
  ], { cwd: project.dir, encoding: 'utf8', env: { PATH: process.env.PATH } })
  return { status, output: stdout + stderr }
}

/** The code in the guide, unchanged. */
function guideBlock (language: string): string {
  const page = readFileSync(join(root, 'docs/guides/jest-and-vitest.md'), 'utf8')
  const block = page.split(`\`\`\`${language}\n`)[1]?.split('```')[0]
  if (block === undefined) throw new Error(`the guide has no block of ${language}`)
  return block
}
