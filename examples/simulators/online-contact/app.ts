import { randomBytes } from 'node:crypto'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { memoryReplayStore } from 'fastify-contact-center/kit'
import onlineContact, { RemoteLoginForm } from 'fastify-contact-center/online-contact'
import { EventLog } from '../shared/events.ts'
import { faultRoutes } from '../shared/fault-routes.ts'
import { page } from '../shared/page.ts'
import { settingsRoutes } from '../shared/settings-routes.ts'
import { askLoginStatus, askWhetherIssued } from './ask.ts'
import { onlineContactSuite } from './faults.ts'
import { helpCentre } from './pages.ts'

export interface OnlineContactSimulatorOptions {
  /** The organization key. */
  key: string
  service: string
  /** Our site's three interfaces. */
  loginUrl: string
  statusUrl: string
  verifyTokenUrl: string
  now?: () => number
  /** This simulator's public address. Default: as the browser asked for it. */
  url?: string
}

declare module 'fastify' {
  interface FastifyContextConfig { event?: string }
}

const sessionCookie = 'oc_simulator_session'

/** Plays Online Contact: both remote logins, the help centre with its GET links, and the questions it asks our site. */
export async function onlineContactSimulator (options: OnlineContactSimulatorOptions): Promise<FastifyInstance> {
  const { service, now = Date.now } = options
  const values = { key: options.key, loginUrl: options.loginUrl, statusUrl: options.statusUrl, verifyTokenUrl: options.verifyTokenUrl }
  const app = Fastify()
  const log = new EventLog(now)
  const sessions = new Map<string, string>()
  const accessTokens = new Map<string, string>()

  await app.register(cookie)
  await app.register(formbody)
  await app.register(onlineContact, { keys: () => [{ id: 'organization', secret: values.key }], service, now, replay: memoryReplayStore({ now }) })

  const settingsForm = settingsRoutes(app, {
    fields: { key: { label: 'Organization key', secret: true }, loginUrl: { label: 'Login URL' }, statusUrl: { label: 'Login status URL' }, verifyTokenUrl: { label: 'Token verification URL' } },
    values
  })
  const faultTable = faultRoutes(app, { suite: onlineContactSuite, bench: () => ({ ...values, service, origin: options.url ?? 'http://127.0.0.1:3102', now }), events: log })

  /** The plugin's check, with what it refuses put on record. */
  async function member (request: FastifyRequest): Promise<void> {
    try {
      await app.onlineContact.verify(request)
    } catch (error) {
      log.record(String(request.routeOptions.config.event), 'refused', `Refused: ${(error as Error).message}`, { code: (error as { code?: string }).code })
      throw error
    }
  }

  function logIn (reply: FastifyReply, usercode: string): void {
    const id = randomBytes(16).toString('hex')
    sessions.set(id, usercode)
    reply.setCookie(sessionCookie, id, { path: '/', httpOnly: true, sameSite: 'lax' })
  }

  const signed = (event: string) => ({ preValidation: member, config: { event, contactCenter: { capture: true, replies: 'onlineContact' } } })

  app.post('/v2/enduser/remote.json', { ...signed('remote-login'), schema: { body: RemoteLoginForm } }, async (request, reply) => {
    const { usercode, returnUrl = '' } = request.body as RemoteLoginForm
    logIn(reply, usercode)
    log.record('remote-login', 'accepted', `Member ${usercode} was logged in by a form`, request.verification)
    return request.verification?.covered.includes('returnUrl') === true ? reply.redirect(returnUrl, 302) : reply.type('text/plain').send('SUCCESS')
  })

  app.post('/api/v2/enduser/remote.json', { ...signed('server-login'), schema: { body: RemoteLoginForm } }, async (request) => {
    const { usercode } = request.body as RemoteLoginForm
    const content = randomBytes(16).toString('hex')
    accessTokens.set(content, usercode)
    log.record('server-login', 'accepted', `Member ${usercode} was logged in by the site's server`, request.verification)
    return { header: { resultCode: 200, resultMessage: '', isSuccessful: true }, result: { content } }
  })

  for (const path of ['hc/', 'hc/ticket/', 'hc/ticket/list/']) {
    app.get(`/${encodeURIComponent(service)}/${path}`, { config: { event: 'get-link' } }, async (request, reply) => {
      const usercode = await visitor(request, reply)
      const here = `${options.url ?? `${request.protocol}://${request.host}`}/${encodeURIComponent(service)}/${path}`
      const iframe = (request.query as { iframe?: string }).iframe === 'true'
      return reply.type('text/html').header('cache-control', 'no-store').send(helpCentre({ path, usercode, here, loginUrl: values.loginUrl, statusUrl: values.statusUrl, iframe }))
    })
  }

  /** Whose visit it is: by access token, by GET link, or by the cookie. Whatever fails makes it a guest's. */
  async function visitor (request: FastifyRequest, reply: FastifyReply): Promise<string | null> {
    const { accessToken, usercode, token } = request.query as { accessToken?: string, usercode?: string, token?: string }
    if (accessToken !== undefined) return visitorByAccessToken(accessToken, reply)
    if (usercode !== undefined && token !== undefined) return await visitorByLink(usercode, token, request, reply)
    return sessions.get(request.cookies[sessionCookie] ?? '') ?? null
  }

  function visitorByAccessToken (accessToken: string, reply: FastifyReply): string | null {
    const usercode = accessTokens.get(accessToken) ?? null
    accessTokens.delete(accessToken)
    if (usercode !== null) logIn(reply, usercode)
    log.record('access-token', usercode === null ? 'refused' : 'accepted', usercode === null ? 'An access token is unknown or used' : `Member ${usercode} came with an access token`)
    return usercode
  }

  async function visitorByLink (usercode: string, token: string, request: FastifyRequest, reply: FastifyReply): Promise<string | null> {
    try {
      await member(request)
    } catch {
      return null
    }
    const issued = await askWhetherIssued(values.verifyTokenUrl, usercode, token)
    log.record('get-link', issued ? 'accepted' : 'refused', issued ? `The site says that it issued the link of member ${usercode}` : `The site does not know the link of member ${usercode}`)
    if (!issued) return null
    logIn(reply, usercode)
    return usercode
  }

  app.post('/lab/check-status', async request => {
    const { cookie = '', origin } = request.body as { cookie?: string, origin?: string }
    const answer = await askLoginStatus(values.statusUrl, cookie, origin ?? options.url ?? `${request.protocol}://${request.host}`)
    log.record('login-status', answer.readable ? 'accepted' : 'refused', answer.readable
      ? `The site says: ${answer.usercode === null ? 'nobody is logged in' : `${answer.usercode} is logged in`}`
      : 'A browser would not let this origin read the answer', answer)
    return answer
  })

  app.get('/lab', async (_request, reply) => reply.type('text/html').send(page('Online Contact', html`
    <p>Help centre of <b>${service}</b>:
      !${['hc/', 'hc/ticket/', 'hc/ticket/list/'].map(path => html`<a href="/${encodeURIComponent(service)}/${path}">${path}</a> `).join('')}</p>
    <p>Asks <code>${values.statusUrl}</code> who is logged in, and <code>${values.verifyTokenUrl}</code> about links.</p>` + settingsForm() + faultTable(), log.since())))
  app.get('/lab/events', async request => log.since(Number((request.query as { since?: string }).since ?? 0)))

  return app
}
