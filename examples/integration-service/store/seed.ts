import { hashPassword } from '../sign-in/password.ts'
import { addAgent } from './agents.ts'
import { saveCustomers } from './customers.ts'
import type { Store } from './index.ts'
import { addMember } from './members.ts'

/** Users of the demonstration. */
export const demoSignIns = {
  agents: [
    {
      login: 'minji',
      password: 'demo-agent-1',
      name: 'Kim Min-ji',
      phone: '+82215881001',
      csc_username: 'minji.kim'
    },
    {
      login: 'jonas',
      password: 'demo-agent-2',
      name: 'Jonas Weber',
      phone: '+82215881002',
      csc_username: 'jonas.weber'
    },
    {
      login: 'sora',
      password: 'demo-agent-3',
      name: 'Park So-ra',
      phone: '+82215881003',
      csc_username: 'sora.park',
      role: 'supervisor'
    }
  ],
  members: [
    {
      login: 'gildong',
      password: 'demo-member-1',
      name: '홍길동',
      email: 'gildong@example.com',
      phone: '+821012345678',
      member_no: 'M-1001'
    },
    {
      login: 'ase',
      password: 'demo-member-2',
      name: 'Åse Nordmann',
      email: 'ase@example.com',
      phone: '+4740612345',
      member_no: null
    }
  ]
} as const

const demoCustomers = [
  {
    id: 'c-1001',
    name: '홍길동',
    phone: '+821012345678',
    email: 'gildong@example.com',
    note: 'Prefers to be called in the afternoon'
  },
  {
    id: 'c-1002',
    name: 'Åse Nordmann',
    phone: '+4740612345',
    email: 'ase@example.com',
    note: null
  },
  {
    id: 'c-1003',
    name: 'Maria da Silva',
    phone: '+5511961234567',
    email: null,
    note: 'Return of order 77-4312 is open'
  }
] as const

/**
 * Adds demonstration data; existing data is not changed. `hash` hashes passwords: tests pass a
 * cheap one.
 */
export async function seedDemo (
  store: Store,
  { now = Date.now(), hash = hashPassword }: {
    now?: number,
    hash?: (password: string) => Promise<string>
  } = {}
): Promise<void> {
  const createUser = async <T extends { login: string, password: string }>(
    { password, ...user }: T
  ) => ({ ...user, id: user.login, password_hash: await hash(password), created_at: now })
  const agents = await Promise.all(demoSignIns.agents.map(createUser))
  const members = await Promise.all(demoSignIns.members.map(createUser))
  await store.commit(async ({ db }) => {
    await saveCustomers(db, demoCustomers.map(customer => ({ ...customer, created_at: now })))
    for (const agent of agents) await addAgent(db, agent)
    for (const member of members) await addMember(db, member)
  })
}
