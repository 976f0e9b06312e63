import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { inputRefusedText, MediaTypeRefused } from '../errors.ts'
import { failClaims } from './claims.ts'

/** A failure on a signed route, reduced to its public parts. */
export interface Failure {
  /** The HTTP status that Fastify would send. */
  readonly status: number
  /** A stable code: the kit's, Fastify's, or a handler's own. */
  readonly code: string
  /** A fixed text for statuses above 499; else the error's own public text. */
  readonly message: string
}

/** The reply to a failure in a vendor's shape. */
export interface FailureReply {
  readonly status: number
  readonly body: unknown
  /** Default `application/json; charset=utf-8`. */
  readonly type?: string
  /** Further headers, such as `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Errors of other frameworks have `status`, which Fastify respects too. */
type Thrown = Partial<FastifyError> & {
  status?: number,
  cause?: unknown,
  headers?: unknown
}

/** Headers about a body that is not sent: an error may have those of another service's reply. */
const bodyHeaders = ['content-length', 'content-encoding', 'transfer-encoding']

/** The Retry-After of 503 replies, in seconds. */
export const retryAfterSeconds = 5

/** An error handler of Fastify that sends the reply itself. */
export type FailureHandler = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply
) => void

/**
 * Makes an error handler that answers every failure in the vendor's shape: signature, schema,
 * malformed JSON, body too large, media type, and the handler's own. Details are logged; the reply
 * has fixed texts only.
 */
export function createFailureHandler (
  vendor: string,
  replyTo: (failure: Failure) => FailureReply
): FailureHandler {
  return function vendorErrorHandler (thrown, request, reply) {
    const error = isBrokenForm(thrown, request) ? new MediaTypeRefused({ cause: thrown }) : thrown
    const { failure, status, headers, body } = failureReply(replyTo, error, reply.statusCode)
    logFailure(vendor, failure, status, error, request)
    failClaims(request)
    for (const [name, value] of Object.entries(headers)) {
      // Headers that the handler set before it threw are kept.
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    reply.code(status).send(body)
  }
}

/** The complete reply to a failure, also for error handlers and filters of other frameworks. */
export function failureReply (
  replyTo: (failure: Failure) => FailureReply,
  error: unknown,
  replyStatus = 500
): { failure: Failure, status: number, headers: Record<string, string>, body: unknown } {
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : {}
  const failure = toFailure(thrown, replyStatus)
  const { status, body, type = 'application/json; charset=utf-8', headers } = replyTo(failure)
  return {
    failure,
    status,
    headers: {
      ...failure.status === 503 && { 'retry-after': String(retryAfterSeconds) },
      ...headersOf(thrown),
      ...headers && lowerCaseNames(headers),
      'content-type': type
    },
    body
  }
}

/**
 * A plugin that parses form-data on every route runs before the guard, and its parser's errors have
 * no status. No vendor sends form-data, so a broken form is the sender's fault, not this service's.
 */
function isBrokenForm (thrown: unknown, request: FastifyRequest): thrown is Error {
  return thrown instanceof Error && (thrown as Thrown).statusCode === undefined &&
    /multipart|unexpected end of (?:form|file)/i.test(thrown.message) &&
    /^multipart\//i.test(String(request.headers['content-type']))
}

function headersOf ({ headers }: Thrown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {}
  const ownHeaders = lowerCaseNames(headers as Record<string, string>)
  for (const name of bodyHeaders) delete ownHeaders[name]
  return ownHeaders
}

function lowerCaseNames (headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])
  )
}

function toFailure (thrown: Thrown, replyStatus: number): Failure {
  const status = statusOf(thrown, replyStatus)
  const isPublic = status < 500 || isKitError(thrown)
  return {
    status,
    code: isPublic && typeof thrown.code === 'string' ? thrown.code : phraseOf(status),
    message: isPublic ? publicMessage(thrown) : internalErrorText
  }
}

const internalErrorText = 'Internal server error'

function publicMessage ({ code, name, message }: Thrown): string {
  // Its message may name a field for the app's own code; callers get the fixed text.
  if (code === 'FST_CC_INPUT_REFUSED') return inputRefusedText
  // Another plugin's JSON parser threw it, and its message quotes the body.
  if (name === 'SyntaxError') return 'The body is malformed'
  return typeof message === 'string' ? message : internalErrorText
}

/** The standard phrase of a status as a code: 404 is `NOT_FOUND`. */
function phraseOf (status: number): string {
  const phrase = STATUS_CODES[status] ?? (status < 500 ? 'Bad Request' : 'Internal Server Error')
  return phrase.toUpperCase().replaceAll(/[^A-Z]+/g, '_')
}

function statusOf (thrown: Thrown, replyStatus: number): number {
  const ownStatus = thrown.statusCode ?? thrown.status
  if (thrown.validation !== undefined && ownStatus === undefined) return 400
  const status = ownStatus ?? (replyStatus >= 400 ? replyStatus : 500)
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500
}

function isKitError (thrown: Thrown): boolean {
  return typeof thrown.code === 'string' && thrown.code.startsWith('FST_CC_')
}

/** Logs the failure with the status that is sent, as Fastify does. */
function logFailure (
  vendor: string,
  failure: Failure,
  status: number,
  error: unknown,
  request: FastifyRequest
): void {
  const { code } = failure
  // A copy during processing is not a fault of this service.
  if (failure.status >= 500 && code !== 'FST_CC_IN_PROGRESS') {
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
