import { createError } from '@fastify/error'
import type { Failure, FailureReply } from '../kit/route/failure.ts'

/** Throw it from a handler where the caller is no customer: Contiple's agent sees "no result". */
export const NoSuchCustomer = createError('FST_CC_NO_SUCH_CUSTOMER', 'No such customer', 400)

/** Contiple's agent is told "access denied" for 403; it knows no 401. */
export function lookupFailure ({ status, code, message }: Failure): FailureReply {
  return {
    status: status === 401 ? 403 : status,
    body: { error: { code, message, detail: null } }
  }
}
