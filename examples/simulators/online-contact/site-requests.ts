import { Value } from '@sinclair/typebox/value'
import { loggedInMember, LoginStatus } from 'fastify-contact-center/online-contact'
import { exchange, getRequest, parseObject, withQuery } from '../shared/wire.ts'

/** Asks your site whether it issued the token of a GET link, and trusts the answer. */
export async function checkTokenIssued (
  verifyTokenUrl: string,
  usercode: string,
  token: string
): Promise<boolean> {
  const { status, text } = await exchange(
    getRequest(withQuery(verifyTokenUrl, { usercode, token }))
  )
  return status === 200 && readMember(text) === usercode
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

const shownHeaders = ['access-control-allow-origin', 'access-control-allow-credentials', 'vary']

/** Asks your site for the login status, like a browser on a page of this origin. */
export async function fetchLoginStatus (
  statusUrl: string,
  cookie: string,
  origin: string
): Promise<StatusAnswer> {
  const answer = await exchange(
    getRequest(statusUrl, [
      ['Origin', origin],
      ...cookie === '' ? [] : [['Cookie', cookie] as const]
    ])
  )
  const headers = Object.fromEntries(
    shownHeaders.map(name => [name, String(answer.headers[name] ?? '') || null])
  )
  const readable = answer.status === 200 && headers['access-control-allow-origin'] === origin &&
    headers['access-control-allow-credentials'] === 'true'
  return {
    status: answer.status,
    readable,
    usercode: readMember(answer.text),
    headers,
    body: parseObject(answer.text) ?? answer.text
  }
}

function readMember (answer: string): string | null {
  const status = parseObject(answer)
  return Value.Check(LoginStatus, status) ? loggedInMember(status) : null
}
