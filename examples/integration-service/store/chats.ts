import type { ChatRow, Db } from './tables.ts'

/** Adds a chat, or brings the one with this id up to date. */
export async function saveChat (db: Db, chat: ChatRow): Promise<void> {
  const { name, verified, data, updated_at: updatedAt } = chat
  await db.insertInto('chats').values(chat)
    .onConflict(conflict => conflict.column('id').doUpdateSet({ name, verified, data, updated_at: updatedAt }))
    .execute()
}

/** The newest chats first. */
export async function latestChats (db: Db, limit: number): Promise<ChatRow[]> {
  return await db.selectFrom('chats').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}
