import type { Config } from '../config.ts'
import { createCookie, type OwnCookie } from '../sign-in/create-cookie.ts'

/**
 * The member's session cookie. Pages of Online Contact request the sign-in status from their own
 * origin, so over https the cookie is sent with cross-site requests; changes are protected by form
 * tokens and by checks of the request's origin. Browsers accept SameSite=None only with Secure, and
 * Secure only over https: on plain-http loopback it is Lax, which is enough there, because ports of
 * one host are one site.
 *
 * Not Partitioned: a page of Online Contact would then receive another cookie than the one that our
 * login set at top level, and would never see a member. Browsers that block third-party cookies
 * have the same effect: Online Contact then treats the visitor as a guest and redirects to our
 * login, which is at top level and works.
 */
export function memberCookie (config: Config): OwnCookie {
  const { name, options } = createCookie(config, 'member')
  return { name, options: { ...options, sameSite: options.secure === true ? 'none' : 'lax' } }
}

/** The secret of the form tokens. It is sent to this site only. */
export function formCookie (config: Config): OwnCookie {
  return createCookie(config, 'form')
}
