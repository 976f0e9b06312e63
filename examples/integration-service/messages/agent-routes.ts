import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { agentOf } from '../agents/session.ts'
import { CursorInvalid } from '../calls/errors.ts'
import { NotANumber, toE164 } from '../customers/phone.ts'
import { problems } from '../operations/errors.ts'
import { conversationById, latestConversations, linkCustomer } from '../store/conversations.ts'
import type { ConversationRow, Db } from '../store/index.ts'
import { latestMessages, messageById, statuses } from '../store/messages.ts'
import { IdTaken, NoChannel, NoSuchConversation, NoText, TextTooLong } from './errors.ts'
import { sendMessage, storeOutgoing } from './send-message.ts'
import { addTimelineEntry } from './store-delivery.ts'
import { Conversation, readConversationViews, Message, toMessageView } from './view.ts'

const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 50 }) })
const nextCursor = Type.Union([Type.String(), Type.Null()])
const before = Type.Optional(
  Type.String({ maxLength: 160, description: '`next` of the previous page' })
)

/** Agents read messages, answer them, and link conversations to customers. */
export const messageRoutes: FastifyPluginAsyncTypebox = async function messageRoutes (app) {
  const { store, channels, now } = app
  app.addHook('onRequest', app.requireAgent)
  app.addHook('onRoute', (route) => {
    route.schema = { tags: ['messages'], security: [{ agentSession: [] }], ...route.schema }
  })

  app.get('/api/conversations', {
    schema: {
      summary: 'List conversations, newest message first',
      querystring: Type.Object({
        before,
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 })
      }),
      response: {
        200: Type.Object({ conversations: Type.Array(Conversation), next: nextCursor }),
        ...problems
      }
    }
  }, async ({ query: { before, limit } }) => {
    const [at, id] = before === undefined ? [] : parseCursor(before, 1)
    return await store.read(async (db) => {
      const rows = await latestConversations(db, {
        before: id === undefined ? undefined : { at: Number(at), id },
        limit: limit + 1
      })
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        conversations: await readConversationViews(db, page, channels),
        next: rows.length > limit && last !== undefined
          ? encodeCursor([last.last_at], last.id)
          : null
      }
    })
  })

  app.get('/api/conversations/:id', {
    schema: {
      summary: 'Get a conversation and its messages, newest first',
      params,
      querystring: Type.Object({
        before,
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 30 })
      }),
      response: {
        200: Type.Object({
          conversation: Conversation,
          messages: Type.Array(Message),
          next: nextCursor
        }),
        ...problems
      }
    }
  }, async ({ params: { id: conversationId }, query: { before, limit } }) => {
    const [at, arrived, id] = before === undefined ? [] : parseCursor(before, 2)
    return await store.read(async (db) => {
      const conversation = await readConversation(db, conversationId)
      const rows = await latestMessages(db, {
        conversationId,
        before: id === undefined ? undefined : { at: Number(at), arrived: Number(arrived), id },
        limit: limit + 1
      })
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        conversation: await readConversationView(db, conversation),
        messages: page.map(toMessageView),
        next: rows.length > limit && last !== undefined
          ? encodeCursor([last.at, last.arrived], last.id)
          : null
      }
    })
  })

  app.post('/api/conversations/:id/messages', {
    schema: {
      summary: 'Answer the contact',
      description:
        'The service stores the message, sends it, and later updates its status. It sends each id once.',
      params,
      body: Type.Object({
        id: Type.String({
          pattern: '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$',
          description: 'A UUID that the caller generates'
        }),
        text: Type.String({ minLength: 1, maxLength: 5000, pattern: '^[^\\u0000]*$' })
      }, { additionalProperties: false }),
      response: { 200: Message, 201: Message, ...problems }
    }
  }, async (request, reply) => {
    const { id, text } = request.body
    const conversation = await store.read(db => readConversation(db, request.params.id))
    const channel = channels.get(conversation.channel)
    if (channel === undefined) throw new NoChannel()
    if (text.trim() === '') throw new NoText()
    if (text.length > channel.maximumLength) throw new TextTooLong(channel.maximumLength)
    const at = now()
    const { isNew, row, replyToken } = await storeOutgoing(store, conversation, channel, {
      id,
      conversation_id: conversation.id,
      channel: channel.name,
      vendor_id: null,
      agent_id: agentOf(request).id,
      kind: 'text',
      text: text.toWellFormed(),
      status: statuses.sending,
      error: null,
      at,
      arrived: at * 1000
    })
    if (isNew) {
      await sendMessage(app, conversation, channel, { id, text: row.text, replyToken })
      return await reply.code(201).send(await readMessageView(id))
    }
    if (row.conversation_id !== conversation.id || row.text !== text.toWellFormed()) {
      throw new IdTaken()
    }
    return toMessageView(row)
  })

  app.put('/api/conversations/:id/customer', {
    schema: {
      summary: 'Link the contact to a customer',
      params,
      body: Type.Object({
        number: Type.Unsafe<string | null>({
          type: ['string', 'null'],
          maxLength: 40,
          description: 'In any spelling; null removes the link'
        })
      }, { additionalProperties: false }),
      response: { 200: Conversation, ...problems }
    }
  }, async (request) => {
    const { id } = request.params
    const { number } = request.body
    const conversation = await store.read(db => readConversation(db, id))
    const vendorNumber = conversation.channel === 'whatsapp'
      ? toE164(`+${conversation.contact_id}`, app.config.PHONE_REGION)
      : null
    const customerNumber = number === null ? vendorNumber : toE164(number, app.config.PHONE_REGION)
    if (number !== null && customerNumber === null) throw new NotANumber()
    const agentId = agentOf(request).id
    await store.commit(async ({ db, publish }) => {
      await linkCustomer(db, id, {
        customer_number: customerNumber,
        linked_by: customerNumber === vendorNumber ? null : agentId
      })
      await addTimelineEntry(db, id, conversation.last_at)
      publish('conversation.linked', { conversationId: id, agentId })
    })
    return await store.read(async db =>
      await readConversationView(db, await readConversation(db, id))
    )
  })

  async function readMessageView (id: string): Promise<Message> {
    const row = await store.read(db => messageById(db, id))
    if (row === undefined) throw new NoSuchConversation()
    return toMessageView(row)
  }

  async function readConversationView (db: Db, row: ConversationRow): Promise<Conversation> {
    const [view] = await readConversationViews(db, [row], channels)
    if (view === undefined) throw new NoSuchConversation()
    return view
  }
}

async function readConversation (db: Db, id: string): Promise<ConversationRow> {
  const conversation = await conversationById(db, id)
  if (conversation === undefined) throw new NoSuchConversation()
  return conversation
}

function encodeCursor (numbers: number[], id: string): string {
  return Buffer.from([...numbers, id].join('.')).toString('base64url')
}

/** @throws {CursorInvalid} */
function parseCursor (cursor: string, numbers: number): string[] {
  const text = Buffer.from(cursor, 'base64url').toString()
  const shape = new RegExp(`^${'([0-9]{1,16})\\.'.repeat(numbers)}([\\w-]{1,80})$`)
  const parts = shape.exec(text)?.slice(1)
  if (parts === undefined) throw new CursorInvalid()
  return parts
}
