import { type OnlineContactInput, type SignedField, signedValues } from './fields.ts'
import type { MemberFields } from './schemas.ts'

/** A member to sign, and settings for this call only. */
export interface MemberToSign extends MemberFields {
  /** Default: the option `service`. */
  service?: string
  /** Where Online Contact sends the browser after a client-side login. */
  returnUrl?: string
  /** Epoch milliseconds. Default: now. */
  time?: string | number | bigint
}

/** The fields to send: the fields under the token except blank ones, and the token. */
export type SignedMember =
  & { service: string, usercode: string, time: string, token: string }
  & Partial<Record<Exclude<SignedField, 'time'>, string>>

/** The covered fields of a member, and the token. */
export function signedMember (input: OnlineContactInput, token: string): SignedMember {
  return { ...Object.fromEntries(signedValues(input)) as Omit<SignedMember, 'token'>, token }
}
