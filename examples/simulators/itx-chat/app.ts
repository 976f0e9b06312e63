import { readFileSync } from 'node:fs'
import cors from '@fastify/cors'
import formbody from '@fastify/formbody'
import { type Static, Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import itxChat, { ChatSession } from 'fastify-contact-center/itx-chat'
import { EventLog } from '../shared/events.ts'
import { faultRoutes } from '../shared/fault-routes.ts'
import { page } from '../shared/page.ts'
import { settingsRoutes } from '../shared/settings-routes.ts'
import { type Chat, Chats } from './chats.ts'
import { itxChatSuite } from './faults.ts'
import { agentView, labView } from './pages.ts'

export type { Chat, Message } from './chats.ts'

export interface ItxChatSimulatorOptions {
  /** The hash secret of the website. */
  secret: string
  /** The origins of the pages that may chat. Default: this one only. */
  allowedOrigins?: string[]
  /** Called when a chat is opened, and when its customer was identified anew. */
  onSession?: (chat: Chat) => void
  /** Where a service gives signed sessions, for the faults. */
  sessionUrl?: string
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

const vendor = 'ITX Portal'
const widget = readFileSync(new URL('widget.js', import.meta.url), 'utf8')

const OneChat = Type.Object({ id: Type.String({ format: 'uuid' }) })
const Words = Type.Object({ text: Type.String({ minLength: 1, maxLength: 2000 }) })
const Since = Type.Object({ since: Type.Optional(Type.Integer({ minimum: 0 })) })
type Identified = Static<typeof Identified>
const Identified = Type.Object({ sessionId: Type.String(), verified: Type.Boolean() })

/**
 * Plays the portal: the widget's script, the chats, and the agent's view of them. A wrong
 * hash is no error here: the agent is warned. It hashes as the portal does, so our rules
 * for what is signed are off, and `__proto__` is a name like any other.
 */
export async function itxChatSimulator (options: ItxChatSimulatorOptions): Promise<FastifyInstance> {
  const values = { secret: options.secret, sessionUrl: options.sessionUrl ?? '' }
  const { allowedOrigins = [], onSession = () => {}, now = Date.now, logger = false } = options
  const app = Fastify({ logger, onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' }).withTypeProvider<TypeBoxTypeProvider>()
  const events = new EventLog(now)
  const chats = new Chats(now)
  await app.register(cors, { origin: allowedOrigins })
  await app.register(formbody)
  await app.register(itxChat, { keys: () => [{ id: 'website', secret: values.secret }], now, strict: false })
  const settingsForm = settingsRoutes(app, {
    fields: { secret: { label: 'Secret of the website', secret: true }, sessionUrl: { label: 'Sessions for the faults come from' } },
    values
  })
  const faultTable = faultRoutes(app, { suite: itxChatSuite, bench: () => ({ url: values.sessionUrl || 'http://127.0.0.1:9/', method: 'GET' as const, secret: values.secret }), events })
  // verify is called by the handlers, so nothing shows that these routes need the text of the wire.
  const config = { contactCenter: { capture: true } }

  app.get('/itx-plugin.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(widget))

  app.post('/session', { config, schema: { body: ChatSession, response: { 200: Identified } } }, async (request): Promise<Identified> => {
    const refusal = await refusalOf(request)
    return identified('session', chats.open(request.body, refusal === null), refusal)
  })

  app.post('/session/:id/verify', { config, schema: { params: OneChat, body: ChatSession, response: { 200: Identified } } }, async (request): Promise<Identified> => {
    const chat = chatOf(request.params.id)
    const refusal = await refusalOf(request)
    chats.identify(chat, request.body, refusal === null)
    return identified('verify-session', chat, refusal)
  })

  app.get('/session/:id/messages', { schema: { params: OneChat } }, async request => chatOf(request.params.id).messages)

  app.post('/session/:id/messages', { schema: { params: OneChat, body: Words } }, async (request, reply) => {
    return reply.code(201).send(chats.say(chatOf(request.params.id), 'customer', request.body.text))
  })

  app.get('/agent', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(vendor, agentView(chats.all()))))

  app.post('/agent/chats/:id/messages', { schema: { params: OneChat, body: Words } }, async (request, reply) => {
    chats.say(chatOf(request.params.id), 'agent', request.body.text)
    return reply.redirect('/agent', 303)
  })

  app.get('/lab', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(vendor, labView(chats.all()) + settingsForm() + faultTable(), events.since())))
  app.get('/lab/chats', async () => chats.all())
  app.get('/lab/events', { schema: { querystring: Since } }, async request => events.since(request.query.since))
  return app

  /** The code of what is wrong with the session's hash, or null. */
  async function refusalOf (request: FastifyRequest): Promise<string | null> {
    try {
      await app.itxChat.verify(request)
      return null
    } catch (error) {
      const { statusCode = 500, code } = error as FastifyError
      if (statusCode >= 500) throw error
      return code
    }
  }

  function chatOf (id: string): Chat {
    const chat = chats.get(id)
    if (chat === undefined) throw Object.assign(new Error('No such chat'), { statusCode: 404 })
    return chat
  }

  function identified (kind: string, chat: Chat, refusal: string | null): Identified {
    const text = refusal === null ? 'a customer is shown as verified' : 'a customer is shown with a warning'
    events.record(kind, refusal === null ? 'accepted' : 'refused', text, { sessionId: chat.id, ...refusal !== null && { code: refusal } })
    onSession(chat)
    return { sessionId: chat.id, verified: chat.verified }
  }
}
