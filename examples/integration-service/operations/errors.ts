import { Type } from '@sinclair/typebox'
import fp from 'fastify-plugin'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { isRedisDown, RedisUnavailable } from './redis.ts'

/** Every failure that is not a vendor's. */
const Problem = Type.Object({
  statusCode: Type.Integer(),
  code: Type.Optional(Type.String()),
  error: Type.String(),
  message: Type.String()
})

/** For a route's `schema.response`. */
export const problems = { '4xx': Problem, '5xx': Problem }

/** Our own errors have public texts; of any other the caller learns nothing. */
const publicCode = /^(?:FST_|SERVICE_)/

/** What a failure looks like to a caller. */
export default fp(async function errors (app) {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = isRedisDown(thrown) ? new RedisUnavailable() : thrown
    const status = error.statusCode !== undefined && error.statusCode >= 400
      ? error.statusCode
      : error.validation !== undefined
      ? 400
      : 500
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    if (status === 503) reply.header('retry-after', '5')
    const isPublic = status < 500 || (error.code !== undefined && publicCode.test(error.code))
    return reply.code(status).send({
      statusCode: status,
      ...isPublic && error.code !== undefined && { code: error.code },
      error: status >= 500 ? 'Server Error' : 'Client Error',
      message: isPublic ? error.message : 'Internal server error'
    })
  })
}, { name: 'errors' })

/** Fastify's own handler logs the address and sends it back. */
export function noSuchRoute (_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({
    statusCode: 404,
    code: 'SERVICE_NO_SUCH_ROUTE',
    error: 'Client Error',
    message: 'No such route'
  })
}
