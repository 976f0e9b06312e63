import { choice, count, flag, optional, type ValuesOf } from '../kit/index.ts'
import { ruleOptions } from './rules.ts'
import { type ParameterNames, parameterNames } from './url.ts'

/** The options of the plugin beside those that every vendor has. */
export const options = {
  /** The algorithm that CSC is configured with. Default `'sha1'`, CSC's own. */
  algorithm: choice(['sha1', 'sha256']),
  /**
   * How many bytes of the UTF-8 text are hashed: as many as the text has UTF-16 units (`'utf16'`,
   * default, what the vendor's code does), or all of them (`'utf8'`).
   */
  byteLength: choice(['utf16', 'utf8']),
  /** Least number of the key's bytes that must be hashed; a shorter key whole. Default 16. */
  minimumKeyBytes: count(16),
  /** False reproduces the vendor's code; true (default) wants enough of the key hashed. */
  strict: flag(true),
  /**
   * Where CSC is, such as `https://csc.example.com/agent/main`; may have a query. Needed to sign.
   */
  url: optional<string, string | undefined>(given => given),
  /** Allow an `http:` url that is not loopback. Default false: the URL is a credential. */
  allowHttp: flag(false),
  /** CSC's FTCallID check is on: the call id is required and covered. Default false. */
  checkCallId: flag(false),
  /** Parameter names where CSC is configured with others. */
  parameterNames: optional<Partial<ParameterNames>, Readonly<ParameterNames>>(parameterNames),
  ...ruleOptions
}

export type OracleCscValues = ValuesOf<typeof options>
