import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { isFromOtherSite } from '../sign-in/same-origin.ts'
import { sendConfirmPage } from '../site/confirm.ts'
import { createSite } from '../site/site.ts'
import { enterHelpCentre, Way } from './online-contact.ts'

/** `GET /member/help?way=form|server|link`: the help-centre button. Guests sign in first. */
export const helpRoutes: FastifyPluginAsyncTypebox = async function helpRoutes (app) {
  const site = createSite(app.config)
  const { base } = site

  app.get('/member/help', {
    schema: {
      summary: 'Enter the help centre of Online Contact, signed in',
      description:
        '`form`: a page with a form that the browser posts. `server`: our server logs in and redirects with an access token. `link`: redirects to the URL that an app would open.',
      tags: ['members'],
      querystring: Type.Object({ way: Type.Union(Way.anyOf, { default: 'form' }) })
    }
  }, async (request, reply) => {
    const { way } = request.query
    const visit = await app.memberVisit(request)
    if (visit === null) return reply.redirect(`${base}/member/login?to=help&way=${way}`, 303)
    if (way !== 'form' && isFromOtherSite(request)) return sendConfirmPage(request, reply, site)
    return await enterHelpCentre(app, reply, visit.member, way)
  })
}
