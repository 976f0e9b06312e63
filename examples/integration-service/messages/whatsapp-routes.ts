import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  type InboundMessage,
  type MessagesValue,
  type MessageStatus,
  WhatsappNotification
} from 'fastify-contact-center/whatsapp'
import { statuses } from '../store/messages.ts'
import type { Told } from './keep.ts'
import { partOf } from './vendor-api.ts'

/**
 * `POST /whatsapp`: customers' messages, and the statuses of ours. `GET /whatsapp`: Meta verifies
 * the address.
 */
export const whatsappRoutes: FastifyPluginAsyncTypebox = async function whatsappRoutes (app) {
  const preValidation = app.whatsapp.verify
  const phoneNumberId = app.config.WHATSAPP_PHONE_NUMBER_ID

  app.get('/whatsapp', {
    preValidation,
    schema: { summary: 'Meta verifies the webhook', tags: ['whatsapp'] }
  }, async () => '')

  app.post('/whatsapp', {
    preValidation,
    schema: {
      summary: 'Messages and statuses (signed)',
      description: 'To our number. Messages to other numbers of the app are not stored.',
      tags: ['whatsapp'],
      body: WhatsappNotification
    }
  }, async (request) => {
    const told = request.body.entry.flatMap(({ changes }) =>
      changes.flatMap(({ field, value }) => {
        if (field !== 'messages') return []
        const news = value as MessagesValue
        return news.metadata.phone_number_id === phoneNumberId ? toldBy(news) : []
      })
    )
    await app.keepMessages('whatsapp', told)
    return {}
  })
}

function toldBy ({ contacts = [], messages = [], statuses = [] }: MessagesValue): Told[] {
  const names = new Map(contacts.map(({ wa_id: id, profile }) => [id, profile?.name]))
  return [
    ...messages.flatMap(message => toldByMessage(message, names.get(message.from))),
    ...statuses.flatMap(toldByStatus)
  ]
}

function toldByMessage (message: InboundMessage, name: string | undefined): Told[] {
  const { id, from, timestamp, type } = message
  if (!/^[0-9]{5,20}$/.test(from)) return []
  return [{
    type: 'message',
    message: {
      channel: 'whatsapp',
      vendorId: id,
      contactId: from,
      contactName: name?.slice(0, 200) || null,
      number: `+${from}`,
      kind: type,
      text: textOf(message),
      replyToken: null,
      at: timeOf(timestamp)
    }
  }]
}

/** The readable text of a message of any type: captions, pressed buttons. */
function textOf (message: InboundMessage): string {
  const content = partOf(message, message.type)
  const pressed = partOf(content, 'button_reply') ?? partOf(content, 'list_reply')
  const candidates = [
    partOf(content, 'body'),
    partOf(content, 'caption'),
    partOf(content, 'text'),
    partOf(content, 'emoji'),
    partOf(pressed, 'title'),
    partOf(content, 'name')
  ]
  return String(candidates.find(one => typeof one === 'string') ?? '').slice(0, 10_000)
}

const known: Record<string, number> = {
  sent: statuses.sent,
  delivered: statuses.delivered,
  read: statuses.read,
  played: statuses.read,
  failed: statuses.failed
}

function toldByStatus (news: MessageStatus): Told[] {
  const status = known[news.status]
  if (status === undefined) return []
  const messageId = partOf(news, 'biz_opaque_callback_data')
  return [{
    type: 'status',
    status: {
      channel: 'whatsapp',
      vendorId: news.id,
      status,
      error: status === statuses.failed ? String(news.errors?.[0]?.code ?? 'FAILED') : null,
      at: timeOf(news.timestamp)
    },
    ...typeof messageId === 'string' && { messageId }
  }]
}

/** Converts Meta's seconds to epoch milliseconds. */
function timeOf (timestamp: string): number {
  return /^[0-9]{1,11}$/.test(timestamp) ? Number(timestamp) * 1000 : Date.now()
}
