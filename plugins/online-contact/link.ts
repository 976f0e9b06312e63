import { InputError } from '../kit/scheme.ts'
import { isBlank } from './blank.ts'
import type { SignedMember } from './member.ts'

const paths = { home: 'hc/', inquiry: 'hc/ticket/', history: 'hc/ticket/list/' } as const

/**
 * A page of the help centre that a GET link can open: the home page, a new inquiry, or the member's
 * inquiries.
 */
export type HelpCentrePage = keyof typeof paths

/** The address of a help-centre page, without a query. */
export function helpCentrePage (url: string, service: string, page: HelpCentrePage): string {
  if (!Object.hasOwn(paths, page)) {
    throw new TypeError(`page must be one of ${Object.keys(paths).join(', ')}`)
  }
  return `${url}/${encodeURIComponent(service)}/${paths[page]}`
}

/**
 * The address with which a native app opens the help centre as the member. Anyone who opens it is
 * logged in as the member, so treat it as a password.
 * @throws {InputError} without an email: the GET type requires it
 */
export function memberLink (
  url: string,
  { service, ...fields }: SignedMember,
  page: HelpCentrePage
): string {
  if (isBlank(fields.email ?? '')) {
    throw new InputError('email must not be blank: the GET type requires it')
  }
  const query = Object.entries(fields).map(([name, value]) =>
    `${name}=${encodeURIComponent(value)}`
  )
  return `${helpCentrePage(url, service, page)}?${query.join('&')}`
}
