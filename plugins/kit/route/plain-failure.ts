import { STATUS_CODES } from 'node:http'
import type { Failure, FailureReply } from './failure.ts'

/** A failure in Fastify's own shape. */
export function plainFailure ({ status, code, message }: Failure): FailureReply {
  return {
    status,
    body: { statusCode: status, code, error: STATUS_CODES[status] ?? 'Error', message }
  }
}

/** The schema of {@link plainFailure}'s body. */
export const PlainFailure = {
  type: 'object',
  required: ['statusCode', 'code', 'error', 'message'],
  properties: {
    statusCode: { type: 'integer' },
    code: { type: 'string' },
    error: { type: 'string' },
    message: { type: 'string' }
  }
} as const
