import type { LoginStatus } from './schemas.ts'

/** Who is logged in, as Online Contact wants to hear it: in strings. */
export function loginStatus (usercode: string | null): LoginStatus {
  return usercode === null ? { login: 'false', usercode: null } : { login: 'true', usercode }
}

/** The member named by an answer, in strings or Booleans; null unless it says both that and who. */
export function loggedInMember ({ login, usercode }: LoginStatus): string | null {
  return String(login) === 'true' ? usercode : null
}
