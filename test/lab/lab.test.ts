import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import Fastify, { type FastifyError } from 'fastify'
import itxChat from 'fastify-contact-center/itx-chat'
import { InputError } from 'fastify-contact-center/kit'
import onlineContact, { MemberFields } from 'fastify-contact-center/online-contact'
import oracleCsc from 'fastify-contact-center/oracle-csc'
import t from 'tap'
import { Browser } from '../../examples/demo/tour/browser.ts'
import { startStack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { check } from '../../examples/lab/check.ts'
import { labSettings, labSettingsTable, loadLabConfig } from '../../examples/lab/settings.ts'
import { startLab } from '../../examples/lab/start.ts'
import { labVendors } from '../../examples/lab/vendors.ts'
import { formOf } from '../../examples/simulators/shared/form.ts'
import { brokenContiple } from './broken-contiple.ts'
import { brokenHuaweiAicc } from './broken-huawei-aicc.ts'
import { caller, key } from './broken.ts'

const root = new URL('../..', import.meta.url)

t.test('our own service passes for every vendor', async t => {
  const stack = await startStack({
    firstPort: 0,
    env: { DATABASE_URL: `file:${t.testdir()}/lab.db`, LOG_LEVEL: 'silent' }
  })
  t.teardown(() => stack.close())
  const { config, urls: { service, onlineContact } } = stack
  const member = await signedInMember(service)
  const agent = new Browser()
  await agent.postJson(`${service}/api/agents/session`, demoSignIns.agents[0])
  const { callSerialNo } =
    await (await agent.postJson(`${service}/api/calls`, { number: '+821012345678' })).json() as {
      callSerialNo: string
    }
  const keys = Object.fromEntries(
    [...labSettings.keys()].filter(name => name in config).map(
      name => [name, String(config[name as keyof typeof config])]
    )
  )

  const checks: Record<string, { target: string, env?: Record<string, string>, skipped: RegExp }> =
    {
      contiple: { target: '/contiple/customer', skipped: /^old-key$/ },
      'huawei-aicc': {
        target: '/aicc/released',
        env: {
          LAB_AICC_CONNECTED_URL: `${service}/aicc/connected/${config.AICC_GATE}`,
          LAB_AICC_DUPLICATES: 'accept'
        },
        skipped: /^old-key$/
      },
      'online-contact': {
        target: '/member/login',
        env: {
          LAB_COOKIE: member.cookie,
          LAB_ONLINE_CONTACT_ORIGIN: onlineContact,
          LAB_MEMBER_STATUS_URL: `${service}/member/login-status`,
          LAB_MEMBER_VERIFY_TOKEN_URL: `${service}/member/verify-token`,
          LAB_MEMBER_LINK_URL: `${service}/member/help?way=link`,
          LAB_MEMBER_SERVER_LOGIN_URL: `${service}/member/help?way=server`
        },
        // What a service signs for whoever asks, ours does not offer; below, our plugins do.
        skipped:
          /^(signed-fields|reordered-fields|member-number|null|blank|no-break-space|spaces|non-ascii|long-number|separator|slow-body)$/
      },
      // It signs what it knows of the member, and the number of the call: nothing that a caller may
      // choose.
      'itx-chat': {
        target: '/chat/session',
        env: { LAB_COOKIE: member.cookie },
        skipped: /^(?!genuine|secret-stays|not-kept|guest|duplicate-delivery|after-cut-connection)/
      },
      'oracle-csc': {
        target: `/api/calls/${callSerialNo}/screen-pop`,
        env: { LAB_COOKIE: agent.cookie, LAB_METHOD: 'POST' },
        skipped:
          /^(?!genuine|secret-stays|not-kept|guest|duplicate-delivery|after-cut-connection|slow-body)/
      }
    }
  t.same(Object.keys(checks).sort(), Object.keys(labVendors).sort())
  for (const [vendor, { target, env = {}, skipped }] of Object.entries(checks)) {
    const { exitCode, findings, text } = await check([
      '--vendor',
      vendor,
      '--target',
      service + target
    ], { ...keys, ...env })
    t.equal(exitCode, 0, `${vendor}: ${text}`)
    t.same(
      findings.filter(({ name, verdict }) => verdict === 'skipped' && !skipped.test(name)),
      [],
      `${vendor}: nothing else is skipped`
    )
  }

  const another = {
    ...keys,
    ITX_SECRET: 'another-secret-0001',
    LAB_OLD_KEY: config.ITX_SECRET,
    LAB_COOKIE: member.cookie
  }
  const { exitCode, findings } = await check([
    '--vendor',
    'itx-chat',
    '--target',
    `${service}/chat/session`,
    '--only',
    'genuine'
  ], another)
  t.match({ exitCode, findings }, {
    exitCode: 1,
    findings: [{ verdict: 'wrong', explanation: /signed with the key "the old key"/ }]
  }, 'the kit explains what the service signed')
})

async function signedInMember (service: string): Promise<Browser> {
  const member = new Browser()
  const { action, fields } = formOf(
    await (await member.request(`${service}/member/login`)).text(),
    service
  )
  await member.postForm(action, {
    ...fields,
    login: demoSignIns.members[0].login,
    password: demoSignIns.members[0].password
  })
  return member
}

t.test('our plugins pass what only a service that signs for whoever asks can be asked', async t => {
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
      /signed with the key "another key"/
    ],
    ['huawei-aicc', await brokenHuaweiAicc(t, 'keeps spaces'), 'spaces', /Spaces were not removed/],
    [
      'huawei-aicc',
      await brokenHuaweiAicc(t, 'leaves null out'),
      'null',
      /Null or empty .* were left out/
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
    t.notMatch(text, key, 'the key is in no explanation')
  }
})

t.test('regression: a wrong key was dozens of rows, and nobody said which key', async t => {
  const target = `${await brokenContiple(t, '')}/`
  const argv = ['--vendor', 'contiple', '--target', target]
  const unset = await check(argv, { LAB_CALLER: caller })
  t.equal(unset.exitCode, 1)
  t.strictSame(unset.findings.map(({ name }) => name), ['genuine'], 'one case, and no more')
  t.match(
    unset.text,
    /^Key: CONTIPLE_KEY is not set: the lab signs with its public default key\.\n/
  )
  t.match(unset.text, /The genuine request fails, so the other cases were skipped/)
  const other = await check([...argv, '--only', 'genuine'], {
    CONTIPLE_KEY: 'another-key-of-the-lab',
    LAB_CALLER: caller
  })
  t.match(other.text, /^Key: CONTIPLE_KEY, from the environment\.\n/)
  t.notMatch(other.text, 'another-key-of-the-lab', 'never the value')
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

t.test('exit code 2 if nothing can be checked, or a key is an argument', async t => {
  const target = ['--target', 'http://127.0.0.1:9/']
  const refused: Array<[RegExp, string[], Record<string, string>?]> = [
    [/--target must be/, ['--vendor', 'contiple']],
    [/--vendor must be one of/, target],
    [/--vendor must be one of/, ['--vendor', 'toString', ...target]],
    [/nothing answers/, ['--vendor', 'contiple', ...target]],
    [/no case "nothing"/, ['--vendor', 'contiple', ...target, '--only', 'nothing']],
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

t.test('as commands', async t => {
  const url = await brokenContiple(t, '')
  const run = async (args: string[]) =>
    await ended(lab(args, { CONTIPLE_KEY: key, LAB_CALLER: caller }))
  const right = await run([
    'check',
    '--vendor',
    'contiple',
    '--target',
    url,
    '--only',
    'genuine',
    '--json'
  ])
  t.equal(right.status, 0)
  t.match(JSON.parse(right.out), {
    vendor: 'contiple',
    exitCode: 0,
    findings: [{ name: 'genuine', verdict: 'right', sent: { url } }]
  })
  t.match(await run(['check']), { status: 2, err: /--target/ })
  t.match(await run(['nothing']), { status: 2, err: /npm run lab/ })

  const running = lab([], { LAB_PORT: '0' })
  t.after(() => {
    running.kill()
  })
  const printed = await firstLines(running)
  t.equal([...printed.matchAll(/http:\/\/127\.0\.0\.1:[0-9]+\/lab/g)].length, 5)
  const taken = new URL(url).port
  t.match(await ended(lab([], { LAB_PORT: taken })), { status: 2, err: `Port ${taken} is taken` })
})

function lab (args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [
    '--import=tsx',
    '--conditions=fastify-contact-center-source',
    'examples/lab.ts',
    ...args
  ], {
    cwd: root,
    env: { PATH: process.env['PATH'], NODE_V8_COVERAGE: '', ...env }
  })
}

async function ended (
  child: ChildProcess
): Promise<{ status: number | null, out: string, err: string }> {
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  return await new Promise(resolve => {
    child.on('close', status => resolve({ status, out, err }))
  })
}

async function firstLines (child: ChildProcess, until = 'Ctrl+C'): Promise<string> {
  let printed = ''
  return await new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes(until)) resolve(printed)
    })
    child.on('exit', () => reject(new Error(`it ended: ${printed}`)))
  })
}

t.test("the vendors' side does faults and takes settings, by page and by HTTP", async t => {
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
    why: /for ever/,
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

t.test('a page of another site can neither have the lab sign for it nor change its settings', async t => {
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

t.test('a service in Python passes', {
  skip: python() === null && 'python3 is not on this machine'
}, async t => {
  const child = spawn('python3', ['examples/other-languages/contiple_server.py'], {
    cwd: root,
    env: { PATH: process.env['PATH'], CONTIPLE_KEY: key, PORT: '0' }
  })
  t.after(() => {
    child.kill()
  })
  const target = (await firstLines(child, '/\n')).trim()
  const { exitCode, text } = await check(['--vendor', 'contiple', '--target', target], {
    CONTIPLE_KEY: key
  })
  t.equal(exitCode, 0, text)
})

function python (): string | null {
  return spawnSync('python3', ['--version']).status === 0 ? 'python3' : null
}

t.test('docs/guides/lab-cases.md names the cases of each fault, or why there is none', async t => {
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

t.test('what the environment sets a page sets, and the other way round', async t => {
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
    { message: /itx-chat: "sometimes" are no opening hours/ }
  )
})

t.test('docs/guides/lab.md has the table of settings', async t => {
  t.match(readFileSync(new URL('docs/guides/lab.md', root), 'utf8'), labSettingsTable())
})
