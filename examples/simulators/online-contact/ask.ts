import { Value } from '@sinclair/typebox/value'
import { loggedInMember, LoginStatus } from 'fastify-contact-center/online-contact'

/** Asks our site about the token of a GET link, and believes the answer. */
export async function askWhetherIssued (verifyTokenUrl: string, usercode: string, token: string): Promise<boolean> {
  try {
    const response = await fetch(`${verifyTokenUrl}?${new URLSearchParams({ usercode, token })}`, { signal: AbortSignal.timeout(5000) })
    return memberIn(await response.json()) === usercode
  } catch {
    return false
  }
}

export interface StatusAnswer {
  status: number
  /** Whether a browser would hand the answer to a script of that origin. */
  readable: boolean
  usercode: string | null
  headers: Record<string, string | null>
  body: unknown
}

/** Asks our site who is logged in, as a browser would from a page of this origin. */
export async function askLoginStatus (statusUrl: string, cookie: string, origin: string): Promise<StatusAnswer> {
  const response = await fetch(statusUrl, { headers: { cookie, origin }, signal: AbortSignal.timeout(5000) })
  const body: unknown = await response.json().catch(() => null)
  const headers = Object.fromEntries(['access-control-allow-origin', 'access-control-allow-credentials', 'vary'].map(name => [name, response.headers.get(name)]))
  const readable = response.ok && headers['access-control-allow-origin'] === origin && headers['access-control-allow-credentials'] === 'true'
  return { status: response.status, readable, usercode: memberIn(body), headers, body }
}

function memberIn (answer: unknown): string | null {
  return Value.Check(LoginStatus, answer) ? loggedInMember(answer) : null
}
