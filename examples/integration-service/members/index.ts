import csrf from '@fastify/csrf-protection'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { hasAccount } from '../accounts.ts'
import { refuseCrossOrigin } from '../sign-in/same-origin.ts'
import { createErrorHandler } from '../site/errors.ts'
import { siteRoutes } from '../site/routes.ts'
import { createSite } from '../site/site.ts'
import { accountRoutes } from './account.ts'
import { formCookie } from './cookie.ts'
import { helpRoutes } from './help.ts'
import { loginRoutes } from './login.ts'
import { statusRoutes } from './status.ts'

/**
 * Members: sign-in, the help-centre button, Online Contact's status queries, and the member pages.
 */
export async function memberRoutes (app: FastifyInstance): Promise<void> {
  const hasHelpCentre = hasAccount(app.config, 'onlineContact')
  if (hasHelpCentre) await app.register(statusRoutes)
  await app.register(async function memberPages (app) {
    const { name, options } = formCookie(app.config)
    await app.register(formbody)
    await app.register(csrf, { cookieKey: name, cookieOpts: options })
    app.addHook('onRequest', refuseCrossOrigin(app))
    app.setErrorHandler(createErrorHandler(createSite(app.config)))
    await app.register(loginRoutes)
    if (hasHelpCentre) await app.register(helpRoutes)
    await app.register(accountRoutes)
    await app.register(siteRoutes)
  })
}
