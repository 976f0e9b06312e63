import { type Static, Type } from '@sinclair/typebox'
import { formatNumber } from '../customers/phone.ts'
import { Customer, toCustomerView } from '../customers/view.ts'
import { customersByPhone } from '../store/customers.ts'
import type { ConversationRow, Db, MessageRow } from '../store/index.ts'
import { lastMessages, statuses } from '../store/messages.ts'
import type { Channel } from './channel.ts'
import { statusName } from './store-delivery.ts'

const nullableText = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
const nullableTime = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description: `${description}; epoch milliseconds` })
const ChannelNames = Type.Union([Type.Literal('whatsapp'), Type.Literal('line')])
const statusNames = Object.keys(statuses) as Array<keyof typeof statuses>

/** A message as agents see it. */
export const Message = Type.Object({
  id: Type.String(),
  direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
  kind: Type.String({ description: '`text`, or the vendor’s type' }),
  text: Type.String(),
  agentId: nullableText('The agent who wrote it'),
  status: Type.Union([...statusNames.map(name => Type.Literal(name)), Type.Null()], {
    description: 'The status of our message; null for the contact’s'
  }),
  error: nullableText('Why it was not sent or delivered: the vendor’s code, or ours'),
  at: Type.Integer({ description: 'Epoch milliseconds' })
})
export type Message = Static<typeof Message>

/** A conversation as agents see it. */
export const Conversation = Type.Object({
  id: Type.String(),
  channel: ChannelNames,
  contactId: Type.String({ description: 'The vendor’s id of the contact' }),
  contactName: nullableText('The name that the contact chose; unconfirmed'),
  customerNumber: nullableText('E.164'),
  customerNumberText: nullableText('The number, formatted'),
  customer: Type.Union([Customer, Type.Null()]),
  verified: Type.Boolean({
    description: 'Whether the vendor verified the customer’s number'
  }),
  linkedBy: nullableText('The agent who linked the customer'),
  waiting: Type.Boolean({ description: 'Whether the contact wrote last' }),
  lastMessage: Type.Union([Message, Type.Null()]),
  lastAt: Type.Integer({ description: 'Epoch milliseconds' }),
  answerUntil: nullableTime('The vendor’s deadline for an answer; null: no limit'),
  maximumLength: Type.Union([Type.Integer(), Type.Null()], {
    description: 'The longest answer, in characters; null if this service cannot answer'
  })
})
export type Conversation = Static<typeof Conversation>

export function toMessageView (row: MessageRow): Message {
  const isOutgoing = row.agent_id !== null
  return {
    id: row.id,
    direction: isOutgoing ? 'out' : 'in',
    kind: row.kind,
    text: row.text,
    agentId: row.agent_id,
    status: isOutgoing ? statusName(row.status) : null,
    error: row.error,
    at: row.at
  }
}

/**
 * Reads the conversations' customers and newest messages, with two queries for any number of
 * conversations.
 */
export async function readConversationViews (
  db: Db,
  rows: readonly ConversationRow[],
  channels: ReadonlyMap<string, Channel>
): Promise<Conversation[]> {
  const customers = await customersByPhone(db, rows.flatMap(row => row.customer_number ?? []))
  const lastByConversation = await lastMessages(db, rows.map(({ id }) => id))
  return rows.map(row => {
    const number = row.customer_number
    const customer = customers.get(number ?? '')
    const channel = channels.get(row.channel)
    const message = lastByConversation.get(row.id)
    const windowMs = channel?.windowMs ?? null
    return {
      id: row.id,
      channel: row.channel,
      contactId: row.contact_id,
      contactName: row.contact_name,
      customerNumber: number,
      customerNumberText: number === null ? null : formatNumber(number),
      customer: customer === undefined ? null : toCustomerView(customer),
      verified: number !== null && row.linked_by === null,
      linkedBy: row.linked_by,
      waiting: message !== undefined && message.agent_id === null,
      lastMessage: message === undefined ? null : toMessageView(message),
      lastAt: row.last_at,
      answerUntil: windowMs === null || row.last_in_at === null ? null : row.last_in_at + windowMs,
      maximumLength: channel?.maximumLength ?? null
    }
  })
}
