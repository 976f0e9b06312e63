import type { LoginStatus } from './schemas.ts'

/** The login status, as strings, like the examples of Online Contact. */
export function loginStatus (usercode: string | null): LoginStatus {
  return usercode === null ? { login: 'false', usercode: null } : { login: 'true', usercode }
}

/** The member in an answer, in strings or Booleans; null unless one is logged in. */
export function loggedInMember ({ login, usercode }: LoginStatus): string | null {
  return String(login) === 'true' ? usercode : null
}
