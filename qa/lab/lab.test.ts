import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import t from 'tap'
import { Browser } from '../../examples/demo/tour/browser.ts'
import { startStack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { check } from '../../examples/lab/check.ts'
import { labSettings } from '../../examples/lab/settings.ts'
import { labVendors } from '../../examples/lab/vendors.ts'
import { parseForm } from '../../examples/simulators/shared/form.ts'
import { brokenContiple } from '../../test/lab/broken-contiple.ts'
import { caller, key } from '../../test/lab/broken.ts'

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
        // Our service signs nothing for arbitrary callers, so these cases are skipped. The plugins
        // cover them below.
        skipped:
          /^(signed-fields|reordered-fields|member-number|null|blank|no-break-space|spaces|non-ascii|long-number|separator|slow-body)$/
      },
      // The service signs its own data about the member and the call's number, never the caller's
      // input.
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

  const otherSettings = {
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
  ], otherSettings)
  t.match({ exitCode, findings }, {
    exitCode: 1,
    findings: [{ verdict: 'wrong', explanation: /signs with the key "the old key"/ }]
  }, 'the kit explains what the service signed')
})

async function signedInMember (service: string): Promise<Browser> {
  const member = new Browser()
  const { action, fields } = parseForm(
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

t.test('the lab works from the command line', async t => {
  const url = await brokenContiple(t, '')
  const run = async (args: string[]) =>
    await collectOutput(lab(args, { CONTIPLE_KEY: key, LAB_CALLER: caller }))
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
  t.match(await collectOutput(lab(['chek'], {})), { status: 2, err: /^unknown command chek\n/ })
  const takenPort = new URL(url).port
  t.match(await collectOutput(lab([], { LAB_PORT: takenPort })), {
    status: 2,
    err: `Port ${takenPort} is in use`
  })
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

async function collectOutput (
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
