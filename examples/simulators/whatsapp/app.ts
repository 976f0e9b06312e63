import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { scheme } from 'fastify-contact-center/whatsapp'
import { EventLog } from '../shared/events.ts'
import {
  type Contact,
  messagingLab,
  addMessage,
  type SimulatedMessage
} from '../shared/messaging.ts'
import { serverOptions } from '../shared/server-options.ts'

export interface WhatsappSimulatorOptions {
  /** The app secret, which signs the notifications. */
  readonly appSecret: string
  /** The bearer token expected from the service. */
  readonly accessToken: string
  readonly verifyToken: string
  readonly phoneNumberId: string
  /** The service's webhook URL. */
  readonly webhookUrl: string
  /** Milliseconds before each status of a company's message. Default: `/lab/` sends them. */
  readonly statusMs?: number
  readonly now?: () => number
}

const windowMs = 24 * 60 * 60 * 1000
const statuses = ['sent', 'delivered', 'read', 'failed'] as const

interface SendBody {
  messaging_product: string
  to: string
  type: string
  text?: { body?: string }
  biz_opaque_callback_data?: string
}

/**
 * Simulates Meta: customers write, and receive the company's Cloud API messages. Reports their
 * statuses.
 * @see https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
 */
export async function whatsappSimulator (
  options: WhatsappSimulatorOptions
): Promise<FastifyInstance> {
  const { appSecret, accessToken, phoneNumberId, statusMs, now = Date.now } = options
  const app = Fastify(serverOptions)
  const events = new EventLog(now)
  /** The company's messages by ID. */
  const sentMessages = new Map<
    string,
    { contact: Contact, message: SimulatedMessage, callbackData?: string }
  >()
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  await app.register(formbody)

  const messaging = messagingLab(app, {
    vendor: 'WhatsApp',
    events,
    now,
    webhookUrl: options.webhookUrl,
    contact: { id: '821012345678', name: '길동이' },
    idLabel: 'Number, digits only',
    newId: createWamid,
    notification: ({ id, name }, message) =>
      wrapValue({
        contacts: [{ wa_id: id, profile: { name } }],
        messages: [{
          id: message.id,
          from: id,
          timestamp: toSeconds(message.at),
          type: 'text',
          text: { body: message.text }
        }]
      }),
    sign: (body, forged) => ({
      'x-hub-signature-256': scheme.sign({ body }, forged ? `not-${appSecret}` : appSecret)
    })
  })

  app.post<{ Params: { phoneNumberId: string }, Body: SendBody }>(
    '/v:version/:phoneNumberId/messages',
    async (request, reply) => {
      const { to, type, text, biz_opaque_callback_data: callbackData } = request.body
      const refuse = (status: number, code: number, message: string) => {
        events.record('send', 'refused', message)
        return reply.code(status).send({ error: { message, type: 'OAuthException', code } })
      }
      if (request.headers.authorization !== `Bearer ${accessToken}`) {
        return refuse(401, 190, 'Invalid OAuth access token')
      }
      if (request.params.phoneNumberId !== phoneNumberId) {
        return refuse(400, 100, 'Unsupported post request: unknown number')
      }
      const body = text?.body ?? ''
      if (type !== 'text' || body === '' || body.length > 4096) {
        return refuse(400, 100, 'Invalid parameter')
      }
      const contact = messaging.contactOf(to)
      const lastFromCustomer = contact.messages.findLast(({ from }) => from === 'customer')
      if (lastFromCustomer === undefined || now() - lastFromCustomer.at > windowMs) {
        return refuse(
          400,
          131047,
          'Re-engagement message: the customer last wrote over 24 hours ago'
        )
      }
      const message: SimulatedMessage = {
        id: createWamid(),
        from: 'company',
        text: body,
        status: 'accepted',
        at: now()
      }
      addMessage(contact, message)
      sentMessages.set(message.id, {
        contact,
        message,
        ...callbackData !== undefined && { callbackData }
      })
      events.record('send', 'accepted', `a message to ${to}`, request.body)
      if (statusMs !== undefined) sendStatuses(message.id, statusMs).catch(() => {})
      return {
        messaging_product: 'whatsapp',
        contacts: [{ input: to, wa_id: to }],
        messages: [{ id: message.id }]
      }
    }
  )

  app.post<{ Params: { id: string }, Body: { status: typeof statuses[number], code?: number } }>(
    '/lab/messages/:id/status',
    {
      schema: {
        body: {
          type: 'object',
          required: ['status'],
          properties: { status: { enum: statuses }, code: { type: 'integer' } }
        }
      }
    },
    async ({ params: { id }, body: { status, code } }, reply) => {
      if (!sentMessages.has(id)) return reply.code(404).send({ message: 'unknown message' })
      return { status: await sendStatus(id, status, code) }
    }
  )

  /** Meta verifies the webhook URL. */
  app.post('/lab/verify', async () => {
    const challenge = randomBytes(5).readUIntBE(0, 5).toString()
    const url = `${options.webhookUrl}?hub.mode=subscribe&hub.verify_token=${
      encodeURIComponent(options.verifyToken)
    }&hub.challenge=${challenge}`
    const answer = await fetch(url)
    return { verified: answer.status === 200 && await answer.text() === challenge }
  })
  return app

  async function sendStatuses (id: string, ms: number): Promise<void> {
    for (const status of ['sent', 'delivered', 'read'] as const) {
      await sleep(ms, undefined, { signal: closing.signal })
      await sendStatus(id, status)
    }
  }

  async function sendStatus (id: string, status: string, code = 131026): Promise<number | null> {
    const entry = sentMessages.get(id)
    if (entry === undefined) return null
    const { contact, message, callbackData } = entry
    message.status = status
    return await messaging.deliver(wrapValue({
      statuses: [{
        id,
        status,
        timestamp: toSeconds(now()),
        recipient_id: contact.id,
        ...callbackData !== undefined && { biz_opaque_callback_data: callbackData },
        ...status === 'failed' && { errors: [{ code, title: 'Message undeliverable' }] }
      }]
    }))
  }

  function wrapValue (value: object): object {
    return {
      object: 'whatsapp_business_account',
      entry: [{
        id: '102290129340398',
        changes: [{
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '82215881000', phone_number_id: phoneNumberId },
            ...value
          }
        }]
      }]
    }
  }
}

function createWamid (): string {
  return `wamid.${randomBytes(24).toString('base64')}`
}

function toSeconds (at: number): string {
  return String(Math.floor(at / 1000))
}
