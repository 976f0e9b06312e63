import type { Failure, FailureReply } from '../kit/route/failure.ts'

/** The vendor reads `retCode`. Only 0 has a documented meaning, so a failure holds the status. */
export function callbackFailure ({ status, code, message }: Failure): FailureReply {
  return { status, body: { retCode: String(status), retMsg: `${code}: ${message}` } }
}

/** The vendor repeats the callback for any code but 0, whatever the HTTP status. */
export function isFailure (payload: string): boolean {
  // Most replies need no parsing; a name with escapes does.
  if (!payload.includes('retCode') && !payload.includes('\\')) return false
  try {
    const body = JSON.parse(payload) as { retCode?: unknown } | null
    return body?.retCode !== undefined && String(body.retCode) !== '0'
  } catch {
    return false
  }
}
