import { STATUS_CODES } from 'node:http'
import type { Failure, FailureReply } from '../kit/route/failure.ts'

/** Online Contact's own way to refuse. It never says which of the checks failed. */
export function denyAccess ({ status }: Failure): FailureReply {
  const resultCode = status === 401 ? 403 : status
  const resultMessage = resultCode === 403 ? 'Access Denied' : STATUS_CODES[resultCode] ?? 'Error'
  return {
    status: resultCode,
    body: { header: { resultCode, resultMessage, isSuccessful: false }, result: null }
  }
}

/** The vendor's replies may say no with status 200. */
export function isRefusal (payload: string): boolean {
  return /"isSuccessful"\s*:\s*false/.test(payload)
}
