import { readFileSync } from 'node:fs'
import cors from '@fastify/cors'
import formbody from '@fastify/formbody'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions
} from 'fastify'
import itxChat from 'fastify-contact-center/itx-chat'
import { parseUrl } from 'fastify-contact-center/kit'
import { answerAs } from '../shared/answers.ts'
import { EventLog } from '../shared/events.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { page } from '../shared/page.ts'
import { listOf, type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { itxChatBench } from './bench.ts'
import { chatRoutes } from './chat-routes.ts'
import { type Chat, Chats } from './chats.ts'
import { configurationFor, type Look, lookOf, parseWebsite } from './configurations.ts'
import { itxChatSuite } from './faults.ts'
import { agentView, labView, type Trial } from './pages.ts'
import { itxChatSettings } from './settings.ts'

export type { Chat } from './chats.ts'

export interface ItxChatSimulatorOptions extends Partial<ValuesOf<typeof itxChatSettings>> {
  /** Called when a chat opens, and when its customer is identified again. */
  onSession?: (chat: Chat) => void
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

const vendor = 'ITX Portal'
const widget = readFileSync(new URL('widget.js', import.meta.url), 'utf8')

/**
 * Simulates the portal: the widget script, the chats, and the agent's view. A wrong hash is not an
 * error; the agent gets a warning. Hashes like the portal, so the package's signing rules are off,
 * and `__proto__` is an ordinary name.
 */
export async function itxChatSimulator (
  options: ItxChatSimulatorOptions
): Promise<FastifyInstance> {
  const { onSession = () => {}, now = Date.now, logger = false } = options
  const values = valuesOf(itxChatSettings, options)
  const app = Fastify({
    ...serverOptions,
    logger,
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore'
  })
  const events = new EventLog(now)
  const chats = new Chats(now)
  let website = parseWebsite(values)
  await app.register(cors, {
    origin: (origin, allow) => {
      allow(null, origin !== undefined && listOf(values.origins).includes(origin))
    }
  })
  await app.register(formbody)
  await app.register(itxChat, {
    keys: () => [{ id: 'website', secret: values.secret }],
    now,
    strict: false
  })
  labRoutes(app, {
    vendor,
    fields: itxChatSettings,
    values,
    apply () {
      website = parseWebsite(values)
    },
    suite: itxChatSuite,
    bench: () => itxChatBench(values),
    events,
    content: request => labView(chats.all(), `http://${request.host}`, trialOf(request))
  })

  app.get(
    '/itx-plugin.js',
    { onRequest: answerAs(values) },
    async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(widget)
  )
  await app.register(chatRoutes, { values, chats, events, onSession, refusalOf, lookFor })
  app.get(
    '/agent',
    async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(page(vendor, agentView(chats.all())))
  )
  app.get('/lab/chats', async () => chats.all())
  return app

  /** The error code for the session's hash, or null. */
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

  function lookFor (page: string): Look | undefined {
    const address = parseUrl(page)
    const configuration = address === null ? undefined : configurationFor(address, website, now())
    return configuration && lookOf(configuration)
  }

  function trialOf (request: FastifyRequest): Trial | null {
    const { page } = request.query as { page?: unknown }
    return typeof page === 'string' ? { page, look: lookFor(page) } : null
  }
}
