import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { agentRoutes } from './agents/routes.ts'
import { refuseCrossOrigin } from './agents/same-origin.ts'
import agentSession from './agents/session.ts'
import { callbackRoutes } from './calls/callbacks.ts'
import { callRoutes } from './calls/routes.ts'
import { chatAgentRoutes } from './chat/agent-routes.ts'
import { chatSessionRoutes } from './chat/session-routes.ts'
import type { Config } from './config.ts'
import { customerRoutes } from './customers/routes.ts'
import { deskRoutes } from './desk/routes.ts'
import events from './events/index.ts'
import { eventRoutes } from './events/routes.ts'
import { memberRoutes } from './members/index.ts'
import memberSession from './members/session.ts'
import apiDocs from './operations/api-docs.ts'
import errors from './operations/errors.ts'
import { healthRoutes } from './operations/health.ts'
import { loggerOptions } from './operations/log.ts'
import metrics from './operations/metrics.ts'
import redis from './operations/redis.ts'
import storePlugin from './store/plugin.ts'
import vendors from './vendors.ts'

/** What tests and demonstrations replace. */
export interface Overrides {
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number
  /** For calls to Huawei. */
  readonly fetch?: typeof globalThis.fetch
  readonly logger?: FastifyServerOptions['logger']
  /** Sign-ins from one address in a minute. Default 10. */
  readonly signInsPerMinute?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    config: Config
    now: () => number
    signInsPerMinute: number
  }
}

/** The CTI and chat integration service: five vendors, one store. It does not listen. */
export async function integrationService (config: Config, overrides: Overrides = {}): Promise<FastifyInstance> {
  const { now = Date.now, fetch, logger = loggerOptions(config.LOG_LEVEL), signInsPerMinute = 10 } = overrides
  const app = Fastify({
    logger,
    trustProxy: config.TRUST_PROXY.length > 0 ? config.TRUST_PROXY : false,
    // Idle keep-alive connections are closed at shutdown; requests under way are finished.
    forceCloseConnections: 'idle'
  }).withTypeProvider<TypeBoxTypeProvider>()
  try {
    app.decorate('config', config).decorate('now', now).decorate('signInsPerMinute', signInsPerMinute)
    await app.register(errors)
    await app.register(helmet, headers(config))
    await app.register(cookie)
    await app.register(storePlugin)
    await app.register(redis)
    await app.register(events)
    await app.register(metrics)
    await app.register(apiDocs)
    await app.register(agentSession)
    await app.register(memberSession)
    await app.register(vendors, { ...fetch && { fetch } })

    await app.register(healthRoutes)
    await app.register(customerRoutes)
    await app.register(callbackRoutes)
    await app.register(memberRoutes)
    await app.register(chatSessionRoutes)
    await app.register(async function agents (app) {
      app.addHook('onRequest', refuseCrossOrigin(app))
      await app.register(agentRoutes)
      await app.register(callRoutes)
      await app.register(chatAgentRoutes)
      await app.register(eventRoutes)
      await app.register(deskRoutes)
    })
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

function headers ({ PUBLIC_URL: url }: Config) {
  const isHttps = url.startsWith('https:')
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"]
      }
    },
    strictTransportSecurity: isHttps
  }
}
