import type { Config } from '../config.ts'
import { cookieFor, type OwnCookie } from '../sign-in/cookie-for.ts'

/** The agent's session cookie. */
export function agentCookie (config: Config): OwnCookie {
  return cookieFor(config, 'agent')
}
