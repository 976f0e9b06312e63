import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { RemoteLoginForm } from 'fastify-contact-center/online-contact'
import { createAnswerHook } from '../shared/answers.ts'
import type { EventLog } from '../shared/events.ts'
import type { Sessions } from './sessions.ts'

interface Parts {
  readonly values: { readonly answers: string }
  readonly sessions: Sessions
  readonly events: EventLog
  readonly check: (request: FastifyRequest) => Promise<void>
}

/** Both remote logins: by a form in the member's browser, and by your site's server. */
export const remoteLoginRoutes: FastifyPluginAsync<Parts> = async function remoteLoginRoutes (
  app,
  { values, sessions, events, check }
) {
  const createRouteOptions = (event: string) => ({
    onRequest: createAnswerHook(values),
    preValidation: check,
    schema: { body: RemoteLoginForm },
    config: { event, contactCenter: { capture: true, replies: 'onlineContact' } }
  })

  app.post(
    '/v2/enduser/remote.json',
    createRouteOptions('remote-login'),
    async (request, reply) => {
      const { usercode, returnUrl = '' } = request.body as RemoteLoginForm
      sessions.logIn(reply, usercode)
      events.record(
        'remote-login',
        'accepted',
        `Member ${usercode} logged in by form`,
        request.verification
      )
      return request.verification?.covered.includes('returnUrl') === true
        ? reply.redirect(returnUrl, 302)
        : reply.type('text/plain').send('SUCCESS')
    }
  )

  app.post('/api/v2/enduser/remote.json', createRouteOptions('server-login'), async (request) => {
    const { usercode } = request.body as RemoteLoginForm
    events.record(
      'server-login',
      'accepted',
      `The site's server logged in member ${usercode}`,
      request.verification
    )
    return {
      header: { resultCode: 200, resultMessage: '', isSuccessful: true },
      result: { content: sessions.issueAccessToken(usercode) }
    }
  })
}
