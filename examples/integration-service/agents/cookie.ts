import type { Config } from '../config.ts'
import { createCookie, type OwnCookie } from '../sign-in/create-cookie.ts'

/** The agent's session cookie. */
export function agentCookie (config: Config): OwnCookie {
  return createCookie(config, 'agent')
}
