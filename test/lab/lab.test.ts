import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyError } from 'fastify'
import itxChat from 'fastify-contact-center/itx-chat'
import { InputError } from 'fastify-contact-center/kit'
import onlineContact, { MemberFields } from 'fastify-contact-center/online-contact'
import oracleCsc from 'fastify-contact-center/oracle-csc'
import t, { type Test } from 'tap'
import { check } from '../../examples/lab/check.ts'
import { formatLabSettings, loadLabConfig } from '../../examples/lab/settings.ts'
import { startLab } from '../../examples/lab/start.ts'
import { labVendors } from '../../examples/lab/vendors.ts'
import { brokenContiple } from './broken-contiple.ts'
import { brokenHuaweiAicc } from './broken-huawei-aicc.ts'
import { caller, key } from './broken.ts'

const root = new URL('../..', import.meta.url)

t.test('our plugins pass the cases for services that sign arbitrary input', async t => {
  const app = Fastify()
  app.setErrorHandler((error: FastifyError, _request, reply) =>
    reply.code(error instanceof InputError ? 400 : error.statusCode ?? 500).send({
      message: error.message
    })
  )
  t.after(() => app.close())
  await app.register(itxChat, { keys: key })
  await app.register(onlineContact, { keys: key, service: 'demo' })
  await app.register(oracleCsc, { keys: key, url: 'https://csc.example/agent/main' })
  app.post('/session', { preSerialization: app.itxChat.sign }, async request => request.body)
  app.post(
    '/member',
    { preSerialization: app.onlineContact.sign, schema: { body: MemberFields } },
    async request => request.body
  )
  app.post('/click-to-call', {
    preSerialization: app.oracleCsc.sign,
    schema: { querystring: { type: 'object', properties: { callerId: { type: 'string' } } } }
  }, async ({ query }) => query)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const env = {
    ITX_SECRET: key,
    ONLINE_CONTACT_KEY: key,
    ORACLE_CSC_KEY: key,
    LAB_METHOD: 'POST',
    LAB_MEMBER_SIGN_URL: `${url}/member`
  }
  const checks = [
    ['itx-chat', '/session', ['guest']],
    ['oracle-csc', '/click-to-call?username={username}&callerId={callerId}&callId={callId}', [
      'guest'
    ]]
  ] as const
  for (const [vendor, path, skipped] of checks) {
    const { exitCode, findings, text } = await check(
      ['--vendor', vendor, '--target', url + path],
      env
    )
    t.same(
      {
        exitCode,
        skipped: findings.filter(({ verdict }) => verdict === 'skipped').map(({ name }) => name)
      },
      { exitCode: 0, skipped },
      text
    )
  }
  const names = labVendors['online-contact']?.cases.slice(-11).flatMap(name => ['--only', name]) ??
    []
  const { exitCode, findings, text } = await check([
    '--vendor',
    'online-contact',
    '--target',
    `${url}/login`,
    ...names
  ], env)
  t.match({ exitCode, findings }, {
    exitCode: 0,
    findings: [
      { name: 'signed-fields', verdict: 'right' },
      ...Array.from({ length: 10 }, () => ({ verdict: 'right' }))
    ]
  }, text)
})

t.test('mismatches are explained', async t => {
  const env = { CONTIPLE_KEY: key, AICC_SECRET: key, LAB_CALLER: caller }
  const cases = [
    [
      'contiple',
      await brokenContiple(t, 'body written again'),
      'white-space',
      /parsed the body and wrote it again/
    ],
    [
      'contiple',
      await brokenContiple(t, 'no window'),
      'stale-clock',
      /The time is 36\d{4} ms in the past/
    ],
    [
      'contiple',
      await brokenContiple(t, 'no check at all'),
      'wrong-key',
      /signs with the key "another key"/
    ],
    ['huawei-aicc', await brokenHuaweiAicc(t, 'keeps spaces'), 'spaces', /does not remove spaces/],
    [
      'huawei-aicc',
      await brokenHuaweiAicc(t, 'leaves null out'),
      'null',
      /omits null or empty/
    ],
    ['huawei-aicc', await brokenHuaweiAicc(t, 'retCode is a number'), 'genuine', /both as strings/]
  ] as const
  for (const [vendor, url, name, expected] of cases) {
    const { findings: [finding], text } = await check([
      '--vendor',
      vendor,
      '--target',
      `${url}/`,
      '--only',
      name
    ], env)
    t.match(finding, { name, verdict: 'wrong', explanation: expected }, text)
    t.notMatch(text, key, 'the explanation does not reveal the key')
  }
})

t.test('regression: a wrong key gave dozens of failures, and no name of the key', async t => {
  const target = `${await brokenContiple(t, '')}/`
  const argv = ['--vendor', 'contiple', '--target', target]
  const unset = await check(argv, { LAB_CALLER: caller })
  t.equal(unset.exitCode, 1)
  t.strictSame(unset.findings.map(({ name }) => name), ['genuine'], 'only the genuine request')
  t.match(
    unset.text,
    /^Key: CONTIPLE_KEY is not set: the lab signs with its public default key\.\n/
  )
  t.match(unset.text, /The genuine request fails, so the other cases were skipped/)
  const otherResult = await check([...argv, '--only', 'genuine'], {
    CONTIPLE_KEY: 'another-key-of-the-lab',
    LAB_CALLER: caller
  })
  t.match(otherResult.text, /^Key: CONTIPLE_KEY, from the environment\.\n/)
  t.notMatch(otherResult.text, 'another-key-of-the-lab', 'the report does not reveal the key')
  t.match(otherResult.text, /If your service signs the same text, it has another key\./)
  const all = await check([...argv, '--all'], { LAB_CALLER: caller })
  t.ok(all.findings.length > 20)
  const dir = t.testdir({ key })
  const right = await check([...argv, '--only', 'genuine', '--json'], {
    CONTIPLE_KEY_FILE: `${dir}/key`,
    LAB_CALLER: caller
  })
  t.match(JSON.parse(right.text), {
    exitCode: 0,
    keys: ['CONTIPLE_KEY, from the file in CONTIPLE_KEY_FILE']
  })
})

t.test('exits 2 if nothing can be checked, or a key is an argument', async t => {
  const target = ['--target', 'http://127.0.0.1:9/']
  const refused: Array<[RegExp, string[], Record<string, string>?]> = [
    [/^check needs --vendor NAME and --target URL; see --help$/, []],
    [/--target must be/, ['--vendor', 'contiple']],
    [/--vendor must be one of/, target],
    [/--vendor must be one of/, ['--vendor', 'toString', ...target]],
    [/^the target does not answer: connect ECONNREFUSED/, ['--vendor', 'contiple', ...target]],
    [/^the target does not answer: connect ECONNREFUSED/, ['--vendor', 'zoom', ...target]],
    [/^unknown case "nothing"; the cases: genuine, /, [
      '--vendor',
      'contiple',
      ...target,
      '--only',
      'nothing'
    ]],
    [/keys cannot be arguments/, ['--vendor', 'contiple', ...target, '--key', 'x']],
    [/keys cannot be arguments/, ['--vendor', 'contiple', ...target, '--secret=x']],
    [/see --help/, ['--vandor', 'contiple']],
    [/CONTIPLE_KEY_FILE cannot be read \(ENOENT\)/, ['--vendor', 'contiple', ...target], {
      CONTIPLE_KEY_FILE: '/nowhere'
    }],
    [/not both/, ['--vendor', 'contiple', ...target], {
      CONTIPLE_KEY_FILE: '/nowhere',
      CONTIPLE_KEY: 'x'
    }],
    [/LAB_CSC_HASH must be required or off/, ['--vendor', 'contiple', ...target], {
      LAB_CSC_HASH: 'on'
    }],
    [/LAB_PORT must be a whole number/, ['--vendor', 'contiple', ...target], { LAB_PORT: 'x' }],
    [/LAB_ITX_URL must be a URL/, ['--vendor', 'contiple', ...target], {
      LAB_ITX_URL: 'ftp://x'
    }]
  ]
  for (const [message, argv, env = {}] of refused) {
    t.match(await check(argv, env), { exitCode: 2, text: message })
  }
  t.match(await check(['--help'], {}), { exitCode: 0, text: /npm run lab -- check/ })
  const path = `${t.testdir({ key: 'key-of-a-file\n' })}/key`
  t.equal(loadLabConfig({ CONTIPLE_KEY_FILE: path }).CONTIPLE_KEY, 'key-of-a-file')
})

t.test('explains an answer that is no verdict on the signature', async t => {
  const answers: Array<[RegExp, RequestListener]> = [
    [/no such route: check the path/, (_, response) => response.writeHead(404).end()],
    [/does not accept this method/, (_, response) => response.writeHead(405).end()],
    [/redirects/, (_, response) => response.writeHead(308, { location: '/x' }).end()],
    [/itself failed: see its log/, (_, response) => response.writeHead(500).end()]
  ]
  for (const [explanation, listener] of answers) {
    const target = await serve(t, listener)
    for (const vendor of ['contiple', 'zoom']) {
      const { text } = await check(['--vendor', vendor, '--target', target], {})
      t.match(text, explanation, vendor)
      t.match(text, /See the explanation above/)
      t.notMatch(text, /another key/)
    }
  }

  let count = 0
  const closing = await serve(t, (request, response) => {
    if (count++ > 0) request.destroy()
    else response.end()
  })
  const only = ['--only', 'genuine', '--only', 'wrong-key']
  const { text } = await check(['--vendor', 'zoom', '--target', closing, ...only], {})
  t.match(text, /Answer: none: .*\n.*Explanation: The service closed the connection/)

  const open = await serve(t, (_, response) => response.end())
  t.match(await check(['--vendor', 'zoom', '--target', open], {}), {
    exitCode: 1,
    text: /Every forged request was accepted: does this route verify at all\?$/
  })

  const unknown = await serve(t, (_, response) => response.writeHead(400).end())
  t.match(await check(['--vendor', 'contiple', '--target', unknown], {}), {
    exitCode: 1,
    text: /name one that your service knows in LAB_CALLER/
  })
  t.match(
    await check(['--vendor', 'contiple', '--target', unknown.replace('http:', 'https:')], {}),
    { exitCode: 2, text: 'the target does not speak TLS: use http: instead of https:' }
  )
})

/** The URL of a server that ends with the test. */
async function serve (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      listener(request, response)
    })
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

t.test('the lab runs faults and changes settings, by page and by HTTP', async t => {
  const target = await brokenContiple(t, 'no window')
  const { urls, close } = await startLab(
    loadLabConfig({
      LAB_PORT: '0',
      CONTIPLE_KEY: key,
      LAB_CONTIPLE_URL: target,
      LAB_CALLER: caller
    })
  )
  t.teardown(close)
  for (const [vendor, url] of Object.entries(urls)) {
    const page = await (await fetch(`${url}/lab`)).text()
    t.match(page, /<summary>Faults<\/summary>[^]*action="\/lab\/faults\/(?:genuine|guest)"/, vendor)
    t.match(page, /action="\/lab\/settings"/, vendor)
    t.notMatch(
      JSON.stringify(await (await fetch(`${url}/lab/settings`)).json()),
      /lab-.*-(?:key|secret)|a-key-of/,
      `${vendor} shows no key`
    )
    t.equal((await fetch(`${url}/lab/faults/nothing`, { method: 'POST' })).status, 404)
    t.equal(
      (await fetch(`${url}/lab/settings`, {
        method: 'POST',
        body: new URLSearchParams({ key: '', secret: '' })
      })).status < 500,
      true
    )
  }

  const contiple = urls['contiple'] ?? ''
  t.match(await (await fetch(`${contiple}/lab/faults/stale-clock`, { method: 'POST' })).json(), {
    expected: 'refuse',
    got: 'accepted',
    verdict: 'wrong',
    why: /forever/,
    explanation: /in the past/
  })
  const done = await fetch(`${contiple}/lab/faults/genuine`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  t.match(
    await done.text(),
    /fault-genuine[^]*class="accepted"><b>right/,
    'the form leads back to the page'
  )
  await fetch(`${contiple}/lab/settings`, {
    method: 'POST',
    body: new URLSearchParams({ key: 'another-key-of-contiple', caller: '', lookupUrl: target })
  })
  const all = await (await fetch(`${contiple}/lab/faults`, { method: 'POST' })).json() as Array<
    { name: string, verdict: string }
  >
  t.match(all.find(({ name }) => name === 'genuine'), { verdict: 'wrong' }, 'the new key counts')
  const events = await (await fetch(`${contiple}/lab/events`)).json() as Array<{ kind: string }>
  t.ok(events.filter(({ kind }) => kind === 'fault').length > 30)
})

t.test("other sites' pages can neither request signatures nor change settings", async t => {
  const { urls, close } = await startLab(loadLabConfig({ LAB_PORT: '0' }))
  t.teardown(close)
  const own: Record<string, string[]> = {
    contiple: ['/lab/lookup'],
    'online-contact': ['/lab/check-status', '/lab/check-token'],
    'huawei-aicc': ['/lab/calls/1/connect', '/lab/calls/1/forge', '/lab/voice-notification']
  }
  for (const [vendor, url] of Object.entries(urls)) {
    for (
      const path of ['/lab/settings', '/lab/faults', '/lab/faults/genuine', ...own[vendor] ?? []]
    ) {
      for (
        const headers of [
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site', origin: url },
          { origin: 'https://thief.example' },
          { origin: 'null' }
        ]
      ) {
        const reply = await fetch(url + path, {
          method: 'POST',
          headers,
          body: new URLSearchParams({ key: 'x' })
        })
        t.equal(reply.status, 403, `${vendor}${path} ${JSON.stringify(headers)}`)
      }
    }
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: url }]) {
      t.equal(
        (await fetch(`${url}/lab/settings`, {
          method: 'POST',
          headers,
          body: new URLSearchParams()
        })).status,
        200,
        `${vendor}, its own page`
      )
    }
  }
})

t.test('docs/guides/lab-cases.md names the cases of each fault, or the reason for none', async t => {
  const page = readFileSync(new URL('docs/guides/lab-cases.md', root), 'utf8')
  const [heads = [], , ...rows] = page.split('\n').filter(line => line.startsWith('|')).map(line =>
    line.split('|').slice(1, -1).map(cell => cell.trim())
  )
  t.same([...heads.slice(1)].sort(), Object.keys(labVendors).sort())
  t.ok(rows.length > 12)
  for (const [fault = '', ...cells] of rows) {
    for (const [column, cell] of cells.entries()) {
      const cases = labVendors[heads[column + 1] ?? '']?.cases ?? []
      const named = [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, name = '']) => name)
      t.ok(/^– ./.test(cell) || named.length > 0, `${fault}, ${heads[column + 1]}`)
      t.same(
        named.filter(name => !cases.includes(name)),
        [],
        `${fault}, ${heads[column + 1]}: those cases exist`
      )
    }
  }
})

t.test('environment and page have the same settings', async t => {
  const { urls, close } = await startLab(loadLabConfig({ LAB_PORT: '0' }))
  t.teardown(close)
  for (const [vendor, url] of Object.entries(urls)) {
    const fields = labVendors[vendor]?.fields ?? {}
    t.same(
      Object.keys(await (await fetch(`${url}/lab/settings`)).json() as object).sort(),
      Object.keys(fields).sort(),
      vendor
    )
    const page = await (await fetch(`${url}/lab`)).text()
    for (const [name, { variable }] of Object.entries(fields)) {
      t.ok(
        page.includes(`name="${name}"`) && page.includes(`<code>${variable}</code>`),
        `${vendor}: ${variable}`
      )
    }
  }
  await t.rejects(
    startLab(loadLabConfig({ LAB_PORT: '0', LAB_ITX_CONFIGURATIONS: 'Sales, /sales, sometimes' })),
    { message: /itx-chat: "sometimes" is not valid\. Examples of opening hours/ }
  )
})

t.test('docs/guides/lab-settings.md has the table of settings', async t => {
  t.match(readFileSync(new URL('docs/guides/lab-settings.md', root), 'utf8'), formatLabSettings())
})
