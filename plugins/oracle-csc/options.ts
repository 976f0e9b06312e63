import { choice, count, flag, optional, type ValuesOf } from '../kit/index.ts'
import { ruleOptions } from './rules.ts'
import { type ParameterNames, parameterNames } from './url.ts'

/** The vendor's own options, in addition to those of every vendor. */
export const options = {
  /** The algorithm that CSC is configured with. Default `'sha1'`, CSC's own. */
  algorithm: choice(['sha1', 'sha256']),
  /**
   * How many bytes of the UTF-8 text are hashed: as many as the text has UTF-16 units (`'utf16'`,
   * default, as the vendor's code does), or all of them (`'utf8'`).
   */
  byteLength: choice(['utf16', 'utf8']),
  /** At least so many bytes of the key must be hashed; of a shorter key, all. Default 16. */
  minimumKeyBytes: count(16),
  /** False reproduces the vendor's code; true (default) enforces `minimumKeyBytes`. */
  strict: flag(true),
  /**
   * The address of CSC, such as `https://csc.example.com/agent/main`; may have a query. Needed to
   * sign.
   */
  url: optional<string, string | undefined>(option => option),
  /** Allow an `http:` url that is not loopback. Default false: the URL is a credential. */
  allowHttp: flag(false),
  /**
   * True if CSC's FTCallID check is on: the call id is then required and covered. Default false.
   */
  checkCallId: flag(false),
  /** Parameter names that differ from CSC's defaults. */
  parameterNames: optional<Partial<ParameterNames>, Readonly<ParameterNames>>(parameterNames),
  ...ruleOptions
}

/** The checked values of these options. */
export type OracleCscValues = ValuesOf<typeof options>
