import { sql } from 'kysely'
import type { ConversationRow, Db } from './tables.ts'

/** What a contact's message reports about its conversation. */
export interface ContactUpdate {
  readonly id: string
  readonly channel: ConversationRow['channel']
  readonly contactId: string
  readonly contactName: string | null
  /** E.164, if the vendor has verified it. */
  readonly customerNumber: string | null
  readonly replyToken: string | null
  /** When the message was written; epoch milliseconds. */
  readonly at: number
  readonly now: number
}

/** Inserts or updates the conversation. The newest message wins, in any order of arrival. */
export async function saveContact (db: Db, update: ContactUpdate): Promise<void> {
  const { id, channel, contactId, contactName, customerNumber, replyToken, at, now } = update
  const isNewer = sql`coalesce(conversations.last_in_at, -1) <= excluded.last_in_at`
  const pickNewer = (column: string) =>
    sql<never>`case when ${isNewer} then coalesce(excluded.${sql.ref(column)}, conversations.${
      sql.ref(column)
    }) else conversations.${sql.ref(column)} end`
  await db.insertInto('conversations').values({
    id,
    channel,
    contact_id: contactId,
    contact_name: contactName,
    customer_number: customerNumber,
    linked_by: null,
    reply_token: replyToken,
    reply_token_at: replyToken === null ? null : at,
    last_in_at: at,
    last_at: at,
    created_at: now
  }).onConflict(conflict =>
    conflict.column('id').doUpdateSet({
      contact_name: pickNewer('contact_name'),
      // An agent's link is kept.
      customer_number: sql<never>`case when conversations.linked_by is null
        then coalesce(excluded.customer_number, conversations.customer_number)
        else conversations.customer_number end`,
      reply_token: pickNewer('reply_token'),
      reply_token_at: pickNewer('reply_token_at'),
      last_in_at: pickNewer('last_in_at'),
      last_at: laterTime
    })
  ).execute()
}

const laterTime = sql<number>`case when conversations.last_at < excluded.last_at
  then excluded.last_at else conversations.last_at end`

export async function conversationById (
  db: Db,
  id: string
): Promise<ConversationRow | undefined> {
  return await db.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The end of a page of conversations. */
export interface ConversationPosition {
  readonly at: number
  readonly id: string
}

/** Most recent message first. */
export async function latestConversations (
  db: Db,
  { before, limit }: { before?: ConversationPosition | undefined, limit: number }
): Promise<ConversationRow[]> {
  let query = db.selectFrom('conversations').selectAll()
    .orderBy('last_at', 'desc').orderBy('id', 'desc').limit(limit)
  if (before !== undefined) {
    query = query.where(sql<boolean>`(last_at, id) < (${before.at}, ${before.id})`)
  }
  return await query.execute()
}

/** Records the time of a message. */
export async function touchConversation (db: Db, id: string, at: number): Promise<void> {
  await db.updateTable('conversations').set({ last_at: at })
    .where('id', '=', id).where('last_at', '<', at).execute()
}

/** Links the conversation to a customer, and records who did. */
export async function linkCustomer (
  db: Db,
  id: string,
  link: Pick<ConversationRow, 'customer_number' | 'linked_by'>
): Promise<void> {
  await db.updateTable('conversations').set(link).where('id', '=', id).execute()
}

/** Takes the reply token that arrived after `since`. Only one caller gets it. */
export async function takeReplyToken (
  db: Db,
  id: string,
  since: number
): Promise<string | null> {
  const row = await db.selectFrom('conversations').select('reply_token')
    .where('id', '=', id).where('reply_token_at', '>=', since).executeTakeFirst()
  const token = row?.reply_token ?? null
  if (token === null) return null
  const cleared = await db.updateTable('conversations')
    .set({ reply_token: null, reply_token_at: null })
    .where('id', '=', id).where('reply_token', '=', token).returning('id').execute()
  return cleared.length > 0 ? token : null
}
