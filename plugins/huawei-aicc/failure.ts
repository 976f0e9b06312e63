import type { Failure, FailureReply } from '../kit/route/failure.ts'

/** The vendor reads `retCode`; its meaning beyond "not 0" is open, so it holds the status. */
export function callbackFailure ({ status, code, message }: Failure): FailureReply {
  return { status, body: { retCode: String(status), retMsg: `${code}: ${message}` } }
}

/** Any other code than 0 makes the vendor call again, with whatever status it comes. */
export function isFailure (payload: string): boolean {
  // Most replies need no parsing. A name that is written with escapes does.
  if (!payload.includes('retCode') && !payload.includes('\\')) return false
  try {
    const body = JSON.parse(payload) as { retCode?: unknown } | null
    return body?.retCode !== undefined && String(body.retCode) !== '0'
  } catch {
    return false
  }
}
