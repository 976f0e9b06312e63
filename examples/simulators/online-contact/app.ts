import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { memoryStore } from 'fastify-contact-center'
import onlineContact from 'fastify-contact-center/online-contact'
import { shiftedClock } from '../shared/common-settings.ts'
import { EventLog } from '../shared/events.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { onlineContactBench } from './bench.ts'
import { checkMember } from './check-member.ts'
import { onlineContactSuite } from './faults.ts'
import { helpCentreRoutes } from './help-centre.ts'
import { openApiRoutes } from './open-api.ts'
import { remoteLoginRoutes } from './remote-login.ts'
import { Sessions } from './sessions.ts'
import { onlineContactSettings } from './settings.ts'
import { type SiteAnswers, siteRequestRoutes } from './site-request-routes.ts'
import { renderOverview } from './pages.ts'

export interface OnlineContactSimulatorOptions
  extends Partial<ValuesOf<typeof onlineContactSettings>> {
  now?: () => number
  /** The simulator's public address. Default: the host of the request. */
  url?: string
}

/**
 * Simulates Online Contact: both remote logins, the help centre with its GET links, its requests to
 * your site, and the OpenAPI signature.
 */
export async function onlineContactSimulator (
  options: OnlineContactSimulatorOptions
): Promise<FastifyInstance> {
  const { now = Date.now, url } = options
  const values = valuesOf(onlineContactSettings, options)
  const app = Fastify(serverOptions)
  const events = new EventLog(now)
  const sessions = new Sessions()
  const clock = shiftedClock(now, values)
  const siteAnswers: SiteAnswers = { status: null, token: null }
  await app.register(cookie)
  await app.register(formbody)
  await app.register(onlineContact, {
    keys: () => [{ id: 'organization', secret: values.key }],
    now: clock,
    replay: memoryStore({ now: clock })
  })
  const check = checkMember(app, values, events)
  const origin = (request: FastifyRequest): string => url ?? `${request.protocol}://${request.host}`
  labRoutes(app, {
    vendor: 'NHN Online Contact',
    fields: onlineContactSettings,
    values,
    suite: onlineContactSuite,
    bench: () =>
      onlineContactBench({ ...values, origin: values.origin || (url ?? app.listeningOrigin) }, now),
    events,
    content: request => renderOverview({ ...values, origin: origin(request), siteAnswers })
  })
  await app.register(remoteLoginRoutes, { values, sessions, events, check })
  await app.register(helpCentreRoutes, { values, sessions, events, check, origin })
  await app.register(openApiRoutes, { values, events, clock })
  await app.register(siteRequestRoutes, { values, events, siteAnswers, origin })
  return app
}
