import { choice, InputError, optional, type ValuesOf } from '../kit/index.ts'
import type { OracleCscInput } from './scheme.ts'

const patterns = {
  username: /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@+\\-]{0,254}$/u,
  callerId: /^\+?[0-9][0-9 ().*#-]*$/,
  callId: /^[0-9][0-9.-]*$/
} as const

/**
 * What a number or call id may hold anywhere, not only in front: `kim1-` and `555` would else be
 * `kim` and `1-555`.
 */
const endsLikeNumber = /[0-9+ ().*#-]$/

/**
 * What a route accepts and the plugin signs, beyond what can be hashed. All of it is ours, none is
 * CSC's.
 */
export const ruleOptions = {
  /**
   * What a user name looks like; false for anything. Default: 1 to 255 letters, marks, digits and
   * `._@+\-`, from a letter, digit or `_` on.
   */
  usernamePattern: pattern(patterns.username),
  /**
   * What a caller's number looks like; false for anything. Default: digits and ` ().*#-`, from a
   * digit or `+` and a digit on.
   */
  callerIdPattern: pattern(patterns.callerId),
  /**
   * What a checked call id looks like; false for anything. Default: digits, `.` and `-`, from a
   * digit on.
   */
  callIdPattern: pattern(patterns.callId),
  /**
   * Nothing stands between the fields, so by default (`'refuse'`) a user name must not end in a
   * character that the field after it may hold, and a number after a call id must start with `+`.
   */
  confusable: choice(['refuse', 'allow'])
}

export type InputRules = ValuesOf<typeof ruleOptions>

/** Refuses input that the rules do not allow, with `InputError`. */
export function assertRules (rules: InputRules, input: OracleCscInput): void {
  for (const field of ['username', 'callerId', 'callId'] as const) {
    const value = input[field]
    const pattern = rules[`${field}Pattern`]
    if (value !== undefined && pattern !== false && !pattern.test(value)) {
      throw new InputError(`${field} does not match its pattern`)
    }
  }
  if (rules.confusable === 'allow') return
  if (endsLikeNumber.test(input.username)) {
    throw new InputError('username must not end in a character that a number may contain')
  }
  if (input.callId !== undefined && !input.callerId.startsWith('+')) {
    throw new InputError('callerId must start with + where a call id is signed before it')
  }
}

function pattern (otherwise: RegExp) {
  return optional<RegExp | false, RegExp | false>((given = otherwise, refuse) => {
    if (given === false || (given instanceof RegExp && !given.global && !given.sticky)) return given
    return refuse('must be a regular expression without the flags g and y, or false')
  })
}
