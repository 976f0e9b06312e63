import { choice, InputError, optional, type ValuesOf } from '../kit/index.ts'
import type { OracleCscInput } from './scheme.ts'

const patterns = {
  username: /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@+\\-]{0,254}$/u,
  callerId: /^\+?[0-9][0-9 ().*#-]*$/,
  callId: /^[0-9][0-9.-]*$/
} as const

/**
 * A character that a number or call id may contain at any position: otherwise `kim1-` and `555`
 * could be `kim` and `1-555`.
 */
const endsLikeNumber = /[0-9+ ().*#-]$/

/** Rules for the fields that the plugin accepts and signs. They are ours, not CSC's. */
export const ruleOptions = {
  /**
   * The pattern of user names; false accepts any. Default: 1 to 255 letters, marks, digits and
   * `._@+\-`, starting with a letter, a digit or `_`.
   */
  usernamePattern: patternOption(patterns.username),
  /**
   * The pattern of callers' numbers; false accepts any. Default: digits and ` ().*#-`, starting
   * with a digit, or `+` and a digit.
   */
  callerIdPattern: patternOption(patterns.callerId),
  /**
   * The pattern of checked call ids; false accepts any. Default: digits, `.` and `-`, starting with
   * a digit.
   */
  callIdPattern: patternOption(patterns.callId),
  /**
   * There is no separator between the fields. So by default (`'refuse'`) a user name must not end
   * in a character that the next field may contain, and a number after a call id must start with
   * `+`.
   */
  confusable: choice(['refuse', 'allow'])
}

/** The rules for the input of a click-to-call URL. */
export type InputRules = ValuesOf<typeof ruleOptions>

/** @throws {InputError} on input that breaks the rules */
export function assertRules (rules: InputRules, input: OracleCscInput): void {
  for (const field of ['username', 'callerId', 'callId'] as const) {
    const value = input[field]
    const patternOption = rules[`${field}Pattern`]
    if (value !== undefined && patternOption !== false && !patternOption.test(value)) {
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

function patternOption (defaultPattern: RegExp) {
  return optional<RegExp | false, RegExp | false>((option = defaultPattern, refuse) => {
    if (option === false || (option instanceof RegExp && !option.global && !option.sticky)) {
      return option
    }
    return refuse('must be a regular expression without the flags g and y, or false')
  })
}
