import { InputError, oneOf, OptionInvalid } from '../kit/index.ts'
import type { OracleCscInput } from './scheme.ts'

/**
 * What a route accepts and the plugin signs, beyond what can be hashed. All of it is ours, none is
 * CSC's.
 */
export interface InputRules {
  /**
   * What a user name looks like; false for anything. Default: 1 to 255 letters, marks, digits and
   * `._@+\-`, from a letter, digit or `_` on.
   */
  usernamePattern?: RegExp | false
  /**
   * What a caller's number looks like; false for anything. Default: digits and ` ().*#-`, from a
   * digit or `+` and a digit on.
   */
  callerIdPattern?: RegExp | false
  /**
   * What a checked call id looks like; false for anything. Default: digits, `.` and `-`, from a
   * digit on.
   */
  callIdPattern?: RegExp | false
  /**
   * Nothing stands between the fields, so by default (`'refuse'`) a user name must not end in a
   * character that the field after it may hold, and a number after a call id must start with `+`.
   */
  confusable?: 'refuse' | 'allow'
}

/** Names of {@link InputRules}, for the list of options. */
export const ruleNames = [
  'usernamePattern',
  'callerIdPattern',
  'callIdPattern',
  'confusable'
] as const

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
 * Makes the check that a plugin runs before it hashes. It throws `InputError`.
 * @throws {OptionInvalid} on a pattern that is none, or that keeps state between calls
 */
export function inputRules (options: InputRules): (input: OracleCscInput) => void {
  const checks = (['username', 'callerId', 'callId'] as const).map(field =>
    [field, patternOf(options, field)] as const
  )
  const confusable = oneOf('oracle-csc', 'confusable', options.confusable ?? 'refuse', [
    'refuse',
    'allow'
  ])

  return function check (input) {
    for (const [field, pattern] of checks) {
      const value = input[field]
      if (value !== undefined && pattern !== false && !pattern.test(value)) {
        throw new InputError(`${field} does not match its pattern`)
      }
    }
    if (confusable === 'allow') return
    if (endsLikeNumber.test(input.username)) {
      throw new InputError('username must not end in a character that a number may hold')
    }
    if (input.callId !== undefined && !input.callerId.startsWith('+')) {
      throw new InputError('callerId must start with + where a call id is signed before it')
    }
  }
}

function patternOf (options: InputRules, field: keyof typeof patterns): RegExp | false {
  const pattern = options[`${field}Pattern`] ?? patterns[field]
  if (pattern !== false && (!(pattern instanceof RegExp) || pattern.global || pattern.sticky)) {
    throw new OptionInvalid(
      'oracle-csc',
      `option "${field}Pattern" must be a regular expression without the flags g and y, or false`
    )
  }
  return pattern
}
