import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { EventLog } from '../shared/events.ts'
import { replyOrRedirect } from '../shared/page.ts'
import { fetchLoginStatus, checkTokenIssued, type StatusAnswer } from './site-requests.ts'

/** The latest answers of your site, for the page. */
export interface SiteAnswers {
  status: StatusAnswer | null
  token: { usercode: string, issued: boolean } | null
}

interface Parts {
  readonly values: { readonly statusUrl: string, readonly verifyTokenUrl: string }
  readonly events: EventLog
  readonly siteAnswers: SiteAnswers
  readonly origin: (request: FastifyRequest) => string
}

/**
 * Makes Online Contact's requests to your site on demand: `POST /lab/check-status` and `POST
 * /lab/check-token`.
 */
export const siteRequestRoutes: FastifyPluginAsyncTypebox<Parts> =
  async function siteRequestRoutes (
    app,
    { values, events, siteAnswers, origin }
  ) {
    app.post('/lab/check-status', {
      schema: {
        body: Type.Object({
          cookie: Type.String({ default: '' }),
          origin: Type.String({ default: '' })
        })
      }
    }, async (request, reply) => {
      const { cookie, origin: requestOrigin } = request.body
      const answer = await fetchLoginStatus(
        values.statusUrl,
        cookie,
        requestOrigin || origin(request)
      )
      siteAnswers.status = answer
      events.record(
        'login-status',
        answer.readable ? 'accepted' : 'refused',
        answer.readable
          ? `The site answered: ${
            answer.usercode === null ? 'nobody is logged in' : `${answer.usercode} is logged in`
          }`
          : 'A browser would hide the answer from this origin',
        answer
      )
      return replyOrRedirect(request, reply, answer)
    })

    app.post('/lab/check-token', {
      schema: { body: Type.Object({ usercode: Type.String(), token: Type.String() }) }
    }, async (request, reply) => {
      const { usercode, token } = request.body
      const issued = await checkTokenIssued(values.verifyTokenUrl, usercode, token)
      siteAnswers.token = { usercode, issued }
      events.record(
        'verify-token',
        issued ? 'accepted' : 'refused',
        `The site ${issued ? 'confirmed' : 'did not confirm'} this token of ${usercode}`
      )
      return replyOrRedirect(request, reply, siteAnswers.token)
    })
  }
