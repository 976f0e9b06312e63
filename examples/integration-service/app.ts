import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { browserRoutes } from './browsers.ts'
import { callbackRoutes } from './calls/callbacks.ts'
import inbound from './calls/inbound.ts'
import type { Config } from './config.ts'
import { customerRoutes } from './customers/routes.ts'
import events from './events/index.ts'
import apiDocs from './operations/api-docs.ts'
import errors from './operations/errors.ts'
import { healthRoutes } from './operations/health.ts'
import { loggerOptions } from './operations/log.ts'
import metrics from './operations/metrics.ts'
import redis from './operations/redis.ts'
import refusals from './operations/refusals.ts'
import retention from './operations/retention.ts'
import shutdown from './operations/shutdown.ts'
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
export async function integrationService (
  config: Config,
  overrides: Overrides = {}
): Promise<FastifyInstance> {
  const { now = Date.now, fetch, logger = loggerOptions(config.LOG_LEVEL), signInsPerMinute = 10 } =
    overrides
  const app = Fastify({
    logger,
    trustProxy: config.TRUST_PROXY.length > 0 ? config.TRUST_PROXY : false,
    // Requests under way are finished; see the shutdown plugin.
    forceCloseConnections: 'idle'
  }).withTypeProvider<TypeBoxTypeProvider>()
  try {
    app.decorate('config', config).decorate('now', now).decorate(
      'signInsPerMinute',
      signInsPerMinute
    )
    await app.register(errors)
    await app.register(shutdown)
    await app.register(storePlugin)
    await app.register(redis)
    await app.register(retention)
    await app.register(events)
    await app.register(metrics)
    await app.register(apiDocs)
    await app.register(vendors, { ...fetch && { fetch } })
    await app.register(inbound)
    await app.register(refusals)

    await app.register(healthRoutes)
    await app.register(customerRoutes)
    await app.register(callbackRoutes)
    await app.register(browserRoutes)
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}
