import type { ChatRow, Db } from './tables.ts'

/** Adds a chat, or brings the one with this id up to date. */
export async function saveChat (db: Db, chat: ChatRow): Promise<void> {
  const { name, verified, data, updated_at: updatedAt } = chat
  await db.insertInto('chats').values(chat)
    .onConflict(conflict =>
      conflict.column('id').doUpdateSet({ name, verified, data, updated_at: updatedAt })
    )
    .execute()
}

/** The newest chats first. */
export async function latestChats (db: Db, limit: number): Promise<ChatRow[]> {
  return await db.selectFrom('chats').selectAll().orderBy('created_at', 'desc').orderBy(
    'id',
    'desc'
  ).limit(limit).execute()
}

/** Takes back that the member's chats are verified; gives the ids of those that were. */
export async function outdateChats (db: Db, memberId: string, now: number): Promise<string[]> {
  const rows = await db.updateTable('chats').set({ verified: 0, updated_at: now })
    .where('member_id', '=', memberId).where('verified', '=', 1)
    .returning('id').execute()
  return rows.map(({ id }) => id)
}
