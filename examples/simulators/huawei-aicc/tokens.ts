import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { createAnswerHook } from '../shared/answers.ts'
import type { EventLog } from '../shared/events.ts'
import { replyOrRedirect } from '../shared/page.ts'

/** The token endpoint of the simulated API Fabric. */
export const tokenPath = '/apigovernance/api/oauth/tokenByAkSk'

interface IssuedToken {
  readonly token: string
  /** Epoch milliseconds. */
  readonly until: number
}

const maximumTokens = 100

/** The issued access tokens that have not expired. */
export class Tokens {
  readonly #now: () => number
  #issued: IssuedToken[] = []

  constructor (now: () => number) {
    this.#now = now
  }

  issue (seconds: number): IssuedToken {
    const issued = {
      token: randomBytes(16).toString('hex'),
      until: this.#now() + seconds * 1000
    }
    this.#issued = [...this.live, issued].slice(-maximumTokens)
    return issued
  }

  isValid (token: string): boolean {
    return this.live.some(issued => issued.token === token)
  }

  get live (): readonly IssuedToken[] {
    return this.#issued.filter(({ until }) => until > this.#now())
  }

  /** Expires all tokens. */
  expire (): number {
    const { length } = this.live
    this.#issued = []
    return length
  }
}

interface Parts {
  values: {
    readonly appKey: string,
    readonly appSecret: string,
    readonly tokenSeconds: string,
    readonly answers: string
  }
  tokens: Tokens
  events: EventLog
}

/**
 * The token endpoint for createCall, and `POST /lab/tokens/expire`, which expires tokens early.
 * @see https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_0005.html
 */
export const tokenRoutes: FastifyPluginAsyncTypebox<Parts> = async function tokenRoutes (
  app,
  { values, tokens, events }
) {
  app.post(tokenPath, {
    schema: { body: Type.Object({ app_key: Type.String(), app_secret: Type.String() }) },
    onRequest: createAnswerHook(values)
  }, async ({ body }, reply) => {
    if (body.app_key !== values.appKey || body.app_secret !== values.appSecret) {
      events.record('token', 'refused', 'the app key or app secret is wrong')
      return await reply.code(401).send({
        resultCode: '401',
        resultDesc: 'the app key or app secret is wrong'
      })
    }
    const { token } = tokens.issue(Number(values.tokenSeconds))
    events.record('token', 'accepted', `issued an access token for ${values.tokenSeconds} seconds`)
    return { AccessToken: token, ApplyType: 'Bearer', Expires: values.tokenSeconds }
  })

  app.post('/lab/tokens/expire', async (request, reply) => {
    const expired = tokens.expire()
    events.record(
      'token',
      'sent',
      `${expired} access ${expired === 1 ? 'token' : 'tokens'} expired`
    )
    return replyOrRedirect(request, reply, { expired })
  })
}
