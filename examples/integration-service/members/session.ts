import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { NotSignedIn } from '../sign-in/errors.ts'
import type { MemberRow, SessionRow } from '../store/index.ts'
import { memberById } from '../store/members.ts'
import { sessionById } from '../store/sessions.ts'
import { memberCookie } from './cookie.ts'

/** A signed-in member. */
export interface Visit {
  readonly member: MemberRow
  readonly session: SessionRow
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The visit for the request's cookie; null for a guest. An agent's session counts as a guest's.
     */
    memberVisit: (request: FastifyRequest) => Promise<Visit | null>
    /** Hook for `onRequest`: sets `request.visit`, or refuses with 401. */
    requireMember: (request: FastifyRequest) => Promise<void>
  }
  interface FastifyRequest {
    /** The visit of the signed-in member; null on routes without `requireMember`. */
    visit: Visit | null
  }
}

/**
 * Members' sessions are in the store, as agents' are, but of another kind: neither is valid for the
 * other's routes.
 */
export default fp(async function memberSession (app) {
  const { name } = memberCookie(app.config)
  app.decorateRequest('visit', null)
  app.decorate('memberVisit', async (request) => {
    const id = request.cookies[name]
    if (id === undefined) return null
    return await app.store.read(async (db) => {
      const session = await sessionById(db, id, 'member', app.now())
      const member = session && await memberById(db, session.subject_id)
      return session === undefined || member === undefined ? null : { member, session }
    })
  })
  app.decorate('requireMember', async (request) => {
    request.visit = await app.memberVisit(request)
    if (request.visit === null) throw new NotSignedIn()
  })
}, { name: 'member-session', dependencies: ['store', '@fastify/cookie'] })

/**
 * The visit of a request behind `requireMember`. @throws {NotSignedIn} on a route without the hook
 */
export function visitOf ({ visit }: FastifyRequest): Visit {
  if (visit === null) throw new NotSignedIn()
  return visit
}
