import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { hasAccount } from '../accounts.ts'
import { recordSignedChat, sessionDataOf } from '../chat/record.ts'
import { getHelpCentreUrl } from '../members/online-contact.ts'
import { isFromOtherSite } from '../sign-in/same-origin.ts'
import { getOwnEntries } from '../store/members.ts'
import { sendConfirmPage } from './confirm.ts'
import {
  renderAccountPage,
  renderChatPage,
  renderGuestPage,
  renderHelpCentrePage
} from './pages.ts'
import { createPolicy, sendPage } from './page.ts'
import { createSite } from './site.ts'

/** The member site's pages. */
export const siteRoutes: FastifyPluginAsyncTypebox = async function siteRoutes (app) {
  const { config } = app
  const site = createSite(config)
  app.addHook('onRoute', (route) => {
    route.schema = { hide: true, ...route.schema }
  })

  app.get('/member', async (request, reply) => {
    const visit = await app.memberVisit(request)
    if (visit === null) return sendPage(reply, renderGuestPage(site, getHelpCentreUrl(config)))
    const changed = Object.hasOwn(request.query as object, 'changed')
    return sendPage(
      reply,
      renderAccountPage({ site, member: visit.member, changed, token: reply.generateCsrf() })
    )
  })

  const helpCentreUrl = getHelpCentreUrl(config)
  if (helpCentreUrl !== null) addHelpCentreRoute(`${helpCentreUrl}?iframe=true`)
  if (hasAccount(config, 'itxChat')) addChatRoute(config.ITX_PLUGIN_URL)

  function addHelpCentreRoute (pageUrl: string): void {
    app.get('/member/help-centre', async (request, reply) => {
      const visit = await app.memberVisit(request)
      // A member's frame first opens our login, which signs the member in there.
      const src = visit === null
        ? pageUrl
        : `${site.base}/member/login?${new URLSearchParams({ returnUrl: pageUrl })}`
      const { origin } = new URL(pageUrl)
      const name = visit === null ? null : getOwnEntries(visit.member).name
      return sendPage(
        reply,
        renderHelpCentrePage({ site, name, src, origin }),
        createPolicy({ 'frame-src': ["'self'", origin] }).header
      )
    })
  }

  function addChatRoute (widgetUrl: string): void {
    app.get('/member/chat', async (request, reply) => {
      const visit = await app.memberVisit(request)
      if (visit === null) return reply.redirect(`${site.base}/member/login?to=chat`, 303)
      if (isFromOtherSite(request)) return sendConfirmPage(request, reply, site)
      const { origin } = new URL(widgetUrl)
      const sources = ["'self'", origin]
      const { nonce, header } = createPolicy({
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
      await recordSignedChat(app.store, visit, app.now())
      return sendPage(
        reply,
        renderChatPage({ site, member: visit.member, token: reply.generateCsrf(), widget }),
        header
      )
    })
  }
}
