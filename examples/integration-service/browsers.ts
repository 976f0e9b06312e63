import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { hasAccount } from './accounts.ts'
import { agentRoutes } from './agents/routes.ts'
import agentSession from './agents/session.ts'
import { callRoutes } from './calls/routes.ts'
import { chatAgentRoutes } from './chat/agent-routes.ts'
import { chatSessionRoutes } from './chat/session-routes.ts'
import type { Config } from './config.ts'
import { deskRoutes } from './desk/routes.ts'
import { supervisorRoutes } from './desk/supervisor-routes.ts'
import { workRoutes } from './desk/work-routes.ts'
import { eventRoutes } from './events/routes.ts'
import { memberRoutes } from './members/index.ts'
import memberSession from './members/session.ts'
import { messageRoutes } from './messages/agent-routes.ts'
import { apiPageRoutes } from './operations/api-docs.ts'
import { docsSignerRoutes } from './operations/docs-signer.ts'
import { limitWrites } from './sign-in/limit-writes.ts'
import { refuseCrossOrigin } from './sign-in/same-origin.ts'
import { assetRoutes } from './site/assets.ts'
import { createNotFoundHandler } from './site/errors.ts'
import { createSite } from './site/site.ts'

/**
 * Pages for browsers: with cookies, and with headers that restrict the pages. Vendors' servers need
 * neither.
 */
export async function browserRoutes (app: FastifyInstance): Promise<void> {
  await app.register(helmet, createHeaderOptions(app.config))
  await app.register(cookie)
  await app.register(agentSession)
  await app.register(memberSession)
  app.setNotFoundHandler(createNotFoundHandler(createSite(app.config)))
  await app.register(apiPageRoutes)
  await app.register(assetRoutes)
  const hasChat = hasAccount(app.config, 'itxChat')
  if (hasChat || hasAccount(app.config, 'onlineContact')) await app.register(memberRoutes)
  if (hasChat) await app.register(chatSessionRoutes)
  await app.register(async function agents (app) {
    app.addHook('onRequest', refuseCrossOrigin(app))
    limitWrites(app)
    await app.register(agentRoutes)
    await app.register(callRoutes)
    await app.register(chatAgentRoutes)
    await app.register(messageRoutes)
    await app.register(eventRoutes)
    await app.register(workRoutes)
    await app.register(supervisorRoutes)
    await app.register(deskRoutes)
    if (app.config.DOCS_SIGNER) await app.register(docsSignerRoutes)
  })
}

function createHeaderOptions ({ PUBLIC_URL: url }: Config) {
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
