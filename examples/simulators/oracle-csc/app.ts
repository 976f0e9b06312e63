import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { maskClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import { createAnswerHook } from '../shared/answers.ts'
import { EventLog } from '../shared/events.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { renderPage } from '../shared/page.ts'
import { type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { oracleCscBench } from './bench.ts'
import { oracleCscSuite } from './faults.ts'
import { type Call, Gate } from './gate.ts'
import { renderAgent, renderRefusal, renderTryPage } from './pages.ts'
import { oracleCscSettings } from './settings.ts'

export interface OracleCscSimulatorOptions extends Partial<ValuesOf<typeof oracleCscSettings>> {
  /**
   * The address of this app for the agent's browser, for links on the lab page. Default: the host
   * of the request.
   */
  url?: string
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

const vendor = 'Oracle Commerce Service Center'
const Login = {
  type: 'object',
  required: ['username', 'password'],
  properties: {
    username: { type: 'string', minLength: 1 },
    password: { type: 'string', minLength: 1 },
    callerId: { type: 'string' },
    callId: { type: 'string' }
  }
} as const

/**
 * Simulates CSC: `/agent/main` accepts a click-to-call URL and shows the agent's page, or a 403
 * page with the reason.
 */
export async function oracleCscSimulator (
  options: OracleCscSimulatorOptions
): Promise<FastifyInstance> {
  const { url, now = Date.now, logger = false } = options
  const values = valuesOf(oracleCscSettings, options)
  const app = Fastify({ ...serverOptions, logger: maskLogs(logger) })
  // Fastify's default handler logs the whole URL.
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/html; charset=utf-8').send(
      renderPage(vendor, '<p>Page not found.</p>')
    )
  )
  const events = new EventLog(now)
  const gate = new Gate(values, now)
  await gate.apply()
  await app.register(formbody)
  labRoutes(app, {
    vendor,
    fields: oracleCscSettings,
    values,
    apply: async () => {
      await gate.apply()
    },
    suite: oracleCscSuite,
    bench: () => oracleCscBench(values),
    events,
    content: request =>
      renderTryPage({
        ...values,
        base: new URL('/agent/main', url ?? `http://${request.host}`).href,
        names: gate.names()
      })
  })
  app.addHook('onClose', async () => {
    await gate.close()
  })

  for (const path of ['/agent/main', '/agent/main.jsp']) {
    app.get(path, { onRequest: createAnswerHook(values) }, async (request, reply) => {
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header(
        'referrer-policy',
        'no-referrer'
      )
      const refusal = await gate.findRefusal(request)
      const call = gate.readCall(request)
      if (refusal !== null) {
        events.record('click-to-call', 'refused', `refused a click-to-call URL: ${refusal.code}`, {
          ...call,
          ...refusal
        })
        return reply.code(403).send(renderPage(vendor, renderRefusal(refusal)))
      }
      const signedIn = values.hash === 'required'
      events.record(
        'click-to-call',
        'accepted',
        signedIn
          ? `signed in ${call.username} for ${call.callerId}`
          : `showed ${call.username} the login form for ${call.callerId}`,
        { ...call, signedIn }
      )
      return renderPage(vendor, renderAgent(call, signedIn ? 'by hash' : null))
    })
  }

  app.post<{ Body: Call & { password: string } }>(
    '/agent/login',
    { schema: { body: Login } },
    async (request, reply) => {
      const { username, callerId = '', callId = '' } = request.body
      events.record('login', 'accepted', `${username} logged in by password for ${callerId}`, {
        username,
        callerId,
        ...callId !== '' && { callId }
      })
      return reply.type('text/html; charset=utf-8').send(
        renderPage(
          vendor,
          renderAgent({ username, callerId, ...callId !== '' && { callId } }, 'by password')
        )
      )
    }
  )
  return app
}

/** Masks credentials and personal data in request logs. */
function maskLogs (logger: Exclude<FastifyServerOptions['logger'], undefined>) {
  if (logger === false) return false
  const loggerOptions = logger === true ? {} : logger
  const req = ({ method, url }: { method: string, url: string }) => ({
    method,
    url: maskClickToCallUrl(url)
  })
  return { ...loggerOptions, serializers: { ...loggerOptions.serializers, req } }
}
