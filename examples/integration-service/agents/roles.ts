import createError from '@fastify/error'
import type { FastifyRequest } from 'fastify'
import { agentOf } from './session.ts'

const SupervisorsOnly = createError('SERVICE_SUPERVISORS_ONLY', 'Only supervisors may do this', 403)

/** Hook for `onRequest`, after `requireAgent`. @throws {SupervisorsOnly} */
export async function requireSupervisor (request: FastifyRequest): Promise<void> {
  if (agentOf(request).role !== 'supervisor') throw new SupervisorsOnly()
}
