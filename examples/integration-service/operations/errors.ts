import { STATUS_CODES } from 'node:http'
import { Type } from '@sinclair/typebox'
import fp from 'fastify-plugin'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { TextRefused } from '../store/errors.ts'
import { isRedisDown, RedisUnavailable } from './redis.ts'

/** Every failure except those of the vendors' plugins. */
const Problem = Type.Object({
  statusCode: Type.Integer(),
  code: Type.Optional(Type.String()),
  error: Type.String(),
  message: Type.String()
})

/** For a route's `schema.response`. */
export const problems = { '4xx': Problem, '5xx': Problem }

/** Our own errors have public texts; other errors reveal nothing to the caller. */
const publicCode = /^(?:FST_|SERVICE_)/

/**
 * Replies to errors, and refuses U+0000 in requests. Responses are for one caller only, so they
 * are not cached unless a route allows it.
 */
export default fp(async function errors (app) {
  // After signature check and validation, so that forged requests are refused as such.
  app.addHook('preHandler', ({ body, query, params }, _reply, done) => {
    const isRefused = containsNull(body) || containsNull(query) || containsNull(params)
    done(isRefused ? new TextRefused() : undefined)
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done()
  })
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = isRedisDown(thrown) ? new RedisUnavailable() : thrown
    const status = error.statusCode !== undefined && error.statusCode >= 400
      ? error.statusCode
      : error.validation !== undefined
      ? 400
      : 500
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '5')
    const isPublic = status < 500 || (error.code !== undefined && publicCode.test(error.code))
    return reply.code(status).send({
      statusCode: status,
      ...isPublic && error.code !== undefined && { code: error.code },
      error: STATUS_CODES[status] ?? 'Error',
      message: isPublic ? error.message : 'Internal server error'
    })
  })
}, { name: 'errors' })

/** U+0000 in any text: PostgreSQL cannot store it, and no name or number contains it. */
function containsNull (value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false
  for (const name of Object.keys(value)) {
    if (name.includes('\0') || containsNull((value as Record<string, unknown>)[name])) return true
  }
  return false
}

/** Fastify's own handler logs the URL and returns it. */
export function refuseUnknownRoute (_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({
    statusCode: 404,
    code: 'SERVICE_NO_SUCH_ROUTE',
    error: 'Not Found',
    message: 'No such route'
  })
}
