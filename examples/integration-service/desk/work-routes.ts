import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import { hasAccount } from '../accounts.ts'
import { agentOf } from '../agents/session.ts'
import { Role } from '../agents/state-routes.ts'
import { Call, readCallViews } from '../calls/view.ts'
import { formatNumber } from '../customers/phone.ts'
import { problems } from '../operations/errors.ts'
import { agentNames, agentsById } from '../store/agents.ts'
import { presentAgents, stateOfAgent } from '../store/agent-states.ts'
import { customersByPhone } from '../store/customers.ts'
import { lastEventId } from '../store/events.ts'
import type { CallRow, Db } from '../store/index.ts'
import { callsToWrapUp, openCalls } from '../store/open-calls.ts'
import { timelineRoute } from './timeline-route.ts'

const State = Type.Union([
  Type.Literal('available'),
  Type.Literal('busy'),
  Type.Literal('away')
])

/** The agents and their states. */
export const TeamMember = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Role,
  state: State,
  reason: Type.Union([Type.String(), Type.Null()]),
  since: Type.Integer({ description: 'Epoch milliseconds' }),
  signedIn: Type.Boolean({
    description: 'False: signed out or disabled during a call'
  }),
  call: Type.Union([
    Type.Object({
      callSerialNo: Type.String(),
      direction: Call.properties.direction,
      state: Call.properties.state,
      since: Type.Integer(),
      with: Type.Union([Type.String(), Type.Null()], { description: 'The customer, if known' })
    }),
    Type.Null()
  ])
})
export type TeamMember = Static<typeof TeamMember>

const Work = Type.Object({
  agentId: Type.String(),
  position: Type.Integer({ description: 'The id of the last event that this answer includes' }),
  state: Type.Union([Type.Literal('available'), Type.Literal('away'), Type.Null()], {
    description: 'The last state that the agent set; null before the first: the agent gets no calls'
  }),
  calls: Type.Array(Call, { description: 'The agent’s own calls: live, or waiting for wrap-up' }),
  ringing: Type.Array(Call, { description: 'Inbound calls that no agent has accepted yet' }),
  team: Type.Array(TeamMember),
  agents: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }), {
    description: 'All agents, past and present, for names in the history'
  }),
  dispositions: Type.Array(Type.String()),
  awayReasons: Type.Array(Type.String()),
  ringSeconds: Type.Integer(),
  can: Type.Object({
    dial: Type.Boolean(),
    screenPop: Type.Boolean(),
    chats: Type.Boolean(),
    messages: Type.Boolean()
  }, { description: 'The actions that the configured vendors support' })
})

/** Maximum number of open calls returned; more than any team has agents. */
const maximumOpen = 1000
/** A working day: older calls are only in the history. */
const wrapUpMs = 12 * 60 * 60 * 1000
const maximumToWrapUp = 20

/** `GET /api/work`: the data that a desk shows when it opens. */
export const workRoutes: FastifyPluginAsyncTypebox = async function workRoutes (app) {
  app.addHook('onRequest', app.requireAgent)
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  await app.register(timelineRoute)

  app.get('/api/work', {
    schema: {
      summary: 'The agent’s work, and the other agents',
      tags: ['desk'],
      security: [{ agentSession: [] }],
      response: { 200: Work, ...problems }
    }
  }, async (request) => {
    const { id: agentId } = agentOf(request)
    const { config } = app
    const now = app.now()
    return await app.store.read(async (db) => {
      // Read first: a change between these queries comes again as an event, and is never missed.
      const position = await lastEventId(db)
      const open = await openCalls(db, maximumOpen)
      const ownCalls = open.filter(call => call.agent_id === agentId).reverse()
      const toWrapUp = await callsToWrapUp(db, {
        agentId,
        since: now - wrapUpMs,
        limit: maximumToWrapUp
      })
      const ringing = open.filter(({ direction, stage }) => direction === 'inbound' && stage === 1)
      return {
        agentId,
        position,
        state: (await stateOfAgent(db, agentId))?.state ?? null,
        calls: await readCallViews(db, [...ownCalls, ...toWrapUp]),
        ringing: await readCallViews(db, ringing.slice(0, 50)),
        team: await readTeam(db, open, now),
        agents: [...await agentNames(db)].map(([id, name]) => ({ id, name })),
        dispositions: config.DISPOSITIONS,
        awayReasons: config.AWAY_REASONS,
        ringSeconds: config.RING_SECONDS,
        can: {
          dial: hasAccount(config, 'huaweiAicc'),
          screenPop: hasAccount(config, 'oracleCsc'),
          chats: hasAccount(config, 'itxChat'),
          messages: app.channels.size > 0
        }
      }
    })
  })
}

/**
 * The team. An agent on a call is busy, whatever state the agent set. An agent whose session ended
 * during a call is listed until the call ends, so that somebody notices the call.
 */
export async function readTeam (
  db: Db,
  open: readonly CallRow[],
  now: number
): Promise<TeamMember[]> {
  const calls = new Map(open.map(call => [call.agent_id, call]))
  const presentMembers = (await presentAgents(db, now)).map(agent => ({ ...agent, signedIn: true }))
  const presentIds = new Set(presentMembers.map(({ id }) => id))
  const signedOutAgents = await agentsById(
    db,
    [...calls.keys()].flatMap(id => id === null || presentIds.has(id) ? [] : id)
  )
  const agents: Array<Omit<TeamMember, 'call'>> = [
    ...presentMembers,
    ...signedOutAgents.map(({ id, name, role }) => ({
      id,
      name,
      role,
      state: 'busy' as const,
      reason: null,
      since: calls.get(id)?.created_at ?? now,
      signedIn: false
    }))
  ]
  const numbers = agents.flatMap(({ id }) => calls.get(id)?.customer_number ?? [])
  const customers = await customersByPhone(db, numbers)
  return agents.map(agent => {
    const call = calls.get(agent.id)
    if (call === undefined) return { ...agent, call: null }
    const number = call.customer_number
    return {
      ...agent,
      state: 'busy',
      call: {
        callSerialNo: call.call_serial_no,
        direction: call.direction ?? 'outbound',
        state: call.stage === 1 ? 'dialling' : 'connected',
        since: call.connected_at ?? call.created_at,
        with: number === null ? null : customers.get(number)?.name ?? formatNumber(number)
      }
    }
  })
}
