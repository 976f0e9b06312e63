import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { markOutdated } from '../chat/record.ts'
import { NotANumber, toE164 } from '../customers/phone.ts'
import { wantsHtml } from '../site/errors.ts'
import { updateMember } from '../store/members.ts'
import { visitOf } from './session.ts'

const Account = Type.Object({
  name: Type.String({ pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f]+$', maxLength: 50 }),
  email: Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 100 }),
  phone: Type.String({ minLength: 1, maxLength: 40 })
})

/** `POST /member/account`: what a member changes about himself or herself. */
export const accountRoutes: FastifyPluginAsyncTypebox = async function accountRoutes (app) {
  app.post('/member/account', {
    onRequest: app.requireMember,
    preValidation: app.csrfProtection,
    schema: {
      summary: 'Change the account',
      tags: ['members'],
      consumes: ['application/x-www-form-urlencoded'],
      body: Account
    }
  }, async (request, reply) => {
    const { member } = visitOf(request)
    const { name, email } = request.body
    const phone = toE164(request.body.phone, app.config.PHONE_REGION)
    if (phone === null) throw new NotANumber()
    await app.store.commit(async (change) => {
      await updateMember(change.db, member.id, { name: name.trim(), email, phone })
      // What was signed for a chat before says something else now.
      await markOutdated(change, member.id, app.now())
    })
    return wantsHtml(request)
      ? reply.redirect('/member?changed', 303)
      : { name: name.trim(), email, phone }
  })
}
