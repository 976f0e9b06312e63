import { type OnlineContactInput, type SignedField, signedValues } from './fields.ts'
import type { MemberFields } from './schemas.ts'

/** A member to sign, with what may be said for one call. */
export interface MemberToSign extends MemberFields {
  /** Default: the option `service`. */
  service?: string
  /** Where Online Contact sends the browser after a client-side login. */
  returnUrl?: string
  /** Epoch milliseconds. Default: now. */
  time?: string | number | bigint
}

/** The fields to send: those that the token covers, and the token. Blank ones are gone. */
export type SignedMember =
  & { service: string, usercode: string, time: string, token: string }
  & Partial<Record<Exclude<SignedField, 'time'>, string>>

/** The covered fields of a member, with the token over them. */
export function signedMember (input: OnlineContactInput, token: string): SignedMember {
  return { ...Object.fromEntries(signedValues(input)) as Omit<SignedMember, 'token'>, token }
}
