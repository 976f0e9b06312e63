import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { hasAccount } from './accounts.ts'
import { browserRoutes } from './browsers.ts'
import { callbackRoutes } from './calls/callbacks.ts'
import inbound from './calls/inbound.ts'
import type { Config } from './config.ts'
import { customerRoutes } from './customers/routes.ts'
import events from './events/index.ts'
import messages from './messages/index.ts'
import apiDocs from './operations/api-docs.ts'
import { type Compilers, createLazyCompilers } from './operations/compilers.ts'
import errors from './operations/errors.ts'
import { healthRoutes } from './operations/health.ts'
import { createLoggerOptions } from './operations/log.ts'
import metrics from './operations/metrics.ts'
import redis from './operations/redis.ts'
import refusals from './operations/refusals.ts'
import { createRequestLogger } from './operations/request-logger.ts'
import retention from './operations/retention.ts'
import shutdown from './operations/shutdown.ts'
import type { EngineOptions } from './store/engine.ts'
import storePlugin from './store/plugin.ts'
import vendors from './vendors.ts'
import { voiceRoutes } from './voice/routes.ts'

/** Replaceable by tests and demonstrations. */
export interface Overrides {
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number
  /** For calls to Huawei, and messages to WhatsApp and LINE. */
  readonly fetch?: typeof globalThis.fetch
  readonly logger?: FastifyServerOptions['logger']
  /** Sign-ins per minute from one address. Default 10. */
  readonly signInsPerMinute?: number
  /** Changes per minute by one agent. Default 120. */
  readonly writesPerMinute?: number
  /** How long to wait for the database. */
  readonly storeTimeouts?: Pick<EngineOptions, 'waitMs' | 'statementMs'>
  /** Milliseconds between reads of the event table without an announcement. Default 2000. */
  readonly pollMs?: number
  /** How long to wait for clients. */
  readonly clientTimeouts?: ClientTimeouts
  /** Compiles schemas to functions. */
  readonly compilers?: Compilers
}

/** Milliseconds. */
export interface ClientTimeouts {
  /** For a whole request, from its first byte. */
  readonly requestMs: number
  /** For any byte on a connection, in either direction. */
  readonly idleMs: number
}

declare module 'fastify' {
  interface FastifyInstance {
    config: Config
    now: () => number
    signInsPerMinute: number
    writesPerMinute: number
  }
}

/** The CTI and chat integration service with its vendors and one store. It does not listen. */
export async function integrationService (
  config: Config,
  overrides: Overrides = {}
): Promise<FastifyInstance> {
  const {
    now = Date.now,
    fetch,
    logger = createLoggerOptions(config.LOG_LEVEL),
    signInsPerMinute = 10,
    writesPerMinute = 120,
    storeTimeouts = {},
    pollMs,
    clientTimeouts = defaultTimeouts,
    compilers = createLazyCompilers()
  } = overrides
  const app = Fastify({
    logger,
    childLoggerFactory: createRequestLogger,
    schemaController: { compilersFactory: compilers },
    // Works behind a proxy that keeps the path of PUBLIC_URL, and behind one that strips it.
    rewriteUrl: request => stripBasePath(request.url ?? '/', config.BASE_PATH),
    trustProxy: config.TRUST_PROXY.length > 0 ? config.TRUST_PROXY : false,
    // Requests in progress are finished; see the shutdown plugin.
    forceCloseConnections: 'idle',
    ...toServerOptions(clientTimeouts)
  }).withTypeProvider<TypeBoxTypeProvider>()
  try {
    app.decorate('config', config).decorate('now', now)
      .decorate('signInsPerMinute', signInsPerMinute)
      .decorate('writesPerMinute', writesPerMinute)
    await app.register(errors)
    await app.register(shutdown)
    await app.register(storePlugin, storeTimeouts)
    await app.register(redis)
    await app.register(retention)
    await app.register(events, { pollMs })
    await app.register(metrics)
    await app.register(apiDocs)
    await app.register(vendors, { ...fetch && { fetch } })
    await app.register(inbound)
    await app.register(messages, { ...fetch && { fetch } })
    await app.register(refusals)

    await app.register(healthRoutes)
    if (hasAccount(config, 'contiple')) await app.register(customerRoutes)
    if (hasAccount(config, 'huaweiAicc')) await app.register(callbackRoutes)
    if (hasAccount(config, 'twilio')) await app.register(voiceRoutes)
    await app.register(browserRoutes)
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

function stripBasePath (url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url
  const rest = url.slice(basePath.length)
  return /^[/?]/.test(rest) || rest === '' ? rest.replace(/^(?!\/)/, '/') : url
}

/** Event streams send a heartbeat every fifteen seconds. */
const defaultTimeouts: ClientTimeouts = { requestMs: 20_000, idleMs: 60_000 }

/** Limits clients that send requests slowly, or read no response: each holds a connection. */
function toServerOptions ({ requestMs, idleMs }: ClientTimeouts) {
  return {
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    http: {
      headersTimeout: requestMs / 2,
      connectionsCheckingInterval: Math.min(1000, requestMs / 4)
    }
  }
}
