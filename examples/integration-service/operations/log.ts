import type { FastifyRequest, FastifyServerOptions } from 'fastify'

/**
 * Digits that may be a telephone number; the last two stay, to tell lines apart. Addresses with
 * ports, dates and times, ids and file positions are not masked, because operators need them.
 */
const numberOrOther =
  /(?<other>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[?[\da-f]*:[\da-f:]*:[\da-f.]*\]?(?::\d{1,5})?|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?\b|\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|:\d+:\d+\b)|\+?\d[\d ()./-]{5,}\d/gi

/** Text with possible telephone numbers masked. */
export function maskNumbers (text: string): string {
  return text.replace(
    numberOrOther,
    (match, ...groups) =>
      (groups.at(-1) as { other?: string }).other === undefined ? `***${match.slice(-2)}` : match
  )
}

/**
 * What may be logged. Requests are logged by route, never by URL: queries contain numbers, the path
 * of a connection callback contains its gate, and signed URLs are passwords.
 */
export function createLoggerOptions (
  level: string
): Exclude<FastifyServerOptions['logger'], boolean | undefined> {
  return {
    level,
    redact: {
      paths: [
        '*.headers',
        '*.cookie',
        '*.authorization',
        '*.password',
        '*.phone',
        '*.name',
        '*.email',
        '*.url',
        '*.caller',
        '*.called',
        'phone',
        'name',
        'email',
        'url'
      ],
      censor: '***'
    },
    serializers: {
      req: (request: FastifyRequest) => ({
        method: request.method,
        route: request.routeOptions?.url ?? 'none'
      }),
      err: serializeError
    }
  }
}

/** A driver's error quotes rows in its `detail`: only these fields are logged. */
function serializeError (
  error: Error & { code?: string, cause?: unknown }
): { type: string, message: string, stack: string } & Record<string, unknown> {
  return {
    type: error.constructor.name,
    message: maskNumbers(error.message),
    stack: maskNumbers(error.stack ?? ''),
    ...error.code !== undefined && { code: error.code },
    ...serializeCause(error.cause)
  }
}

/** How many causes are followed: `fetch failed` has its reason in its cause's cause. */
const maximumDepth = 4

function serializeCause (cause: unknown, depth = 1): object {
  if (!(cause instanceof Error) || depth > maximumDepth) return {}
  const { code, hostname, errors: [first] = [] } = cause as Error & {
    code?: string,
    hostname?: string,
    errors?: unknown[]
  }
  return {
    cause: {
      type: cause.constructor.name,
      // Node's error for several addresses of one host has an empty message.
      message: maskNumbers(cause.message || (first instanceof Error ? first.message : '')),
      ...code !== undefined && { code },
      ...hostname !== undefined && { hostname },
      ...serializeCause(cause.cause, depth + 1)
    }
  }
}
