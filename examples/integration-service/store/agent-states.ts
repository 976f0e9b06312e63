import type { AgentRow, AgentStateRow, Db } from './tables.ts'

export type Presence =
  & Pick<AgentRow, 'id' | 'name' | 'role'>
  & Pick<AgentStateRow, 'state' | 'reason' | 'since'>

/** The states of all signed-in agents, sorted by name. */
export async function presentAgents (db: Db, now: number): Promise<Presence[]> {
  return await db.selectFrom('agents')
    .innerJoin('agent_states', 'agent_states.agent_id', 'agents.id')
    .select(['agents.id', 'agents.name', 'agents.role', 'state', 'reason', 'since'])
    .where(where => where.exists(liveSessions(db, now)))
    .orderBy('agents.name').execute()
}

export async function stateOfAgent (db: Db, agentId: string): Promise<AgentStateRow | undefined> {
  return await db.selectFrom('agent_states').selectAll().where('agent_id', '=', agentId)
    .executeTakeFirst()
}

export async function saveState (db: Db, row: AgentStateRow): Promise<void> {
  const { agent_id: _, ...changes } = row
  await db.insertInto('agent_states').values(row)
    .onConflict(conflict => conflict.column('agent_id').doUpdateSet(changes)).execute()
}

/** Removes the states of agents without a session, and returns their ids. */
export async function removeStatesWithoutSession (db: Db, now: number): Promise<string[]> {
  const rows = await db.deleteFrom('agent_states')
    .where(where =>
      where.not(where.exists(
        where.selectFrom('sessions').select('sessions.id_hash')
          .whereRef('sessions.subject_id', '=', 'agent_states.agent_id')
          .where('sessions.kind', '=', 'agent').where('sessions.expires_at', '>', now)
      ))
    )
    .returning('agent_id').execute()
  return rows.map(({ agent_id: id }) => id)
}

/** Whether any agent has a state but no valid session. */
export async function hasStatesWithoutSession (db: Db, now: number): Promise<boolean> {
  const row = await db.selectFrom('agent_states').select('agent_id')
    .where(where =>
      where.not(where.exists(
        where.selectFrom('sessions').select('sessions.id_hash')
          .whereRef('sessions.subject_id', '=', 'agent_states.agent_id')
          .where('sessions.kind', '=', 'agent').where('sessions.expires_at', '>', now)
      ))
    )
    .limit(1).executeTakeFirst()
  return row !== undefined
}

function liveSessions (db: Db, now: number) {
  return db.selectFrom('sessions').select('sessions.id_hash')
    .whereRef('sessions.subject_id', '=', 'agents.id' as never)
    .where('sessions.kind', '=', 'agent').where('sessions.expires_at', '>', now)
}
