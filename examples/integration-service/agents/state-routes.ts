import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { problems } from '../operations/errors.ts'
import { saveState } from '../store/agent-states.ts'
import { agentOf } from './session.ts'

export const Role = Type.Union([Type.Literal('agent'), Type.Literal('supervisor')])

const NoSuchReason = createError(
  'SERVICE_NO_SUCH_REASON',
  'The reason is not configured',
  400
)

const OwnState = Type.Object({
  state: Type.Union([Type.Literal('available'), Type.Literal('away')]),
  reason: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    maxLength: 100,
    description: 'The reason for being away; null when available'
  })
}, { additionalProperties: false })

/**
 * `PUT /api/agents/state`: available, or away with a reason. Calls make an agent busy
 * automatically.
 */
export const stateRoutes: FastifyPluginAsyncTypebox = async function stateRoutes (app) {
  app.put('/api/agents/state', {
    onRequest: app.requireAgent,
    schema: {
      summary: 'Set the state of the agent',
      tags: ['agents'],
      security: [{ agentSession: [] }],
      body: OwnState,
      response: { 200: OwnState, ...problems }
    }
  }, async (request) => {
    const { id } = agentOf(request)
    const { state } = request.body
    const reason = state === 'available' ? null : request.body.reason
    if (state === 'away' && (reason === null || !app.config.AWAY_REASONS.includes(reason))) {
      throw new NoSuchReason()
    }
    const since = app.now()
    await app.store.commit(async ({ db, publish }) => {
      await saveState(db, { agent_id: id, state, reason, since })
      publish('agent.state', { agentId: id, state, reason, since })
    })
    return { state, reason }
  })
}
