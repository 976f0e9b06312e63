import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ChatSession } from 'fastify-contact-center/itx-chat'
import { visitOf } from '../members/session.ts'
import { problems } from '../operations/errors.ts'
import { refuseOtherSites } from '../sign-in/same-origin.ts'
import { recordSignedChat, sessionDataOf } from './record.ts'

/** `GET /chat/session`: the signed-in member's data, which the widget may show as verified. */
export const chatSessionRoutes: FastifyPluginAsyncTypebox = async function chatSessionRoutes (app) {
  app.get('/chat/session', {
    onRequest: [refuseOtherSites, app.requireMember],
    preSerialization: [app.itxChat.sign, recordSession],
    schema: {
      summary: 'The signed chat session of the signed-in member',
      tags: ['members'],
      response: { 200: ChatSession, ...problems }
    }
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return sessionDataOf(visitOf(request).member)
  })

  /**
   * After signing, which may be refused; before the reply, so that no session is issued that is
   * unknown to the desks.
   */
  async function recordSession (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown
  ): Promise<unknown> {
    if (reply.statusCode < 400) {
      await recordSignedChat(app.store, visitOf(request), app.now())
    }
    return payload
  }
}
