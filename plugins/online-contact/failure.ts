import { STATUS_CODES } from 'node:http'
import type { Failure, FailureReply } from '../kit/route/failure.ts'

/** A refusal in Online Contact's shape. It never says which check failed. */
export function denyAccess ({ status }: Failure): FailureReply {
  const resultCode = status === 401 ? 403 : status
  const resultMessage = resultCode === 403 ? 'Access Denied' : STATUS_CODES[resultCode] ?? 'Error'
  return {
    status: resultCode,
    body: { header: { resultCode, resultMessage, isSuccessful: false }, result: null }
  }
}

/** In the vendor's shape, a reply of status 200 may be a refusal. */
export function isRefusal (payload: string): boolean {
  return /"isSuccessful"\s*:\s*false/.test(payload)
}
