// Manages the agents who may sign in at the desk: `npm run agents -- list`.
import { parseArgs } from 'node:util'
import { runCommand, UsageError } from '../command-line.ts'
import { loadStoreConfig } from '../config.ts'
import { toE164 } from '../customers/phone.ts'
import { hashPassword } from '../sign-in/password.ts'
import { addAgent, allAgents, changeAgent } from '../store/agents.ts'
import { openStore, type Store } from '../store/index.ts'
import { PasswordRefused, readPassword } from './read-password.ts'

const usage = `Usage: npm run agents -- COMMAND

  list
  add LOGIN --name NAME --phone NUMBER [--csc LOGIN] [--role agent|supervisor]
  password LOGIN     sets a new password; signs the agent out
  disable LOGIN      prevents sign-in; signs the agent out
  enable LOGIN       allows sign-in again

--phone is the agent's telephone. --csc is the login at Oracle CSC; default: LOGIN. The command
prompts for the password, or reads the first line of standard input.
DATABASE_URL and PHONE_REGION come from the environment.`

const commands: readonly string[] = ['list', 'add', 'password', 'disable', 'enable']

class AgentError extends Error {}

await runCommand({
  usage,
  run,
  explain: error =>
    error instanceof AgentError || error instanceof PasswordRefused ? error.message : undefined
})

async function run (): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      phone: { type: 'string' },
      csc: { type: 'string' },
      role: { type: 'string', default: 'agent' },
      help: { type: 'boolean' }
    }
  })
  if (values.help === true) return console.log(usage)
  const [command, login, ...extra] = positionals
  if (command === undefined || extra.length > 0) throw new UsageError()
  if (!commands.includes(command)) throw new UsageError(`unknown command ${command}`)
  if (command === 'list' && login !== undefined) throw new UsageError()
  if (command !== 'list' && login === undefined) throw new UsageError(`${command} needs a LOGIN`)
  const { DATABASE_URL, PHONE_REGION } = loadStoreConfig()
  const store = await openStore(DATABASE_URL)
  try {
    await runAgentCommand(store, command, login ?? '', { ...values, region: PHONE_REGION })
  } finally {
    await store.close()
  }
}

interface AgentOptions {
  readonly name?: string
  readonly phone?: string
  readonly csc?: string
  readonly role: string
  readonly region: string
}

async function runAgentCommand (
  store: Store,
  command: string,
  login: string,
  options: AgentOptions
): Promise<void> {
  if (command === 'list') return await listAgents(store)
  if (command === 'add') return await createAgent(store, login, options)
  if (command === 'password') {
    const passwordHash = await hashPassword(await readPassword())
    await updateAgent(store, login, { password_hash: passwordHash })
    console.log(`${login} has a new password`)
  } else if (command === 'disable') {
    await updateAgent(store, login, { disabled_at: Date.now() })
    console.log(`${login} is disabled and signed out`)
  } else {
    await updateAgent(store, login, { disabled_at: null })
    console.log(`${login} can sign in again`)
  }
}

async function listAgents (store: Store): Promise<void> {
  for (const agent of await store.read(allAgents)) {
    const { login, name, role, phone, disabled_at: disabledAt } = agent
    console.log([login, role, phone, name, ...disabledAt === null ? [] : ['disabled']].join('\t'))
  }
}

async function createAgent (
  store: Store,
  login: string,
  { name, phone, csc, role, region }: AgentOptions
): Promise<void> {
  if (name === undefined || phone === undefined) {
    throw new UsageError('add needs --name and --phone')
  }
  if (role !== 'agent' && role !== 'supervisor') {
    throw new AgentError('--role must be agent or supervisor')
  }
  const number = toE164(phone, region)
  if (number === null) throw new AgentError('--phone must be a telephone number')
  const agent = {
    id: crypto.randomUUID(),
    login,
    name,
    role,
    phone: number,
    csc_username: csc ?? login,
    password_hash: await hashPassword(await readPassword()),
    created_at: Date.now()
  } as const
  const added = await store.commit(async ({ db }) => await addAgent(db, agent))
  if (!added) throw new AgentError(`the agent ${login} already exists`)
  console.log(`${login} can sign in`)
}

async function updateAgent (
  store: Store,
  login: string,
  changes: Parameters<typeof changeAgent>[2]
): Promise<void> {
  const exists = await store.commit(async ({ db }) => await changeAgent(db, login, changes))
  if (!exists) throw new AgentError(`unknown agent ${login}`)
}
