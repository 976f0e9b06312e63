import { execFile } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { scheme } from '../../examples/custom-vendor/index.ts'
import { childEnv, startExample } from '../../test/helper.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const template = resolve(root, 'examples/custom-vendor')

t.test('examples/custom-vendor.ts answers Acme and nobody else', async t => {
  const secret = 'a-key-of-at-least-16'
  const address = await startExample(t, 'custom-vendor', { ACME_KEY: secret })
  const postEvent = async (key: string) => {
    const input = { body: '{"id":1}', time: String(Date.now()) }
    return await fetch(`${address}/acme/event`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-acme-signature': scheme.sign(input, key),
        'x-acme-time': input.time
      },
      body: input.body
    })
  }
  t.same(await (await postEvent(secret)).json(), { received: { id: 1 }, signedWith: 'default' })
  t.equal((await postEvent('another-key-of-no-use')).status, 401)
})

t.test('the template passes its own suite, and adding-a-vendor.md says how many cases there are', async t => {
  const { passed, failed } = await runSuite(template)
  t.same(failed, [])
  t.match(
    readFileSync(resolve(root, 'docs/start/adding-a-vendor.md'), 'utf8'),
    ` ${passed} cases`
  )
})

t.test('the template is one file of under 50 lines, and links to nothing outside its folder', t => {
  const files = readdirSync(template)
  t.same(files, ['README.md', 'contract.test.ts', 'index.ts', 'vectors.json'])
  t.ok(readFileSync(resolve(template, 'index.ts'), 'utf8').trimEnd().split('\n').length < 50)
  const links = readFileSync(resolve(template, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)/g)
  t.same(Array.from(links, ([, to = '']) => to).filter(to => !files.includes(to)), [])
  t.end()
})

t.test("a copy that has another vendor's name everywhere passes as before", async t => {
  const copy = resolve(root, '.docs-code-renamed')
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(template, copy, { recursive: true })
  for (const file of readdirSync(copy)) {
    const path = resolve(copy, file)
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replaceAll('acme', 'zeta').replaceAll('Acme', 'Zeta')
    )
  }
  const { passed, failed } = await runSuite(copy)
  t.same(failed, [])
  t.ok(passed > 0)
})

t.test('the suite names the mistakes of a copy', async t => {
  // Inside the repository, so that the package resolves by its own name.
  const copy = resolve(root, '.docs-code-template')
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  for (
    const [file, original, replacement, expectedFailure] of [
      ['index.ts', "[time, '.', body]", "[body, '.', time]", /known answer/],
      [
        'index.ts',
        "'no-nonce',",
        "'no-nonce', 'no-separator',",
        /limit no-separator is true/
      ],
      ['index.ts', 'timestamp: time, ', '', /time in the window/],
      [
        'index.ts',
        "kit.signatureHeader(request, 'X-Acme-Signature', form)",
        "String(request.headers['x-acme-signature'])",
        /refuses a missing signature/
      ],
      [
        'vectors.json',
        readFileSync(resolve(template, 'vectors.json'), 'utf8'),
        '{"vectors":[]}',
        /has known answers/
      ]
    ] as const
  ) {
    cpSync(template, copy, { recursive: true })
    const text = readFileSync(resolve(copy, file), 'utf8')
    t.ok(text.includes(original), `${file} holds ${original}`)
    writeFileSync(resolve(copy, file), text.replace(original, () => replacement))
    t.match(
      (await runSuite(copy)).failed.join('\n'),
      expectedFailure,
      `${file}: ${original} → ${replacement}`
    )
  }
})

/** The number of passing cases in a folder's suite, and the names of the failing ones. */
async function runSuite (folder: string): Promise<{ passed: number, failed: string[] }> {
  const args = [
    '--import=tsx',
    '--conditions=fastify-contact-center-source',
    '--test-reporter=tap',
    '--test',
    resolve(folder, 'contract.test.ts')
  ]
  const printed = await run(process.execPath, args, { cwd: root, env: childEnv }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout
  )
  return {
    passed: Number(/^# pass ([0-9]+)/m.exec(printed)?.[1] ?? 0),
    failed: [...printed.matchAll(/^ *not ok [0-9]+ - (.*)/gm)].map(([, name = '']) => name)
  }
}
