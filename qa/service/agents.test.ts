import { spawnSync } from 'node:child_process'
import t from 'tap'
import { childEnv, compiled } from '../../test/helper.ts'
import { onEachStore, service, sqliteUrl } from '../../test/integration-service/helper.ts'

const password = 'a password of some length'

onEachStore(t, 'npm run agents adds, lists, disables and changes passwords', async (t, url) => {
  const agents = (args: string[], input = '') =>
    spawnSync(process.execPath, [
      ...compiled,
      'examples/integration-service/agents/command.ts',
      ...args
    ], { encoding: 'utf8', input, env: { ...childEnv, DATABASE_URL: url } })
  const supervisor = ['--name', '김미나', '--phone', '010-1234-5678', '--role', 'supervisor']

  t.match(agents(['add', 'mina', ...supervisor], `${password}\n`), { status: 0, stderr: '' })
  t.match(agents(['add', 'mina', ...supervisor], `${password}\n`), {
    status: 1,
    stderr: 'the agent mina already exists\n'
  })
  t.equal(agents(['list']).stdout, 'mina\tsupervisor\t+821012345678\t김미나\n')

  const { app } = await service(t, { DATABASE_URL: url })
  const signIn = async (password: string) =>
    await app.inject({
      method: 'POST',
      url: '/api/agents/session',
      payload: { login: 'mina', password }
    })
  const signedIn = await signIn(password)
  t.match(signedIn.json(), { name: '김미나', role: 'supervisor' })
  const cookie = `agent=${signedIn.cookies[0]?.value}`
  const status = async () =>
    (await app.inject({ url: '/api/agents/session', headers: { cookie } })).statusCode
  t.equal(await status(), 200)

  t.equal(agents(['disable', 'mina']).status, 0)
  t.equal(await status(), 401, 'a disabled agent is signed out')
  t.equal((await signIn(password)).statusCode, 401)
  t.match(agents(['list']).stdout, '\tdisabled\n')

  t.equal(agents(['enable', 'mina']).status, 0)
  t.equal(agents(['password', 'mina'], 'another password\n').status, 0)
  t.equal((await signIn(password)).statusCode, 401)
  t.equal((await signIn('another password')).statusCode, 200)
})

t.test('npm run agents refuses impossible changes, and passwords as arguments', async t => {
  const url = sqliteUrl(t)
  const agents = (...args: string[]) =>
    spawnSync(process.execPath, [
      ...compiled,
      'examples/integration-service/agents/command.ts',
      ...args
    ], { encoding: 'utf8', input: 'short\n', env: { ...childEnv, DATABASE_URL: url } })
  for (
    const [args, reason] of [
      [[], /^Usage/],
      [['list', 'mina'], /^Usage/],
      [['remove', 'mina'], /^unknown command remove\n\nUsage/],
      [['add'], /^add needs a LOGIN\n\nUsage/],
      [['add', 'mina', '--name', 'Mina'], /^add needs --name and --phone\n\nUsage/],
      [['add', 'mina', '--name', 'Mina', '--phone', 'none'], /^--phone must be/],
      [
        ['add', 'mina', '--name', 'Mina', '--phone', '010-1234-5678'],
        /^The password must have 10 to/
      ],
      [['add', 'mina', '--password', 'secret'], /^Unknown option '--password'\n\nUsage/],
      [['disable', 'nobody'], /^unknown agent nobody$/m]
    ] as const
  ) {
    const { status, stderr } = agents(...args)
    t.equal(status, 1, args.join(' '))
    t.match(stderr, reason)
  }
})
