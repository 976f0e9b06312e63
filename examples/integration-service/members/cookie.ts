import type { CookieSerializeOptions } from '@fastify/cookie'
import type { Config } from '../config.ts'

/**
 * The member's session cookie. Pages of Online Contact ask from their own origin who is
 * signed in here, so over https it goes along with requests of other sites; what changes
 * something is guarded by tokens in its forms instead. Browsers take SameSite=None only
 * with Secure, and Secure only over https: on plain-http loopback it is Lax, which is
 * enough there, because ports of one host are one site.
 */
export function memberCookie (config: Config): { name: string, options: CookieSerializeOptions } {
  const secure = isHttps(config)
  return {
    name: secure ? '__Host-member' : 'member',
    options: { path: '/', httpOnly: true, secure, sameSite: secure ? 'none' : 'lax' }
  }
}

/** The secret behind the tokens of forms. It stays on this site. */
export function formCookie (config: Config): { name: string, options: CookieSerializeOptions } {
  const secure = isHttps(config)
  return {
    name: secure ? '__Host-form' : 'form',
    options: { path: '/', httpOnly: true, secure, sameSite: 'lax' }
  }
}

function isHttps ({ PUBLIC_URL: url }: Config): boolean {
  return url.startsWith('https:')
}
