import { createError } from '@fastify/error'
import type { Failure, FailureReply } from '../kit/route/failure.ts'

/**
 * For a handler to throw when the caller is not a customer: the agent sees "no result". Status 400.
 */
export const NoSuchCustomer = createError('FST_CC_NO_SUCH_CUSTOMER', 'No such customer', 400)

/** For 403, Contiple shows its agent "access denied"; it does not know 401. */
export function lookupFailure ({ status, code, message }: Failure): FailureReply {
  return {
    status: status === 401 ? 403 : status,
    body: { error: { code, message, detail: null } }
  }
}
