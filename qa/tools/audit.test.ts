import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { childEnv } from '../../test/helper.ts'

const root = join(import.meta.dirname, '../..')
const advisory = {
  id: 1,
  url: 'https://advisories.example/1',
  title: 'made up',
  severity: 'high',
  vulnerable_versions: '<99',
  cwe: [],
  cvss: { score: 7, vectorString: null }
}

/** The registry's data on a package, as far as the audit reads it. */
const packageAt = (url: string): object => ({
  name: decodeURIComponent(url.slice(1)),
  versions: {}
})

/** The audit's output and exit code for a registry with these responses. */
async function audit (
  t: Test,
  status: number,
  body: object
): Promise<{ output: string, code: number }> {
  const registry = createServer((request, response) => {
    request.resume()
    const isQuestion = request.method === 'POST'
    response.writeHead(isQuestion ? status : 200, { 'content-type': 'application/json' }).end(
      JSON.stringify(isQuestion ? body : packageAt(String(request.url)))
    )
  })
  t.after(() => registry.close())
  await once(registry.listen(0, '127.0.0.1'), 'listening')
  const { port } = registry.address() as AddressInfo
  // npm's cache keys look like signatures to the tripwire.
  const env = {
    ...childEnv,
    NODE_OPTIONS: '',
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_fetch_retries: '0',
    npm_config_audit: 'true',
    npm_config_logs_max: '0',
    npm_config_cache: t.testdir()
  }
  return await new Promise(resolve => {
    execFile(
      process.execPath,
      ['--import=tsx', join(root, 'tools/audit.ts')],
      { cwd: root, env },
      (error, stdout, stderr) => {
        resolve({ output: stdout + stderr, code: typeof error?.code === 'number' ? error.code : 0 })
      }
    )
  })
}

t.test('audit', async t => {
  t.same(await audit(t, 200, {}), {
    output: 'audit: no package has a known vulnerability\n',
    code: 0
  })
  t.match(await audit(t, 200, { '@fastify/error': [advisory] }), {
    output:
      /^high: @fastify\/error [^]*\naudit: [1-9][0-9]* packages have a known vulnerability\n$/m,
    code: 1
  })
  t.match(await audit(t, 405, {}), {
    output: /^# SKIP audit: nothing is known, because the registry has not answered: 405/,
    code: 0
  }, 'no answer is not "clean"')
})
