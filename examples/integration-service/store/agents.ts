import type { AgentRow, Db } from './tables.ts'

export async function agentByLogin (db: Db, login: string): Promise<AgentRow | undefined> {
  return await db.selectFrom('agents').selectAll().where('login', '=', login).executeTakeFirst()
}

export async function agentById (db: Db, id: string): Promise<AgentRow | undefined> {
  return await db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Adds the agent, no supervisor by default; one that has this login already stays as it is. */
export async function addAgent (
  db: Db,
  agent: Omit<AgentRow, 'role'> & Partial<Pick<AgentRow, 'role'>>
): Promise<void> {
  await db.insertInto('agents').values({ role: 'agent', ...agent }).onConflict(conflict =>
    conflict.column('login').doNothing()
  ).execute()
}

/** Which agent has which number. */
export async function agentsByPhone (db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('agents').select(['phone', 'id']).execute()
  return new Map(rows.map(({ phone, id }) => [phone, id]))
}

/** The names of all agents, by id. */
export async function agentNames (db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('agents').select(['id', 'name']).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
