import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { NotANumber, toE164 } from '../customers/phone.ts'
import type { FastifyError, FastifyReply } from 'fastify'
import { wantsHtml } from '../site/errors.ts'
import { sendPage } from '../site/page.ts'
import { type AccountAttempt, accountPage } from '../site/pages.ts'
import { siteOf } from '../site/site.ts'
import type { MemberRow } from '../store/index.ts'
import { keepOwnWords } from '../store/members.ts'
import { visitOf } from './session.ts'

const Account = Type.Object({
  name: Type.String({ pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f]+$', maxLength: 50 }),
  email: Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 100 }),
  phone: Type.String({ minLength: 1, maxLength: 40 })
})

/**
 * `POST /member/account`: a member's own entries. The company's data, which is signed, does not
 * change.
 */
export const accountRoutes: FastifyPluginAsyncTypebox = async function accountRoutes (app) {
  app.post('/member/account', {
    onRequest: app.requireMember,
    preValidation: app.csrfProtection,
    // Show a person the form again, with the entered text.
    attachValidation: true,
    schema: {
      summary: 'Change the account',
      tags: ['members'],
      consumes: ['application/x-www-form-urlencoded'],
      body: Account
    }
  }, async (request, reply) => {
    const { member } = visitOf(request)
    const { validationError } = request
    if (validationError !== undefined) {
      if (!wantsHtml(request)) throw validationError
      return again(reply, member, request.body, problemsOf(validationError))
    }
    const { name, email } = request.body
    const phone = toE164(request.body.phone, app.config.PHONE_REGION)
    if (phone === null) {
      if (!wantsHtml(request)) throw new NotANumber()
      return again(reply, member, request.body, { phone: texts.phone })
    }
    const said = { name: name.trim(), email, phone }
    await app.store.commit(({ db }) => keepOwnWords(db, member, said))
    return wantsHtml(request)
      ? reply.redirect(`${app.config.BASE_PATH}/member?changed`, 303)
      : said
  })

  function again (
    reply: FastifyReply,
    member: MemberRow,
    body: unknown,
    problems: AccountAttempt['problems']
  ): FastifyReply {
    const typed = (body ?? {}) as Record<string, unknown>
    const valueOf = (name: string): string =>
      typeof typed[name] === 'string' ? typed[name].slice(0, 200) : ''
    const values = { name: valueOf('name'), email: valueOf('email'), phone: valueOf('phone') }
    return sendPage(
      reply.code(400),
      accountPage({
        site: siteOf(app.config),
        member,
        changed: false,
        attempt: { values, problems },
        token: reply.generateCsrf()
      })
    )
  }
}

const texts = {
  name: 'A name must have 1 to 50 characters',
  email: 'This is not an e-mail address',
  phone: 'This is not a telephone number'
}

/** The invalid fields, with messages for people. */
function problemsOf ({ validation }: Pick<FastifyError, 'validation'>): AccountAttempt['problems'] {
  const named = (validation ?? []).map(({ instancePath, params }) =>
    instancePath.slice(1) || String(params['missingProperty'] ?? '')
  )
  return Object.fromEntries(Object.entries(texts).filter(([name]) => named.includes(name)))
}
