import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { keepNewest } from '../shared/keep-newest.ts'

const cookie = 'oc_simulator_session'
const maximumEntries = 10_000

/** The help centre's logins and access tokens. */
export class Sessions {
  readonly #members = new Map<string, string>()
  readonly #accessTokens = new Map<string, string>()

  logIn (reply: FastifyReply, usercode: string): void {
    const id = randomBytes(16).toString('hex')
    keepNewest(this.#members, id, usercode, maximumEntries)
    reply.setCookie(cookie, id, { path: '/', httpOnly: true, sameSite: 'lax' })
  }

  /** Null for a guest. */
  memberOf ({ cookies }: FastifyRequest): string | null {
    return this.#members.get(cookies[cookie] ?? '') ?? null
  }

  issueAccessToken (usercode: string): string {
    const token = randomBytes(16).toString('hex')
    keepNewest(this.#accessTokens, token, usercode, maximumEntries)
    return token
  }

  /** Returns the member of the token. Each token works once. */
  redeem (accessToken: string): string | null {
    const usercode = this.#accessTokens.get(accessToken) ?? null
    this.#accessTokens.delete(accessToken)
    return usercode
  }
}
