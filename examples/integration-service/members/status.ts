import cors from '@fastify/cors'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LoginStatus, VerifyTokenQuery } from 'fastify-contact-center/online-contact'
import { problems } from '../operations/errors.ts'

/**
 * Online Contact's queries: who is signed in (from the visitor's browser), and whether a link is
 * ours (from its server).
 */
export const statusRoutes: FastifyPluginAsyncTypebox = async function statusRoutes (app) {
  // No preflight: the query is a plain GET, and preflights would be answered for every path of the
  // service.
  await app.register(cors, {
    origin: app.config.ONLINE_CONTACT_ORIGINS,
    credentials: true,
    methods: ['GET'],
    preflight: false
  })

  app.get('/member/login-status', {
    schema: {
      summary: 'Who is signed in',
      description: 'Values are strings. Only pages of the configured origins can read it.',
      tags: ['members'],
      response: { 200: LoginStatus, ...problems }
    }
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const visit = await app.memberVisit(request)
    return app.onlineContact.loginStatus(visit?.member.id ?? null)
  })

  app.get('/member/verify-token', {
    config: { cors: false },
    schema: {
      summary: 'Check that this site issued the link for this member',
      description: 'If not, the answer gives no reason.',
      tags: ['members'],
      querystring: VerifyTokenQuery,
      response: { 200: LoginStatus, ...problems }
    }
  }, async ({ query: { usercode, token } }, reply) => {
    reply.header('cache-control', 'no-store')
    return await app.onlineContact.checkIssuedToken(usercode, token)
  })
}
