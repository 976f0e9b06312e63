import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import { isAllowedReturnUrl } from 'fastify-contact-center/online-contact'
import type { FastifyReply } from 'fastify'
import { recordEndedChats } from '../chat/record.ts'
import { limitSignIns } from '../sign-in/limit-sign-ins.ts'
import { isPassword } from '../sign-in/password.ts'
import { isFromOtherSite } from '../sign-in/same-origin.ts'
import { sendConfirmPage } from '../site/confirm.ts'
import { createPolicy, sendPage } from '../site/page.ts'
import { createSite } from '../site/site.ts'
import type { MemberRow } from '../store/index.ts'
import { memberByLogin } from '../store/members.ts'
import { beginSession, endSession } from '../store/sessions.ts'
import { memberCookie } from './cookie.ts'
import { renderLoginPage } from './login-page.ts'
import { enterHelpCentre, getHelpCentreUrl, Way } from './online-contact.ts'

const ReturnUrlRefused = createError(
  'SERVICE_RETURN_URL_REFUSED',
  'The return URL is not allowed',
  400
)

/** Twelve hours. */
const lifetimeMs = 12 * 60 * 60 * 1000

/** Our pages to which sign-in may return, by name: a URL could lead anywhere. */
const pages = {
  account: '/member',
  'help-centre': '/member/help-centre',
  chat: '/member/chat',
  help: '/member/help'
} as const

/** The visitor's destination after sign-in. Forms send empty text for missing values. */
const Destination = Type.Object({
  returnUrl: Type.Optional(
    Type.String({
      maxLength: 2000,
      description: 'The page of Online Contact that the visitor came from'
    })
  ),
  to: Type.Optional(
    Type.Union([
      ...Object.keys(pages).map(name => Type.Literal(name as keyof typeof pages)),
      Type.Literal('')
    ])
  ),
  way: Type.Optional(Type.Union([Way, Type.Literal('')]))
})
export type Destination = Static<typeof Destination>

const Credentials = Type.Composite([
  Type.Object({
    login: Type.String({ maxLength: 100 }),
    password: Type.String({ maxLength: 200 })
  }),
  Destination
])

/**
 * `GET /member/login`, to which Online Contact sends visitors to sign in, and the form's `POST`.
 */
export const loginRoutes: FastifyPluginAsyncTypebox = async function loginRoutes (app) {
  const cookie = memberCookie(app.config)
  const site = createSite(app.config)
  const helpCentreUrl = getHelpCentreUrl(app.config)
  const formTargets = [
    "'self'",
    ...helpCentreUrl === null ? [] : [new URL(helpCentreUrl).origin],
    ...app.config.MEMBER_RETURN_HOSTS
  ]
  const limits = await limitSignIns(app, 'member-sign-in')

  app.get('/member/login', {
    schema: {
      summary: 'The sign-in page; redirects signed-in members',
      tags: ['members'],
      querystring: Destination
    }
  }, async (request, reply) => {
    const { query } = request
    checkReturnUrl(query)
    const visit = await app.memberVisit(request)
    if (visit === null) return showLogin(reply, query)
    // Online Contact sends visitors here, and the browser posts a form there. The other ways cause
    // requests by our server, which no other site may trigger.
    const isAllowed = !isFromOtherSite(request) || query.way === undefined || query.way === 'form'
    return isAllowed
      ? await redirectSignedIn(reply, visit.member, query)
      : sendConfirmPage(request, reply, site)
  })

  app.post('/member/login', {
    config: limits.config,
    preValidation: app.csrfProtection,
    schema: {
      summary: 'Sign in',
      tags: ['members'],
      consumes: ['application/x-www-form-urlencoded'],
      body: Credentials
    }
  }, async (request, reply) => {
    const { login, password, ...destination } = request.body
    checkReturnUrl(destination)
    await limits.countLogin(request)
    const member = await app.store.read(db => memberByLogin(db, login))
    if (!await isPassword(member?.password_hash, password) || member === undefined) {
      return showLogin(reply.code(401), destination, {
        login,
        problem: 'Login or password is wrong'
      })
    }
    const previousId = request.cookies[cookie.name]
    const id = await app.store.commit(({ db }) =>
      beginSession(db, {
        kind: 'member',
        subjectId: member.id,
        now: app.now(),
        lifetimeMs,
        previousId
      })
    )
    reply.setCookie(cookie.name, id, { ...cookie.options, maxAge: lifetimeMs / 1000 })
    return await redirectSignedIn(reply, member, destination)
  })

  app.post('/member/sign-out', {
    preValidation: app.csrfProtection,
    schema: {
      summary: 'Sign out of this site; Online Contact documents no sign-out',
      tags: ['members'],
      consumes: ['application/x-www-form-urlencoded']
    }
  }, async (request, reply) => {
    const id = request.cookies[cookie.name]
    if (id !== undefined) {
      const visit = await app.memberVisit(request)
      await app.store.commit(async (change) => {
        await endSession(change.db, id)
        if (visit !== null) await recordEndedChats(change, visit.member.id, app.now())
      })
    }
    return reply.clearCookie(cookie.name, cookie.options).redirect(`${site.base}/member`, 303)
  })

  function checkReturnUrl ({ returnUrl = '' }: Destination): void {
    if (
      returnUrl !== '' &&
      (helpCentreUrl === null || !isAllowedReturnUrl(returnUrl, app.config.MEMBER_RETURN_HOSTS))
    ) {
      throw new ReturnUrlRefused()
    }
  }

  async function redirectSignedIn (
    reply: FastifyReply,
    member: MemberRow,
    { returnUrl = '', to = '', way = '' }: Destination
  ): Promise<FastifyReply> {
    if (returnUrl !== '') {
      return await enterHelpCentre(app, reply, member, way === '' ? 'form' : way, returnUrl)
    }
    const query = to === 'help' && way !== '' ? `?way=${way}` : ''
    return reply.redirect(site.base + pages[to === '' ? 'account' : to] + query, 303)
  }

  function showLogin (
    reply: FastifyReply,
    destination: Destination,
    attempt: { login: string, problem: string } | null = null
  ): FastifyReply {
    const { header } = createPolicy({ 'form-action': formTargets, 'frame-ancestors': ["'self'"] })
    return sendPage(
      reply,
      renderLoginPage({ site, destination, attempt, token: reply.generateCsrf() }),
      header
    )
  }
}
