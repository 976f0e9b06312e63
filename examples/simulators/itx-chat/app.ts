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
import { createAnswerHook } from '../shared/answers.ts'
import { EventLog } from '../shared/events.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { renderPage } from '../shared/page.ts'
import { splitList, type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { itxChatBench } from './bench.ts'
import { chatRoutes } from './chat-routes.ts'
import { type Chat, Chats } from './chats.ts'
import { findConfiguration, type Look, toLook, parseWebsite } from './configurations.ts'
import { itxChatSuite } from './faults.ts'
import { renderAgentView, renderLabView, type Trial } from './pages.ts'
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
    origin: (origin, callback) => {
      callback(null, origin !== undefined && splitList(values.origins).includes(origin))
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
    content: request => renderLabView(chats.all(), `http://${request.host}`, readTrial(request))
  })

  app.get(
    '/itx-plugin.js',
    { onRequest: createAnswerHook(values) },
    async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(widget)
  )
  await app.register(chatRoutes, { values, chats, events, onSession, findRefusal, findLook })
  app.get(
    '/agent',
    async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(renderPage(vendor, renderAgentView(chats.all())))
  )
  app.get('/lab/chats', async () => chats.all())
  return app

  /** The error code for the session's hash, or null. */
  async function findRefusal (request: FastifyRequest): Promise<string | null> {
    try {
      await app.itxChat.verify(request)
      return null
    } catch (error) {
      const { statusCode = 500, code } = error as FastifyError
      if (statusCode >= 500) throw error
      return code
    }
  }

  function findLook (page: string): Look | undefined {
    const address = parseUrl(page)
    const configuration = address === null ? undefined : findConfiguration(address, website, now())
    return configuration && toLook(configuration)
  }

  function readTrial (request: FastifyRequest): Trial | null {
    const { page } = request.query as { page?: unknown }
    return typeof page === 'string' ? { page, look: findLook(page) } : null
  }
}
