import { createHash } from 'node:crypto'
import { toE164 } from '../customers/phone.ts'
import { conversationById, saveContact } from '../store/conversations.ts'
import { customersByPhone } from '../store/customers.ts'
import { saveEntry } from '../store/customer-entries.ts'
import type { Change, ChannelName, Db, MessageRow } from '../store/index.ts'
import {
  addReceived,
  saveStatus,
  received,
  type StatusReport,
  statuses,
  unsend
} from '../store/messages.ts'

/** A contact's message, as the vendor delivered it. */
export interface Incoming {
  readonly channel: ChannelName
  readonly vendorId: string
  readonly contactId: string
  readonly contactName: string | null
  /** The number that the vendor has verified, in any spelling. */
  readonly number: string | null
  readonly kind: string
  readonly text: string
  readonly replyToken: string | null
  /** Epoch milliseconds. */
  readonly at: number
}

/** One item of a vendor's delivery. */
export type DeliveryItem =
  | { readonly type: 'message', readonly message: Incoming }
  | { readonly type: 'unsent', readonly message: Incoming }
  | { readonly type: 'status', readonly status: StatusReport, readonly messageId?: string }

export interface DeliveryContext {
  readonly region: string
  readonly now: number
  /** Older messages were removed, and are not stored again; epoch milliseconds. */
  readonly oldest: number
}

/** Stores the items of a delivery: each message once, in any order and however often it arrives. */
export async function storeDelivery (
  change: Change,
  items: readonly DeliveryItem[],
  context: DeliveryContext
): Promise<{ stored: number, repeated: number }> {
  // The same order in every process prevents deadlocks between processes that store the same items.
  const ordered = items.map((item, index) => ({ item, index })).sort((a, b) =>
    keyOf(a.item) < keyOf(b.item) ? -1 : 1
  )
  let stored = 0
  for (const { item, index } of ordered) {
    const isNew = item.type === 'status'
      ? await storeStatus(change, item.status, item.messageId)
      : await storeMessage(change, item, { ...context, index })
    if (isNew) stored++
  }
  return { stored, repeated: items.length - stored }
}

async function storeMessage (
  { db, publish }: Change,
  { type, message }: { type: 'message' | 'unsent', message: Incoming },
  { region, now, oldest, index }: DeliveryContext & { index: number }
): Promise<boolean> {
  const { channel, contactId, vendorId, at: sentAt } = message
  // A vendor's fast clock must not keep a message above all later ones.
  const at = Math.min(sentAt, now)
  if (at < oldest) return false
  const conversationId = hashConversationId(channel, contactId)
  const row: MessageRow = {
    id: hashId('message', channel, vendorId),
    conversation_id: conversationId,
    channel,
    vendor_id: vendorId,
    agent_id: null,
    kind: type === 'unsent' ? 'unsent' : message.kind,
    text: type === 'unsent' ? '' : message.text.toWellFormed(),
    status: received,
    error: null,
    at,
    arrived: now * 1000 + index
  }
  if (type === 'unsent') await unsend(db, row)
  else if (!await addReceived(db, row)) return false
  await saveContact(db, {
    id: conversationId,
    channel,
    contactId,
    contactName: message.contactName?.toWellFormed() ?? null,
    customerNumber: message.number === null ? null : await findNumber(db, message.number, region),
    replyToken: message.replyToken,
    at,
    now
  })
  await addTimelineEntry(db, conversationId, at)
  publish('conversation.message', { conversationId, messageId: row.id, agentId: null })
  return true
}

/** Adds one entry a day to the customer's timeline. */
export async function addTimelineEntry (
  db: Db,
  conversationId: string,
  at: number
): Promise<void> {
  const conversation = await conversationById(db, conversationId)
  if (conversation === undefined || conversation.customer_number === null) return
  const { channel, customer_number: customerNumber } = conversation
  const day = new Date(at).toISOString().slice(0, 10)
  await saveEntry(db, {
    id: `messages-${conversationId}-${day}`,
    customer_number: customerNumber,
    kind: 'messages',
    at,
    data: JSON.stringify({ conversationId, channel })
  })
}

async function storeStatus (
  { db, publish }: Change,
  status: StatusReport,
  messageId: string | undefined
): Promise<boolean> {
  const changed = await saveStatus(db, status, messageId)
  if (changed === undefined) return false
  publish('conversation.status', {
    conversationId: changed.conversation_id,
    messageId: changed.id,
    status: statusName(changed.status)
  })
  return true
}

export function statusName (status: number): keyof typeof statuses {
  const names = Object.keys(statuses) as Array<keyof typeof statuses>
  return names.find(name => statuses[name] === status) ?? 'sent'
}

/**
 * The customer's number as the company stores it. WhatsApp reports some Brazilian mobile numbers
 * without the ninth digit that was added later.
 */
async function findNumber (db: Db, text: string, region: string): Promise<string | null> {
  const [, area, rest] = /^\+55([0-9]{2})([6-9][0-9]{7})$/.exec(text) ?? []
  const candidates = [text, ...area === undefined ? [] : [`+55${area}9${rest}`]].flatMap(text =>
    toE164(text, region) ?? []
  )
  if (candidates.length < 2) return candidates[0] ?? null
  const customers = await customersByPhone(db, candidates)
  return candidates.find(number => customers.has(number)) ?? candidates.at(-1) ?? null
}

/** One conversation per contact. The id does not reveal the contact. */
function hashConversationId (channel: ChannelName, contactId: string): string {
  return hashId('conversation', channel, contactId)
}

function hashId (...parts: string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('base64url').slice(0, 22)
}

function keyOf (item: DeliveryItem): string {
  return item.type === 'status'
    ? `status ${item.status.vendorId}`
    : `message ${item.message.contactId} ${item.message.vendorId}`
}
