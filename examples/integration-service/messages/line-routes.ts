import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LineWebhook } from 'fastify-contact-center/line'
import type { Incoming, DeliveryItem } from './store-delivery.ts'
import { getProperty } from './vendor-api.ts'

type LineEvent = LineWebhook['events'][number]

/** `POST /line`: messages that customers send or take back. */
export const lineRoutes: FastifyPluginAsyncTypebox = async function lineRoutes (app) {
  app.post('/line', {
    preValidation: app.line.verify,
    schema: {
      summary: 'Messages (signed)',
      description: 'From single users. The service ignores groups, rooms and standby mode.',
      tags: ['line'],
      body: LineWebhook
    }
  }, async (request) => {
    await app.storeMessages('line', request.body.events.flatMap(toItems))
    return {}
  })
}

function toItems (event: LineEvent): DeliveryItem[] {
  const userId = event.source?.userId
  const isSingleUser = event.source?.type === 'user' && userId !== undefined
  if (!isSingleUser || event.mode !== 'active') return []
  const message = getProperty(event, 'message')
  const common = {
    channel: 'line',
    contactId: userId.slice(0, 100),
    contactName: null,
    number: null,
    at: event.timestamp
  } as const
  if (event.type === 'message') {
    const { id, type, text } = message as { id: string, type: string, text?: string }
    return [{
      type: 'message',
      message: {
        ...common,
        vendorId: id,
        kind: type,
        text: (text ?? '').slice(0, 10_000),
        replyToken: readText(event, 'replyToken')
      }
    }]
  }
  if (event.type === 'unsend') {
    const vendorId = readText(getProperty(event, 'unsend'), 'messageId')
    const unsent: Omit<Incoming, 'vendorId'> = {
      ...common,
      kind: 'unsent',
      text: '',
      replyToken: null
    }
    return vendorId === null ? [] : [{ type: 'unsent', message: { ...unsent, vendorId } }]
  }
  return []
}

function readText (value: unknown, name: string): string | null {
  const text = getProperty(value, name)
  return typeof text === 'string' && text.length <= 1000 ? text : null
}
