import type { CookieSerializeOptions } from '@fastify/cookie'
import type { Config } from '../config.ts'

/**
 * The agent's session cookie. Over https its name makes browsers refuse one that another host has
 * set.
 */
export function agentCookie (
  { PUBLIC_URL: url }: Config
): { name: string, options: CookieSerializeOptions } {
  const secure = url.startsWith('https:')
  return {
    name: secure ? '__Host-agent' : 'agent',
    options: { path: '/', httpOnly: true, sameSite: 'lax', secure }
  }
}
