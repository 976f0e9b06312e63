import type { FastifyInstance } from 'fastify'
import { takeReplyToken, touchConversation } from '../store/conversations.ts'
import type { ConversationRow, MessageRow, Store } from '../store/index.ts'
import { addOutgoing, markNotSent, saveVendorId, statuses } from '../store/messages.ts'
import { type Channel, NotSent } from './channel.ts'
import { MessageNotSent, MessageUncertain } from './errors.ts'
import { addTimelineEntry } from './store-delivery.ts'

/**
 * Stores an agent's message before it is sent, and takes the reply token for it, if the channel has
 * one. A message whose id is already stored is returned as it is.
 */
export async function storeOutgoing (
  store: Store,
  conversation: ConversationRow,
  channel: Channel,
  message: MessageRow
) {
  return await store.commit(async ({ db, publish }) => {
    const added = await addOutgoing(db, message)
    if (!added.isNew) return { ...added, replyToken: null }
    await touchConversation(db, conversation.id, message.at)
    await addTimelineEntry(db, conversation.id, message.at)
    publish('conversation.message', {
      conversationId: conversation.id,
      messageId: message.id,
      agentId: message.agent_id
    })
    const { replyTokenMs } = channel
    return {
      ...added,
      replyToken: replyTokenMs === null
        ? null
        : await takeReplyToken(db, conversation.id, message.at - replyTokenMs)
    }
  })
}

/**
 * Sends a stored message, and stores the outcome.
 * @throws {MessageNotSent} if the vendor has not accepted it
 * @throws {MessageUncertain} if the outcome is unknown
 */
export async function sendMessage (
  { store, now }: Pick<FastifyInstance, 'store' | 'now'>,
  { id: conversationId, contact_id: contactId }: ConversationRow,
  channel: Channel,
  message: { id: string, text: string, replyToken: string | null }
): Promise<void> {
  const { id } = message
  const eventData = { conversationId, messageId: id }
  try {
    const vendorId = await channel.send({ ...message, contactId })
    await store.commit(async ({ db, publish }) => {
      await saveVendorId(db, id, { channel: channel.name, vendorId, at: now() })
      publish('conversation.status', { ...eventData, status: 'sent' })
    })
  } catch (error) {
    const isKnownFailure = error instanceof NotSent
    const status = isKnownFailure ? 'failed' : 'uncertain'
    const reason = isKnownFailure ? error.reason : 'NO_ANSWER'
    await store.commit(async ({ db, publish }) => {
      await markNotSent(db, id, statuses[status], reason)
      publish('conversation.status', { ...eventData, status })
    })
    const cause = { cause: error }
    throw isKnownFailure ? new MessageNotSent(reason, cause) : new MessageUncertain(cause)
  }
}
