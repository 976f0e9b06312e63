import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { problems } from '../operations/errors.ts'
import { limitSignIns } from '../sign-in/limit-sign-ins.ts'
import { isPassword } from '../sign-in/password.ts'
import { agentByLogin } from '../store/agents.ts'
import { beginSession, endSession } from '../store/sessions.ts'
import type { AgentRow, Change } from '../store/index.ts'
import { removeStatesWithoutSession } from '../store/agent-states.ts'
import { agentCookie } from './cookie.ts'
import { Role, stateRoutes } from './state-routes.ts'
import { agentOf } from './session.ts'

const Agent = Type.Object({
  id: Type.String(),
  login: Type.String(),
  name: Type.String(),
  role: Role
})

const SignInRefused = createError('SERVICE_SIGN_IN_REFUSED', 'Login or password is wrong', 401)

/** A working day. */
const lifetimeMs = 10 * 60 * 60 * 1000

/** Sign-in, sign-out, the signed-in agent, and agents' states. */
export const agentRoutes: FastifyPluginAsyncTypebox = async function agentRoutes (app) {
  await app.register(stateRoutes)
  const cookie = agentCookie(app.config)
  const limits = await limitSignIns(app, 'sign-in')

  app.post('/api/agents/session', {
    config: limits.config,
    schema: {
      summary: 'Sign in',
      tags: ['agents'],
      body: Type.Object({
        login: Type.String({ maxLength: 100 }),
        password: Type.String({ maxLength: 200 })
      }, { additionalProperties: false }),
      response: { 200: Agent, ...problems }
    }
  }, async (request, reply) => {
    const { login, password } = request.body
    await limits.countLogin(request)
    const agent = await app.store.read(db => agentByLogin(db, login))
    const matches = await isPassword(agent?.password_hash, password)
    if (!matches || agent === undefined || agent.disabled_at !== null) throw new SignInRefused()
    const previousId = request.cookies[cookie.name]
    const id = await app.store.commit(async (change) => {
      const now = app.now()
      // Remove states of expired sessions; a session begins without a state.
      await setOffline(change, now)
      return await beginSession(change.db, {
        kind: 'agent',
        subjectId: agent.id,
        now,
        lifetimeMs,
        previousId
      })
    })
    reply.setCookie(cookie.name, id, { ...cookie.options, maxAge: lifetimeMs / 1000 })
    return toAgentView(agent)
  })

  app.get('/api/agents/session', {
    onRequest: app.requireAgent,
    schema: {
      summary: 'Who is signed in',
      tags: ['agents'],
      security: [{ agentSession: [] }],
      response: { 200: Agent, ...problems }
    }
  }, async request => toAgentView(agentOf(request)))

  app.delete('/api/agents/session', {
    schema: { summary: 'Sign out', tags: ['agents'], response: { 204: Type.Null(), ...problems } }
  }, async (request, reply) => {
    const id = request.cookies[cookie.name]
    if (id !== undefined) {
      await app.store.commit(async (change) => {
        await endSession(change.db, id)
        await setOffline(change, app.now())
      })
    }
    reply.clearCookie(cookie.name, cookie.options)
    return await reply.code(204).send(null)
  })
}

/** Sets agents without a session offline, so that they are not rung. */
async function setOffline ({ db, publish }: Change, now: number): Promise<void> {
  for (const agentId of await removeStatesWithoutSession(db, now)) {
    publish('agent.state', { agentId, state: 'offline', reason: null, since: now })
  }
}

function toAgentView ({ id, login, name, role }: AgentRow) {
  return { id, login, name, role }
}
