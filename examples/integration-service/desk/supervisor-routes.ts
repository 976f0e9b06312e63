import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { requireSupervisor } from '../agents/roles.ts'
import { problems } from '../operations/errors.ts'
import { outcomes } from '../store/calls.ts'
import { countDay } from '../store/day.ts'
import { openCalls } from '../store/open-calls.ts'
import { refusalsSince } from '../store/refusals.ts'
import { TeamMember, readTeam } from './work-routes.ts'

const NoSuchDay = createError(
  'SERVICE_NO_SUCH_DAY',
  'The day must have begun within the last two days',
  400
)

const hourMs = 60 * 60 * 1000

const Overview = Type.Object({
  hours: Type.Array(Type.Object({
    hour: Type.Integer({ description: 'Hours since the day began' }),
    direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
    outcome: Type.Union(outcomes.map(outcome => Type.Literal(outcome))),
    calls: Type.Integer(),
    talkSeconds: Type.Integer()
  })),
  team: Type.Array(TeamMember),
  refusals: Type.Array(
    Type.Object({
      vendor: Type.String(),
      code: Type.String(),
      count: Type.Integer(),
      lastAt: Type.Integer({ description: 'Epoch milliseconds, to the minute' })
    }),
    { description: 'Refused requests in a vendor’s name' }
  )
})

/** `GET /api/overview`: today's numbers, for supervisors. */
export const supervisorRoutes: FastifyPluginAsyncTypebox = async function supervisorRoutes (app) {
  app.get('/api/overview', {
    onRequest: [app.requireAgent, requireSupervisor],
    schema: {
      summary: 'Agents and their calls, today’s numbers, and refused requests',
      tags: ['desk'],
      security: [{ agentSession: [] }],
      querystring: Type.Object({
        start: Type.Integer({ description: 'Start of the reader’s day, epoch milliseconds' })
      }),
      response: { 200: Overview, ...problems }
    }
  }, async ({ query: { start } }, reply) => {
    const now = app.now()
    if (start > now || start < now - 48 * hourMs) throw new NoSuchDay()
    reply.header('cache-control', 'no-store')
    return await app.store.read(async (db) => {
      const refusals = await refusalsSince(db, Math.floor(start / 60_000))
      return {
        hours: await countDay(db, start),
        team: await readTeam(db, await openCalls(db, 1000), now),
        refusals: refusals.map(({ last, ...row }) => ({ ...row, lastAt: last * 60_000 }))
      }
    })
  })
}
