import type { AgentRow, Db } from './tables.ts'

export async function agentByLogin (db: Db, login: string): Promise<AgentRow | undefined> {
  return await db.selectFrom('agents').selectAll().where('login', '=', login).executeTakeFirst()
}

export async function agentById (db: Db, id: string): Promise<AgentRow | undefined> {
  return await db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Adds the agent; one that has this login already stays as it is. */
export async function addAgent (db: Db, agent: AgentRow): Promise<void> {
  await db.insertInto('agents').values(agent).onConflict(conflict =>
    conflict.column('login').doNothing()
  ).execute()
}
