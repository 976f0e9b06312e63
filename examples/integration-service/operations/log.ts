import type { FastifyRequest, FastifyServerOptions } from 'fastify'

/** Digits that could be somebody's number; the last two are left for telling lines apart. */
const number = /\+?\d[\d ()./-]{5,}\d/g

/** Text with what looks like a telephone number masked. */
export function mask (text: string): string {
  return text.replace(number, found => `***${found.slice(-2)}`)
}

/**
 * What may be logged. Requests by their route, never by their address: queries hold
 * numbers, the path of a connection callback holds its gate, signed URLs are passwords.
 */
export function loggerOptions (
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
      err: errorForLog
    }
  }
}

/** A driver's error quotes rows in its `detail`: of all its fields only these are kept. */
function errorForLog (
  error: Error & { code?: string, cause?: unknown }
): { type: string, message: string, stack: string } & Record<string, unknown> {
  const { cause } = error
  return {
    type: error.constructor.name,
    message: mask(error.message),
    stack: mask(error.stack ?? ''),
    ...error.code !== undefined && { code: error.code },
    ...cause instanceof Error &&
      {
        cause: {
          type: cause.constructor.name,
          message: mask(cause.message),
          code: (cause as { code?: string }).code
        }
      }
  }
}
