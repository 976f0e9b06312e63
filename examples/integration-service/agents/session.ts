import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { NotSignedIn } from '../sign-in/errors.ts'
import { agentById } from '../store/agents.ts'
import { sessionById } from '../store/sessions.ts'
import type { AgentRow, SessionRow } from '../store/index.ts'
import { agentCookie } from './cookie.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook for `onRequest`: sets `request.agent`, or refuses with 401. */
    requireAgent: (request: FastifyRequest) => Promise<void>
    /** The agent's session for the request's cookie, if it is valid. */
    agentSession: (request: FastifyRequest) => Promise<SessionRow | undefined>
  }
  interface FastifyRequest {
    /** The signed-in agent; null on routes without `requireAgent`. */
    agent: AgentRow | null
  }
}

/** `app.requireAgent` and `request.agent`. Sessions are in the store, shared by all processes. */
export default fp(async function agentSession (app) {
  const { name } = agentCookie(app.config)
  app.decorateRequest('agent', null)
  app.decorate('agentSession', async (request) => {
    const id = request.cookies[name]
    return id === undefined
      ? undefined
      : await app.store.read(db => sessionById(db, id, 'agent', app.now()))
  })
  app.decorate('requireAgent', async (request) => {
    const session = await app.agentSession(request)
    const agent = session && await app.store.read(db => agentById(db, session.subject_id))
    if (agent === undefined || agent.disabled_at !== null) throw new NotSignedIn()
    request.agent = agent
  })
}, { name: 'agent-session', dependencies: ['store', '@fastify/cookie'] })

/**
 * The agent of a request behind `requireAgent`. @throws {NotSignedIn} on a route without the hook
 */
export function agentOf ({ agent }: FastifyRequest): AgentRow {
  if (agent === null) throw new NotSignedIn()
  return agent
}
