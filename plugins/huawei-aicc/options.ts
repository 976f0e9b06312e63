import { choice, count, flag, optional, type ValuesOf } from '../kit/index.ts'
import type { CreateCallOptions } from './create-call.ts'
import { createGate, type IsKnownCall, type Unsigned } from './gate.ts'

/** An option that createCall checks. */
const forCreateCall = <Name extends keyof CreateCallOptions>() =>
  optional<Required<CreateCallOptions>[Name], Required<CreateCallOptions>[Name] | undefined>(
    option => option
  )

/** The vendor's own options, in addition to those of every vendor. */
export const options = {
  /**
   * `'literal'` (default) signs numbers as they stand on the wire, `'java'` as a JVM prints a
   * `Long` or `Double`.
   */
  numbers: choice(['literal', 'java']),
  /** False reproduces the vendor's code; true (default) also refuses ambiguous input. */
  strict: flag(true),
  /** How unsigned callbacks are accepted. Default `'refuse'`. */
  unsigned: optional<Unsigned, ReturnType<typeof createGate>>(createGate),
  /**
   * Whether this service's createCall returned this serial number. The connection callback may
   * arrive before createCall has returned: wait for calls in progress.
   */
  isKnownCall: optional<IsKnownCall, IsKnownCall | undefined>((option, refuse) =>
    option === undefined || typeof option === 'function' ? option : refuse('must be a function')
  ),
  /** For createCall: the vendor's address, `https://host`; the interface's path is added. */
  url: forCreateCall<'url'>(),
  /** For createCall: allow an `http:` url elsewhere than on loopback. Default false. */
  allowHttp: forCreateCall<'allowHttp'>(),
  /** For createCall: the OAuth token, or a function that returns a fresh one for each call. */
  accessToken: forCreateCall<'accessToken'>(),
  /** For createCall: sent as `X-APP-Key`. */
  appKey: forCreateCall<'appKey'>(),
  /** For createCall: by default the global `fetch`. */
  fetch: forCreateCall<'fetch'>(),
  /** For createCall: time-out in milliseconds. Default 10000. */
  timeoutMs: count()
}

/** The checked values of these options. */
export type HuaweiAiccValues = ValuesOf<typeof options>
