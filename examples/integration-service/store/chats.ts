import type { ChatRow, Db } from './tables.ts'

/** Inserts or updates a chat. */
export async function saveChat (db: Db, chat: ChatRow): Promise<void> {
  const { name, verified, data, updated_at: updatedAt, ends_at: endsAt } = chat
  await db.insertInto('chats').values(chat)
    .onConflict(conflict =>
      conflict.column('id').doUpdateSet({
        name,
        verified,
        data,
        updated_at: updatedAt,
        ends_at: endsAt
      })
    )
    .execute()
}

export async function chatById (db: Db, id: string): Promise<ChatRow | undefined> {
  return await db.selectFrom('chats').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Newest first. */
export async function latestChats (db: Db, limit: number): Promise<ChatRow[]> {
  return await db.selectFrom('chats').selectAll().orderBy('created_at', 'desc').orderBy(
    'id',
    'desc'
  ).limit(limit).execute()
}

/**
 * Ends a member's chats at sign-out, now or when the member's last other session ends. Returns the
 * ids of chats that end now.
 */
export async function endChats (db: Db, memberId: string, now: number): Promise<string[]> {
  const remaining = await db.selectFrom('sessions').select(({ fn }) =>
    fn.max('expires_at').as('last')
  )
    .where('subject_id', '=', memberId).where('kind', '=', 'member')
    .where('expires_at', '>', now).executeTakeFirst()
  const endsAt = remaining?.last ?? now
  const rows = await db.updateTable('chats').set({ ends_at: endsAt })
    .where('member_id', '=', memberId)
    .where(where => where.or([where('ends_at', 'is', null), where('ends_at', '>', endsAt)]))
    .returning('id').execute()
  return endsAt > now ? [] : rows.map(({ id }) => id)
}
