import { randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { scheme } from 'fastify-contact-center/line'
import { EventLog } from '../shared/events.ts'
import { messagingLab, addMessage } from '../shared/messaging.ts'
import { serverOptions } from '../shared/server-options.ts'

export interface LineSimulatorOptions {
  /** Signs the webhooks. */
  readonly channelSecret: string
  /** The bearer token expected from the service. */
  readonly accessToken: string
  /** The service's webhook URL. */
  readonly webhookUrl: string
  readonly now?: () => number
}

interface SendBody {
  to?: string
  replyToken?: string
  messages?: Array<{ type?: string, text?: string }>
}

const replyTokenMs = 60_000

/**
 * Simulates LINE: users write, and receive the company's replies and pushes.
 * @see https://developers.line.biz/en/reference/messaging-api/#send-reply-message
 */
export async function lineSimulator (options: LineSimulatorOptions): Promise<FastifyInstance> {
  const { channelSecret, accessToken, now = Date.now } = options
  const app = Fastify(serverOptions)
  const events = new EventLog(now)
  const replyTokens = new Map<string, { contact: string, at: number }>()
  const retryKeys = new Map<string, string>()
  await app.register(formbody)

  const messaging = messagingLab(app, {
    vendor: 'LINE',
    events,
    now,
    webhookUrl: options.webhookUrl,
    contact: { id: 'U4af4980629f1e6e9b1b1ad3c2d5e6f70', name: 'Åse' },
    idLabel: 'User id',
    newId: createId,
    notification (contact, { id, text, at }) {
      const replyToken = randomBytes(16).toString('hex')
      replyTokens.set(replyToken, { contact: contact.id, at: now() })
      return {
        destination: 'U8f2c1d7e9a3b4c5d6e7f8091a2b3c4d5',
        events: [{
          type: 'message',
          webhookEventId: randomBytes(13).toString('hex').toUpperCase(),
          timestamp: at,
          mode: 'active',
          deliveryContext: { isRedelivery: false },
          source: { type: 'user', userId: contact.id },
          replyToken,
          message: { id, type: 'text', text }
        }]
      }
    },
    sign: (body, forged) => ({
      'x-line-signature': scheme.sign({ body }, forged ? `not-${channelSecret}` : channelSecret)
    })
  })

  app.addHook('preHandler', async (request, reply) => {
    if (!request.url.startsWith('/v2/')) return
    if (request.headers.authorization !== `Bearer ${accessToken}`) {
      return refuse(reply, 401, 'Authentication failed')
    }
  })

  app.post<{ Body: SendBody }>('/v2/bot/message/reply', async (request, reply) => {
    const { replyToken = '' } = request.body
    const issuedToken = replyTokens.get(replyToken)
    if (issuedToken === undefined || now() - issuedToken.at > replyTokenMs) {
      return refuse(reply, 400, 'Invalid reply token')
    }
    replyTokens.delete(replyToken)
    return acceptMessage(request, reply, issuedToken.contact, 'a reply')
  })

  app.post<{ Body: SendBody }>('/v2/bot/message/push', async (request, reply) => {
    const key = request.headers['x-line-retry-key']
    const sentId = typeof key === 'string' ? retryKeys.get(key) : undefined
    if (sentId !== undefined) {
      return reply.code(409).send({
        message: 'The retry key is already accepted',
        sentMessages: [{ id: sentId }]
      })
    }
    const { to = '' } = request.body
    if (to === '') return refuse(reply, 400, 'The property, to, must be specified')
    return acceptMessage(
      request,
      reply,
      to,
      'a pushed message',
      typeof key === 'string' ? key : undefined
    )
  })
  return app

  function acceptMessage (
    { body: { messages = [] } }: FastifyRequest<{ Body: SendBody }>,
    reply: FastifyReply,
    to: string,
    kind: string,
    retryKey?: string
  ): FastifyReply | object {
    const [{ type, text = '' } = {}] = messages
    if (type !== 'text' || text === '' || text.length > 5000) {
      return refuse(reply, 400, 'The request body has 1 error(s)')
    }
    const id = createId()
    addMessage(messaging.contactOf(to), { id, from: 'company', text, status: 'sent', at: now() })
    if (retryKey !== undefined) retryKeys.set(retryKey, id)
    events.record('send', 'accepted', `${kind} to ${to}`)
    return { sentMessages: [{ id }] }
  }

  function refuse (reply: FastifyReply, status: number, message: string): FastifyReply {
    events.record('send', 'refused', message)
    return reply.code(status).send({ message })
  }
}

function createId (): string {
  return String(460_000_000_000_000_000n + BigInt(randomBytes(6).readUIntBE(0, 6)))
}
