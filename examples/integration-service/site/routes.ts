import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { hasAccount } from '../accounts.ts'
import { recordSigned, sessionDataOf } from '../chat/record.ts'
import { helpCentreStart } from '../members/online-contact.ts'
import { isFromOtherSite } from '../sign-in/same-origin.ts'
import { ownWordsOf } from '../store/members.ts'
import { confirmPage } from './confirm.ts'
import { accountPage, chatPage, guestPage, helpCentrePage } from './pages.ts'
import { policy, sendPage } from './page.ts'
import { siteOf } from './site.ts'

/** The member site's pages. */
export const siteRoutes: FastifyPluginAsyncTypebox = async function siteRoutes (app) {
  const { config } = app
  const site = siteOf(config)
  app.addHook('onRoute', (route) => {
    route.schema = { hide: true, ...route.schema }
  })

  app.get('/member', async (request, reply) => {
    const visit = await app.memberVisit(request)
    if (visit === null) return sendPage(reply, guestPage(site, helpCentreStart(config)))
    const changed = Object.hasOwn(request.query as object, 'changed')
    return sendPage(
      reply,
      accountPage({ site, member: visit.member, changed, token: reply.generateCsrf() })
    )
  })

  const start = helpCentreStart(config)
  if (start !== null) helpCentreRoute(`${start}?iframe=true`)
  if (hasAccount(config, 'itxChat')) chatRoute(config.ITX_PLUGIN_URL)

  function helpCentreRoute (address: string): void {
    app.get('/member/help-centre', async (request, reply) => {
      const visit = await app.memberVisit(request)
      // A member's frame first opens our login, which signs the member in there.
      const src = visit === null
        ? address
        : `${site.base}/member/login?${new URLSearchParams({ returnUrl: address })}`
      const { origin } = new URL(address)
      const name = visit === null ? null : ownWordsOf(visit.member).name
      return sendPage(
        reply,
        helpCentrePage({ site, name, src, origin }),
        policy({ 'frame-src': ["'self'", origin] }).header
      )
    })
  }

  function chatRoute (widgetUrl: string): void {
    app.get('/member/chat', async (request, reply) => {
      const visit = await app.memberVisit(request)
      if (visit === null) return reply.redirect(`${site.base}/member/login?to=chat`, 303)
      if (isFromOtherSite(request)) return confirmPage(request, reply, site)
      const { origin } = new URL(widgetUrl)
      const sources = ["'self'", origin]
      const { nonce, header } = policy({
        'connect-src': [...sources, origin.replace(/^http/, 'ws')],
        'img-src': sources,
        'style-src': sources,
        'font-src': sources,
        'frame-src': sources
      })
      const widget = await app.itxChat.embed(
        sessionDataOf(visit.member),
        { src: widgetUrl, nonce },
        request
      )
      await recordSigned(app.store, visit, app.now())
      return sendPage(
        reply,
        chatPage({ site, member: visit.member, token: reply.generateCsrf(), widget }),
        header
      )
    })
  }
}
