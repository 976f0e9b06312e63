import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { NotSignedIn } from '../sign-in/errors.ts'
import type { MemberRow, SessionRow } from '../store/index.ts'
import { memberById } from '../store/members.ts'
import { sessionById } from '../store/sessions.ts'
import { memberCookie } from './cookie.ts'

/** A member who is signed in. */
export interface Visit {
  readonly member: MemberRow
  readonly session: SessionRow
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Who the request's cookie says is visiting; null for a guest. An agent's session is a guest's
     * here.
     */
    memberVisit: (request: FastifyRequest) => Promise<Visit | null>
    /** Hook for `onRequest`: sets `request.visit`, or refuses with 401. */
    requireMember: (request: FastifyRequest) => Promise<void>
  }
  interface FastifyRequest {
    /** Who is signed in; null on routes without `requireMember`. */
    visit: Visit | null
  }
}

/**
 * Members' sessions live in the store, as agents' do, but apart: neither opens the other's doors.
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
 * The visit of a request behind `requireMember`. @throws {NotSignedIn} on a route that forgot the
 * hook
 */
export function visitOf ({ visit }: FastifyRequest): Visit {
  if (visit === null) throw new NotSignedIn()
  return visit
}
