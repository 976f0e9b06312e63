import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { createAnswerHook } from '../shared/answers.ts'
import type { EventLog } from '../shared/events.ts'
import type { ValuesOf } from '../shared/settings.ts'
import { checkTokenIssued } from './site-requests.ts'
import { renderHelpCentre, helpCentrePages, createLoginLink } from './pages.ts'
import type { Sessions } from './sessions.ts'
import type { onlineContactSettings } from './settings.ts'

interface Parts {
  readonly values: ValuesOf<typeof onlineContactSettings>
  readonly sessions: Sessions
  readonly events: EventLog
  readonly check: (request: FastifyRequest) => Promise<void>
  /** The simulator's own address. */
  readonly origin: (request: FastifyRequest) => string
}

/** The help centre's pages, for members and guests. */
export const helpCentreRoutes: FastifyPluginAsync<Parts> = async function helpCentreRoutes (
  app,
  { values, sessions, events, check, origin }
) {
  for (const path of Object.keys(helpCentrePages)) {
    app.get<{ Params: { service: string } }>(`/:service/${path}`, {
      onRequest: createAnswerHook(values),
      config: { event: 'get-link' }
    }, async (request, reply) => {
      if (request.params.service !== values.service) return reply.callNotFound()
      const { loginUrl, statusUrl } = values
      const usercode = await identifyVisitor(request, reply)
      const pageUrl = `${origin(request)}/${encodeURIComponent(values.service)}/${path}`
      if (usercode === null && values.guests === 'off' && path !== 'hc/') {
        events.record(
          'guest',
          'sent',
          'Redirected a guest to the login URL: guest inquiries are off',
          { path }
        )
        return reply.redirect(createLoginLink(loginUrl, pageUrl), 302)
      }
      const iframe = (request.query as { iframe?: string }).iframe === 'true'
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(
        renderHelpCentre({ path, usercode, pageUrl, loginUrl, statusUrl, iframe })
      )
    })
  }

  /**
   * Identifies the visitor by access token, GET link or cookie. A failed check makes them a guest.
   */
  async function identifyVisitor (
    request: FastifyRequest,
    reply: FastifyReply
  ): Promise<string | null> {
    const { accessToken, usercode, token } = request.query as {
      accessToken?: string,
      usercode?: string,
      token?: string
    }
    if (accessToken !== undefined) return logInByAccessToken(accessToken, reply)
    if (usercode !== undefined && token !== undefined) {
      return await logInByLink(usercode, token, request, reply)
    }
    return sessions.memberOf(request)
  }

  function logInByAccessToken (accessToken: string, reply: FastifyReply): string | null {
    const usercode = sessions.redeem(accessToken)
    if (usercode !== null) sessions.logIn(reply, usercode)
    events.record(
      'access-token',
      usercode === null ? 'refused' : 'accepted',
      usercode === null
        ? 'The access token is unknown or already used'
        : `Member ${usercode} logged in by access token`
    )
    return usercode
  }

  async function logInByLink (
    usercode: string,
    token: string,
    request: FastifyRequest,
    reply: FastifyReply
  ): Promise<string | null> {
    try {
      await check(request)
    } catch {
      return null
    }
    const issued = await checkTokenIssued(values.verifyTokenUrl, usercode, token)
    events.record(
      'get-link',
      issued ? 'accepted' : 'refused',
      issued
        ? `The site confirmed the link of member ${usercode}`
        : `The site did not confirm the link of member ${usercode}`
    )
    if (!issued) return null
    sessions.logIn(reply, usercode)
    return usercode
  }
}
