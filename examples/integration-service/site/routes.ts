import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { recordSigned, verifiedDataOf } from '../chat/record.ts'
import { helpCentreStart } from '../members/online-contact.ts'
import { accountPage, chatPage, guestPage, helpCentrePage } from './pages.ts'
import { policy, sendPage } from './page.ts'

/** The member site's pages. */
export const siteRoutes: FastifyPluginAsyncTypebox = async function siteRoutes (app) {
  const { config } = app
  await app.register(fastifyStatic, {
    root: new URL('public/', import.meta.url),
    prefix: '/assets/',
    index: false,
    decorateReply: false
  })
  app.addHook('onRoute', (route) => {
    route.schema = { hide: true, ...route.schema }
  })

  app.get('/member', async (request, reply) => {
    const visit = await app.memberVisit(request)
    if (visit === null) return sendPage(reply, guestPage(helpCentreStart(config)))
    const changed = Object.hasOwn(request.query as object, 'changed')
    return sendPage(
      reply,
      accountPage({ member: visit.member, changed, token: reply.generateCsrf() })
    )
  })

  app.get('/member/help-centre', async (request, reply) => {
    const visit = await app.memberVisit(request)
    const start = `${helpCentreStart(config)}?iframe=true`
    // A member's frame goes by way of our login, which makes the visitor a member there.
    const src = visit === null
      ? start
      : `/member/login?${new URLSearchParams({ returnUrl: start })}`
    const { origin } = new URL(start)
    return sendPage(
      reply,
      helpCentrePage({ name: visit?.member.name ?? null, src, origin }),
      policy({ 'frame-src': ["'self'", origin] }).header
    )
  })

  app.get('/member/chat', async (request, reply) => {
    const visit = await app.memberVisit(request)
    if (visit === null) return reply.redirect('/member/login?to=chat', 303)
    const { origin } = new URL(config.ITX_PLUGIN_URL)
    const sources = ["'self'", origin]
    const { nonce, header } = policy({
      'connect-src': [...sources, origin.replace(/^http/, 'ws')],
      'img-src': sources,
      'style-src': sources,
      'font-src': sources,
      'frame-src': sources
    })
    const widget = await app.itxChat.embed({ verifiedData: verifiedDataOf(visit.member) }, {
      src: config.ITX_PLUGIN_URL,
      nonce
    }, request)
    await app.store.commit(change => recordSigned(change, visit, app.now()))
    return sendPage(
      reply,
      chatPage({ member: visit.member, token: reply.generateCsrf(), widget }),
      header
    )
  })
}
