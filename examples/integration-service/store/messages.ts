import { sql } from 'kysely'
import type { ChannelName, Db, MessageRow } from './tables.ts'

/**
 * The status of a company's message: the higher one wins, in any order of arrival. A message that
 * failed and is delivered after all is delivered.
 */
export const statuses = {
  /** Sent to the vendor, which has not answered yet. */
  sending: 0,
  /** Sent, but it is unknown whether the vendor has it. */
  uncertain: 1,
  sent: 2,
  failed: 3,
  delivered: 4,
  read: 5
} as const

/** The contact's messages have no delivery status. */
export const received = statuses.read

/** Adds a contact's message; its id is derived from the vendor's. False if it is already stored. */
export async function addReceived (db: Db, message: MessageRow): Promise<boolean> {
  const added = await db.insertInto('messages').values(message)
    .onConflict(conflict => conflict.column('id').doNothing()).returning('id').execute()
  return added.length > 0
}

/** Clears a message that the contact took back, even if it arrives later. */
export async function unsend (db: Db, message: MessageRow): Promise<void> {
  await db.insertInto('messages').values(message)
    .onConflict(conflict => conflict.column('id').doUpdateSet({ kind: message.kind, text: '' }))
    .execute()
}

/** Stores an agent's message before it is sent. Returns the stored one if the id is taken. */
export async function addOutgoing (
  db: Db,
  message: MessageRow
): Promise<{ isNew: boolean, row: MessageRow }> {
  const added = await db.insertInto('messages').values(message)
    .onConflict(conflict => conflict.column('id').doNothing()).returning('id').execute()
  if (added.length > 0) return { isNew: true, row: message }
  return { isNew: false, row: await messageById(db, message.id) ?? message }
}

export async function messageById (db: Db, id: string): Promise<MessageRow | undefined> {
  return await db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
}

/** A vendor's status of a message. */
export interface StatusReport {
  readonly channel: ChannelName
  readonly vendorId: string
  readonly status: number
  readonly error: string | null
  /** Epoch milliseconds. */
  readonly at: number
}

/** A message whose status changed. */
export type ChangedMessage = Pick<MessageRow, 'id' | 'conversation_id' | 'status'>

/**
 * Stores a vendor's status of a message, and returns the message if that changes it. `messageId` is
 * our id, if the vendor returns it: this also stores the vendor's id.
 */
export async function saveStatus (
  db: Db,
  report: StatusReport,
  messageId?: string
): Promise<ChangedMessage | undefined> {
  // First, as in nameMessage: of two concurrent transactions, the second sees the first one's row.
  const { status, error } = await mergeStatus(db, report)
  const { channel, vendorId } = report
  if (messageId !== undefined) {
    await db.updateTable('messages').set({ vendor_id: vendorId })
      .where('id', '=', messageId).where('channel', '=', channel)
      .where('vendor_id', 'is', null).where('agent_id', 'is not', null).execute()
  }
  return await db.updateTable('messages').set({ status, error })
    .where('channel', '=', channel).where('vendor_id', '=', vendorId)
    .where('agent_id', 'is not', null).where('status', '<', status)
    .returning(['id', 'conversation_id', 'status']).executeTakeFirst()
}

/** The vendor accepted the message and gave it this id. */
export async function saveVendorId (
  db: Db,
  id: string,
  { vendorId, ...report }: Omit<StatusReport, 'status' | 'error'>
): Promise<void> {
  const sentReport = { ...report, vendorId, status: statuses.sent, error: null }
  const { status, error } = await mergeStatus(db, sentReport)
  await db.updateTable('messages').set({ vendor_id: vendorId }).where('id', '=', id).execute()
  await db.updateTable('messages').set({ status, error })
    .where('id', '=', id).where('status', '<', status).execute()
}

/** The vendor rejected the message, or the outcome is unknown. */
export async function markNotSent (
  db: Db,
  id: string,
  status: typeof statuses.failed | typeof statuses.uncertain,
  error: string
): Promise<void> {
  await db.updateTable('messages').set({ status, error })
    .where('id', '=', id).where('status', '<', status).execute()
}

/** Messages whose process ended before the vendor answered. */
export async function markOverdueUncertain (db: Db, before: number): Promise<ChangedMessage[]> {
  return await db.updateTable('messages').set({ status: statuses.uncertain, error: 'INTERRUPTED' })
    .where('status', '=', sql.lit(statuses.sending)).where('at', '<', before)
    .returning(['id', 'conversation_id', 'status']).execute()
}

export async function hasOverdueMessages (db: Db, before: number): Promise<boolean> {
  const row = await db.selectFrom('messages').select('id')
    .where('status', '=', sql.lit(statuses.sending)).where('at', '<', before)
    .limit(1).executeTakeFirst()
  return row !== undefined
}

/** The status after this report. */
async function mergeStatus (
  db: Db,
  { channel, vendorId, status, error, at }: StatusReport
): Promise<{ status: number, error: string | null }> {
  const isHigher = sql`message_statuses.status < excluded.status`
  return await db.insertInto('message_statuses')
    .values({ channel, vendor_id: vendorId, status, error, at })
    .onConflict(conflict =>
      conflict.columns(['channel', 'vendor_id']).doUpdateSet({
        status: sql<number>`case when ${isHigher} then excluded.status
          else message_statuses.status end`,
        error: sql<string | null>`case when ${isHigher} then excluded.error
          else message_statuses.error end`
      })
    )
    .returning(['status', 'error']).executeTakeFirstOrThrow()
}

/** The end of a page of messages. */
export interface MessagePosition {
  readonly at: number
  readonly arrived: number
  readonly id: string
}

/** Newest first. */
export async function latestMessages (
  db: Db,
  { conversationId, before, limit }: {
    conversationId: string,
    before?: MessagePosition | undefined,
    limit: number
  }
): Promise<MessageRow[]> {
  let query = db.selectFrom('messages').selectAll().where('conversation_id', '=', conversationId)
    .orderBy('at', 'desc').orderBy('arrived', 'desc').orderBy('id', 'desc').limit(limit)
  if (before !== undefined) {
    query = query.where(
      sql<boolean>`(at, arrived, id) < (${before.at}, ${before.arrived}, ${before.id})`
    )
  }
  return await query.execute()
}

/** The newest message of each conversation. */
export async function lastMessages (
  db: Db,
  conversationIds: readonly string[]
): Promise<Map<string, MessageRow>> {
  if (conversationIds.length === 0) return new Map()
  const newest = sql<string>`(
    select (
      select id from messages as one where one.conversation_id = conversations.id
      order by at desc, arrived desc, id desc limit 1
    ) from conversations where id in (${sql.join(conversationIds)})
  )`
  const rows = await db.selectFrom('messages').selectAll().where('id', 'in', newest).execute()
  return new Map(rows.map(row => [row.conversation_id, row]))
}
