import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { NotANumber, toE164 } from '../customers/phone.ts'
import type { FastifyError, FastifyReply } from 'fastify'
import { wantsHtml } from '../site/errors.ts'
import { sendPage } from '../site/page.ts'
import { type AccountAttempt, renderAccountPage } from '../site/pages.ts'
import { createSite } from '../site/site.ts'
import type { MemberRow } from '../store/index.ts'
import { saveOwnEntries } from '../store/members.ts'
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
      return showForm(reply, member, request.body, describeProblems(validationError))
    }
    const { name, email } = request.body
    const phone = toE164(request.body.phone, app.config.PHONE_REGION)
    if (phone === null) {
      if (!wantsHtml(request)) throw new NotANumber()
      return showForm(reply, member, request.body, { phone: problemTexts.phone })
    }
    const entries = { name: name.trim(), email, phone }
    await app.store.commit(({ db }) => saveOwnEntries(db, member, entries))
    return wantsHtml(request)
      ? reply.redirect(`${app.config.BASE_PATH}/member?changed`, 303)
      : entries
  })

  function showForm (
    reply: FastifyReply,
    member: MemberRow,
    body: unknown,
    problems: AccountAttempt['problems']
  ): FastifyReply {
    const fields = (body ?? {}) as Record<string, unknown>
    const readField = (name: string): string =>
      typeof fields[name] === 'string' ? fields[name].slice(0, 200) : ''
    const values = { name: readField('name'), email: readField('email'), phone: readField('phone') }
    return sendPage(
      reply.code(400),
      renderAccountPage({
        site: createSite(app.config),
        member,
        changed: false,
        attempt: { values, problems },
        token: reply.generateCsrf()
      })
    )
  }
}

const problemTexts = {
  name: 'A name must have 1 to 50 characters',
  email: 'This is not an e-mail address',
  phone: 'This is not a telephone number'
}

/** The invalid fields, with messages for people. */
function describeProblems (
  { validation }: Pick<FastifyError, 'validation'>
): AccountAttempt['problems'] {
  const fieldNames = (validation ?? []).map(({ instancePath, params }) =>
    instancePath.slice(1) || String(params['missingProperty'] ?? '')
  )
  return Object.fromEntries(
    Object.entries(problemTexts).filter(([name]) => fieldNames.includes(name))
  )
}
