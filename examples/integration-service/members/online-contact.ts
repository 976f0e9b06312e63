import createError from '@fastify/error'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { InputError } from 'fastify-contact-center/kit'
import type { MemberFields } from 'fastify-contact-center/online-contact'
import { Type } from '@sinclair/typebox'
import { hasAccount } from '../accounts.ts'
import type { Config } from '../config.ts'
import { createPolicy, sendPage } from '../site/page.ts'
import { hasEntry, saveEntry } from '../store/customer-entries.ts'
import type { MemberRow } from '../store/index.ts'

export const NotSignable = createError(
  'SERVICE_ACCOUNT_NOT_SIGNABLE',
  'The help centre does not accept this account: %s',
  409
)

/**
 * How a member enters the help centre: by a form that the browser posts, a login by our server, or
 * a link as in an app.
 */
export const Way = Type.Union([Type.Literal('form'), Type.Literal('server'), Type.Literal('link')])
export type Way = 'form' | 'server' | 'link'

/** The start page of the help centre, for guests and members; null if not configured. */
export function getHelpCentreUrl (config: Config): string | null {
  if (!hasAccount(config, 'onlineContact')) return null
  const { ONLINE_CONTACT_URL: url, ONLINE_CONTACT_SERVICE: service } = config
  return `${new URL(url).origin}/${encodeURIComponent(service)}/hc/`
}

/**
 * Sends the browser to the help centre as this member, and there to `returnUrl`, which the caller
 * has checked. A link leads to the start page: it has no such field.
 */
export async function enterHelpCentre (
  app: FastifyInstance,
  reply: FastifyReply,
  member: MemberRow,
  way: Way,
  returnUrl?: string
): Promise<FastifyReply> {
  const { request } = reply
  const fields = toMemberFields(member)
  // Anyone who obtains this response can log in as the member.
  reply.header('cache-control', 'no-store')
  await recordEntry(app, member)
  try {
    if (way === 'server') {
      const login = await app.onlineContact.serverLogin(fields, { request })
      return reply.redirect(
        returnUrl === undefined
          ? login.helpCentreUrl
          : app.onlineContact.returnUrlWith(returnUrl, login),
        303
      )
    }
    if (way === 'link') {
      return reply.redirect(
        await app.onlineContact.link({ ...fields, email: member.email }, 'home', request),
        303
      )
    }
    const startUrl = getHelpCentreUrl(app.config) ?? ''
    const target = returnUrl ?? startUrl
    const { nonce, header } = createPolicy({
      // Browsers apply the same rule to the redirect after the form.
      'form-action': [new URL(startUrl).origin, new URL(target).origin],
      'frame-ancestors': ["'self'"]
    })
    return sendPage(
      reply,
      await app.onlineContact.loginForm(fields, { returnUrl: target, nonce, request }),
      header
    )
  } catch (error) {
    if (error instanceof InputError) throw new NotSignable(error.message)
    throw error
  }
}

function toMemberFields ({ id, name, email, phone, member_no: memberNo }: MemberRow): MemberFields {
  return {
    usercode: id,
    username: name,
    email,
    phone,
    ...memberNo !== null && { memberno: memberNo }
  }
}

/** Recorded in the timeline once a day, however often another site's page leads here. */
async function recordEntry (
  { store, now }: FastifyInstance,
  { id, phone }: MemberRow
): Promise<void> {
  const at = now()
  const day = Math.floor(at / (24 * 60 * 60 * 1000))
  const entryId = `help-${id}-${day}`
  if (await store.read(db => hasEntry(db, entryId))) return
  await store.commit(({ db }) =>
    saveEntry(db, {
      id: entryId,
      customer_number: phone,
      kind: 'help-centre',
      at,
      data: JSON.stringify({ memberId: id })
    })
  )
}
