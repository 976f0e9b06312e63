import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SignatureInvalid } from 'fastify-contact-center'
import type { EventLog } from '../shared/events.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    event?: string
  }
}

/** Hook: runs the plugin's check of token, time and service, and records refusals. */
export function checkMember (
  app: FastifyInstance,
  values: { readonly service: string },
  events: EventLog
) {
  return async function check (request: FastifyRequest): Promise<void> {
    try {
      await app.onlineContact.verify(request)
      const { service } = (request.method === 'GET' ? request.params : request.body) as {
        service?: string
      }
      if (service !== values.service) {
        throw new SignatureInvalid({ cause: new Error('the token is for another service') })
      }
    } catch (error) {
      events.record(
        String(request.routeOptions.config.event),
        'refused',
        `Refused: ${(error as Error).message}`,
        { code: (error as { code?: string }).code }
      )
      throw error
    }
  }
}
