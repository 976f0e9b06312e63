import { Value } from '@sinclair/typebox/value'
import { loggedInMember, LoginStatus } from 'fastify-contact-center/online-contact'
import { exchange, get, objectIn, withQuery } from '../shared/wire.ts'

/** Asks your site whether it issued the token of a GET link, and trusts the answer. */
export async function askWhetherIssued (
  verifyTokenUrl: string,
  usercode: string,
  token: string
): Promise<boolean> {
  const { status, text } = await exchange(get(withQuery(verifyTokenUrl, { usercode, token })))
  return status === 200 && memberIn(text) === usercode
}

export interface StatusAnswer {
  /** Null if there was no response. */
  status: number | null
  /** Whether a browser would let a script of that origin read the response. */
  readable: boolean
  usercode: string | null
  headers: Record<string, string | null>
  body: unknown
}

const shown = ['access-control-allow-origin', 'access-control-allow-credentials', 'vary']

/** Asks your site for the login status, like a browser on a page of this origin. */
export async function askLoginStatus (
  statusUrl: string,
  cookie: string,
  origin: string
): Promise<StatusAnswer> {
  const answer = await exchange(
    get(statusUrl, [['Origin', origin], ...cookie === '' ? [] : [['Cookie', cookie] as const]])
  )
  const headers = Object.fromEntries(
    shown.map(name => [name, String(answer.headers[name] ?? '') || null])
  )
  const readable = answer.status === 200 && headers['access-control-allow-origin'] === origin &&
    headers['access-control-allow-credentials'] === 'true'
  return {
    status: answer.status,
    readable,
    usercode: memberIn(answer.text),
    headers,
    body: objectIn(answer.text) ?? answer.text
  }
}

function memberIn (answer: string): string | null {
  const status = objectIn(answer)
  return Value.Check(LoginStatus, status) ? loggedInMember(status) : null
}
