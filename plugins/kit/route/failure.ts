import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { inputRefusedText } from '../errors.ts'

/** A failure on a signed route, reduced to what may be public. */
export interface Failure {
  /** The HTTP status that Fastify would send. */
  readonly status: number
  /** A stable code: the kit's, Fastify's, or a handler's own. */
  readonly code: string
  /** Fixed for everything above 499; else the error's own public text. */
  readonly message: string
}

/** A vendor's way of saying it. */
export interface FailureReply {
  readonly status: number
  readonly body: unknown
}

/** `status` is what errors of other frameworks have; Fastify heeds it too. */
type Thrown = Partial<FastifyError> & { status?: number, cause?: unknown }

/** Seconds after which a vendor may try again when a store was down. */
export const retryAfterSeconds = 5

/**
 * An error handler for one route that says every failure in the vendor's shape:
 * signature, schema, malformed JSON, body too large, media type, and the handler's
 * own. Details go to the log; the reply holds fixed texts only.
 */
export function createFailureHandler (vendor: string, replyTo: (failure: Failure) => FailureReply) {
  return function vendorErrorHandler (
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply
  ): void {
    const failure = toFailure(error, reply.statusCode)
    const { status, body } = replyTo(failure)
    logFailure(vendor, failure, status, error, request)
    if (failure.status === 503) reply.header('retry-after', String(retryAfterSeconds))
    reply.code(status).type('application/json; charset=utf-8').send(body)
  }
}

function toFailure (error: unknown, statusSoFar: number): Failure {
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : {}
  const status = statusOf(thrown, statusSoFar)
  const exposed = status < 500 || isOurs(thrown)
  return {
    status,
    code: exposed && typeof thrown.code === 'string'
      ? thrown.code
      : status < 500
      ? 'BAD_REQUEST'
      : 'INTERNAL_SERVER_ERROR',
    message: thrown.code === 'FST_CC_INPUT_REFUSED'
      // Thrown to a handler that signs, it names the field; the vendor is not told.
      ? inputRefusedText
      : exposed && typeof thrown.message === 'string'
      ? thrown.message
      : 'Internal server error'
  }
}

function statusOf (thrown: Thrown, statusSoFar: number): number {
  const own = thrown.statusCode ?? thrown.status
  if (thrown.validation !== undefined && own === undefined) return 400
  const status = own ?? (statusSoFar >= 400 ? statusSoFar : 500)
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500
}

function isOurs (thrown: Thrown): boolean {
  return typeof thrown.code === 'string' && thrown.code.startsWith('FST_CC_')
}

/** With the status that is sent, as Fastify's own log has it. */
function logFailure (
  vendor: string,
  failure: Failure,
  status: number,
  error: unknown,
  request: FastifyRequest
): void {
  const { code } = failure
  if (failure.status >= 500) {
    request.log.error({ err: error, vendor, code }, 'signed route failed')
  } else {
    const cause = (error as Thrown | null)?.cause
    request.log.info({
      vendor,
      code,
      status,
      ...cause instanceof Error && { reason: cause.message }
    }, 'request refused')
  }
}
