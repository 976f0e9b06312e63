import type { Config } from '../config.ts'
import { cookieFor, type OwnCookie } from '../sign-in/cookie-for.ts'

/**
 * The member's session cookie. Pages of Online Contact ask from their own origin who is
 * signed in here, so over https it goes along with requests of other sites; what changes
 * something is guarded by tokens in its forms, and by where a request comes from. Browsers take
 * SameSite=None only with Secure, and Secure only over https: on plain-http loopback it is Lax,
 * which is enough there, because ports of one host are one site.
 *
 * Not Partitioned: a browser would then give a page of Online Contact another cookie than the one
 * that our own login set at the top of a window, and it would never see a member. Browsers that
 * keep cookies of other sites from frames and fetches do so here, too: Online Contact then takes
 * the visitor for a guest, and sends him or her to our login, which is at the top and works.
 */
export function memberCookie (config: Config): OwnCookie {
  const { name, options } = cookieFor(config, 'member')
  return { name, options: { ...options, sameSite: options.secure === true ? 'none' : 'lax' } }
}

/** The secret behind the tokens of forms. It stays on this site. */
export function formCookie (config: Config): OwnCookie {
  return cookieFor(config, 'form')
}
