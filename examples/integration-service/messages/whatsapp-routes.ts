import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  type InboundMessage,
  type MessagesValue,
  type MessageStatus,
  WhatsappNotification
} from 'fastify-contact-center/whatsapp'
import { statuses } from '../store/messages.ts'
import type { DeliveryItem } from './store-delivery.ts'
import { getProperty } from './vendor-api.ts'

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
      description: 'To our number. The service ignores messages to other numbers of the app.',
      tags: ['whatsapp'],
      body: WhatsappNotification
    }
  }, async (request) => {
    const items = request.body.entry.flatMap(({ changes }) =>
      changes.flatMap(({ field, value }) => {
        if (field !== 'messages') return []
        const messagesValue = value as MessagesValue
        return messagesValue.metadata.phone_number_id === phoneNumberId
          ? toItems(messagesValue)
          : []
      })
    )
    await app.storeMessages('whatsapp', items)
    return {}
  })
}

function toItems ({ contacts = [], messages = [], statuses = [] }: MessagesValue): DeliveryItem[] {
  const names = new Map(contacts.map(({ wa_id: id, profile }) => [id, profile?.name]))
  return [
    ...messages.flatMap(message => toMessageItems(message, names.get(message.from))),
    ...statuses.flatMap(toStatusItems)
  ]
}

function toMessageItems (message: InboundMessage, name: string | undefined): DeliveryItem[] {
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
      text: readText(message),
      replyToken: null,
      at: parseTime(timestamp)
    }
  }]
}

/** The readable text of a message of any type: captions, pressed buttons. */
function readText (message: InboundMessage): string {
  const content = getProperty(message, message.type)
  const reply = getProperty(content, 'button_reply') ?? getProperty(content, 'list_reply')
  const candidates = [
    getProperty(content, 'body'),
    getProperty(content, 'caption'),
    getProperty(content, 'text'),
    getProperty(content, 'emoji'),
    getProperty(reply, 'title'),
    getProperty(content, 'name')
  ]
  return String(candidates.find(candidate => typeof candidate === 'string') ?? '').slice(0, 10_000)
}

const statusCodes: Record<string, number> = {
  sent: statuses.sent,
  delivered: statuses.delivered,
  read: statuses.read,
  played: statuses.read,
  failed: statuses.failed
}

function toStatusItems (messageStatus: MessageStatus): DeliveryItem[] {
  const status = statusCodes[messageStatus.status]
  if (status === undefined) return []
  const messageId = getProperty(messageStatus, 'biz_opaque_callback_data')
  return [{
    type: 'status',
    status: {
      channel: 'whatsapp',
      vendorId: messageStatus.id,
      status,
      error: status === statuses.failed
        ? String(messageStatus.errors?.[0]?.code ?? 'FAILED')
        : null,
      at: parseTime(messageStatus.timestamp)
    },
    ...typeof messageId === 'string' && { messageId }
  }]
}

/** Converts Meta's seconds to epoch milliseconds. */
function parseTime (timestamp: string): number {
  return /^[0-9]{1,11}$/.test(timestamp) ? Number(timestamp) * 1000 : Date.now()
}
