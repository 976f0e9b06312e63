import { sql } from 'kysely'
import type { AgentRow, Db } from './tables.ts'

export async function agentByLogin (db: Db, login: string): Promise<AgentRow | undefined> {
  return await db.selectFrom('agents').selectAll().where('login', '=', login).executeTakeFirst()
}

export async function agentById (db: Db, id: string): Promise<AgentRow | undefined> {
  return await db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst()
}

/**
 * Adds the agent, by default not a supervisor. An existing agent with this login is not changed.
 * @returns whether it was added
 */
export async function addAgent (
  db: Db,
  agent: Omit<AgentRow, 'role' | 'disabled_at'> & Partial<Pick<AgentRow, 'role'>>
): Promise<boolean> {
  const row = { role: 'agent' as const, disabled_at: null, ...agent }
  const added = await db.insertInto('agents').values(row)
    .onConflict(conflict => conflict.column('login').doNothing())
    .returning('id').executeTakeFirst()
  return added !== undefined
}

export async function allAgents (db: Db): Promise<AgentRow[]> {
  return await db.selectFrom('agents').selectAll().orderBy('login').execute()
}

/** @returns whether the agent exists */
export async function changeAgent (
  db: Db,
  login: string,
  change: Partial<Pick<AgentRow, 'password_hash' | 'disabled_at'>>
): Promise<boolean> {
  const changed = await db.updateTable('agents').set(change).where('login', '=', login)
    .returning('id').executeTakeFirst()
  if (changed === undefined) return false
  // A new password and a disabled account end all sessions.
  await db.deleteFrom('sessions').where('kind', '=', 'agent').where('subject_id', '=', changed.id)
    .execute()
  return true
}

/** The agents with these ids, sorted by name. */
export async function agentsById (db: Db, ids: readonly string[]): Promise<AgentRow[]> {
  if (ids.length === 0) return []
  return await db.selectFrom('agents').selectAll().where('id', 'in', ids).orderBy('name').execute()
}

/** Agent ids by number. If several agents have one number, the newest enabled one counts. */
export async function agentsByPhone (db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('agents').select(['phone', 'id'])
    .orderBy(sql`case when disabled_at is null then 1 else 0 end`).orderBy('created_at').execute()
  return new Map(rows.map(({ phone, id }) => [phone, id]))
}

/** All agents' names, by id. */
export async function agentNames (db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('agents').select(['id', 'name']).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
