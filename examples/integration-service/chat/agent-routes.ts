import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import { hasAccount } from '../accounts.ts'
import { problems } from '../operations/errors.ts'
import { latestChats } from '../store/chats.ts'
import type { ChatRow } from '../store/index.ts'

const Chat = Type.Object({
  id: Type.String(),
  memberId: Type.Union([Type.String(), Type.Null()]),
  name: Type.String(),
  email: Type.Union([Type.String(), Type.Null()]),
  phone: Type.Union([Type.String(), Type.Null()]),
  unverified: Type.Object({
    name: Type.Optional(Type.String()),
    email: Type.Optional(Type.String()),
    phone: Type.Optional(Type.String())
  }, { description: 'The member’s own entries, unconfirmed' }),
  verified: Type.Boolean({
    description: 'Whether the service vouches for the data now'
  }),
  openedAt: Type.Integer({ description: 'Epoch milliseconds' }),
  updatedAt: Type.Integer({
    description: 'Time of the signature, or when it became outdated; epoch milliseconds'
  }),
  endedAt: Type.Union([Type.Integer(), Type.Null()], {
    description: 'End of the member’s session; epoch milliseconds'
  })
})

/**
 * Members' chats as agents see them: the sessions that this service signed. The portal shows
 * whether it accepted them.
 */
export const chatAgentRoutes: FastifyPluginAsyncTypebox = async function chatAgentRoutes (app) {
  // The portal's page for agents, as in its simulator.
  const { config } = app
  const portalUrl = hasAccount(config, 'itxChat')
    ? new URL('/agent', config.ITX_PLUGIN_URL).href
    : null

  app.get('/api/chats', {
    onRequest: app.requireAgent,
    schema: {
      summary: 'List chats, newest first',
      description:
        'The sessions that the service signed. The portal decides whether to show a chat as verified.',
      tags: ['chats'],
      security: [{ agentSession: [] }],
      querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }) }),
      response: {
        200: Type.Object({
          chats: Type.Array(Chat),
          portalUrl: Type.Union([Type.String(), Type.Null()])
        }),
        ...problems
      }
    }
  }, async ({ query: { limit } }, reply) => {
    reply.header('cache-control', 'no-store')
    const rows = await app.store.read(db => latestChats(db, limit))
    return { chats: rows.map(row => toChatView(row, app.now())), portalUrl }
  })
}

function toChatView (row: ChatRow, now: number): Static<typeof Chat> {
  const { verifiedData, unverifiedData = {} } = JSON.parse(row.data) as {
    verifiedData: MemberData,
    unverifiedData?: MemberData
  }
  const { email = null, phoneNumber: phone = null } = verifiedData
  const { phoneNumber, ...ownData } = unverifiedData
  return {
    id: row.id,
    memberId: row.member_id,
    name: row.name,
    email,
    phone,
    unverified: { ...ownData, ...phoneNumber !== undefined && { phone: phoneNumber } },
    verified: row.verified === 1,
    openedAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ends_at !== null && row.ends_at <= now ? row.ends_at : null
  }
}

interface MemberData {
  name?: string
  email?: string
  phoneNumber?: string
}
