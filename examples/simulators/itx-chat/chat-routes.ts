import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { ChatSession } from 'fastify-contact-center/itx-chat'
import { createAnswerHook } from '../shared/answers.ts'
import type { EventLog } from '../shared/events.ts'
import type { Chat, Chats, Check } from './chats.ts'
import type { Look } from './configurations.ts'

const OneChat = Type.Object({ id: Type.String({ format: 'uuid' }) })
const MessageBody = Type.Object({ text: Type.String({ minLength: 1, maxLength: 2000 }) })
const PageQuery = Type.Object({
  url: Type.Optional(
    Type.String({ maxLength: 4000, description: 'The page that the widget is on' })
  )
})
const SessionReply = Type.Object({
  sessionId: Type.String(),
  verified: Type.Boolean(),
  look: Type.Optional(
    Type.Object({ configuration: Type.String(), title: Type.String(), color: Type.String() })
  )
})

interface Parts {
  readonly values: { readonly verification: string, readonly answers: string }
  readonly chats: Chats
  readonly events: EventLog
  readonly onSession: (chat: Chat) => void
  /** The error code for the session's hash, or null. */
  readonly findRefusal: (request: FastifyRequest) => Promise<string | null>
  /** The look for a page; undefined if the page has no chat. */
  readonly findLook: (page: string) => Look | undefined
}

/** The widget's requests, and the agent's answers. */
export const chatRoutes: FastifyPluginAsyncTypebox<Parts> = async function chatRoutes (
  app,
  { values, chats, events, onSession, findRefusal, findLook }
) {
  const onRequest = createAnswerHook(values)
  // The handlers call verify, so nothing else marks these routes as needing the raw request.
  const config = { contactCenter: { capture: true } }

  app.post('/session', {
    onRequest,
    config,
    schema: { querystring: PageQuery, body: ChatSession, response: { 200: SessionReply } }
  }, async (request) => {
    const { url } = request.query
    const look = url === undefined ? undefined : findLook(url)
    if (url !== undefined && look === undefined) {
      events.record('session', 'refused', 'no chat configuration for this page is open now', {
        url
      })
      throw Object.assign(new Error('This page has no open chat'), { statusCode: 404 })
    }
    const check = await checkHash(request)
    return {
      ...recordSession('session', chats.open(request.body, check, look?.configuration), check),
      ...look && { look }
    }
  })

  app.post('/session/:id/verify', {
    onRequest,
    config,
    schema: { params: OneChat, body: ChatSession, response: { 200: SessionReply } }
  }, async (request) => {
    const chat = findChat(request.params.id)
    const check = await checkHash(request)
    chats.identify(chat, request.body, check)
    return recordSession('verify-session', chat, check)
  })

  app.get(
    '/session/:id/messages',
    { onRequest, schema: { params: OneChat } },
    async request => findChat(request.params.id).messages
  )

  app.post(
    '/session/:id/messages',
    { onRequest, schema: { params: OneChat, body: MessageBody } },
    async (request, reply) => {
      return reply.code(201).send(
        chats.addMessage(findChat(request.params.id), 'customer', request.body.text)
      )
    }
  )

  app.post(
    '/agent/chats/:id/messages',
    { schema: { params: OneChat, body: MessageBody } },
    async (request, reply) => {
      chats.addMessage(findChat(request.params.id), 'agent', request.body.text)
      return reply.redirect('/agent', 303)
    }
  )

  async function checkHash (request: FastifyRequest): Promise<Check & { code?: string }> {
    if (values.verification === 'off') return { verified: false, checked: false }
    const code = await findRefusal(request)
    return { verified: code === null, checked: true, ...code !== null && { code } }
  }

  function findChat (id: string): Chat {
    const chat = chats.get(id)
    if (chat === undefined) throw Object.assign(new Error('Unknown chat'), { statusCode: 404 })
    return chat
  }

  function recordSession (
    kind: string,
    chat: Chat,
    { verified, checked: checkHash, code }: Check & { code?: string }
  ): Static<typeof SessionReply> {
    const text = verified
      ? 'the agent sees the customer as verified'
      : checkHash
      ? 'the agent sees a warning about the customer'
      : 'the agent sees the customer as not checked'
    events.record(kind, verified || !checkHash ? 'accepted' : 'refused', text, {
      sessionId: chat.id,
      ...code !== undefined && { code }
    })
    onSession(chat)
    return { sessionId: chat.id, verified }
  }
}
