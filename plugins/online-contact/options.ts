import { choice, flag, optional, parseUrl, type ValuesOf } from '../kit/index.ts'
import { type ExpiringStore, isStore, notAStore } from '../kit/replay/store.ts'
import { isSecure } from '../kit/wire/url.ts'

/** The options of the plugin beside those that every vendor has. */
export const options = {
  /** Whether `&`, which separates the signed values, may stand in one. Default `'refuse'`. */
  ampersand: choice(['refuse', 'allow']),
  /** False reproduces the vendor's code; true (default) also refuses what is ambiguous. */
  strict: flag(true),
  /**
   * Where our organization's Online Contact is: `https://{domain}.oc.nhncloud.com`. Needed for
   * logins and links.
   */
  url: optional<string, string | undefined>((given, refuse) => {
    if (given === undefined) return undefined
    const parsed = parseUrl(given)
    if (parsed === null || !isSecure(parsed) || parsed.href !== `${parsed.origin}/`) {
      return refuse('must be an https address (http on loopback) without path and query')
    }
    // Without a final slash.
    return parsed.origin
  }),
  /**
   * The name of the service (the help centre). `verify` then accepts no other; signing needs it
   * here or per call.
   */
  service: optional<string, string | undefined>((given, refuse) => {
    if (given === undefined || (typeof given === 'string' && given.trim() !== '')) return given
    return refuse('must be the name of a service')
  }),
  /**
   * Where issued GET links are remembered: a store that all processes share, which may be that of
   * `replay`. Default: in this process, at most 100000.
   */
  tokens: optional<ExpiringStore, ExpiringStore | undefined>((given, refuse) =>
    given === undefined || isStore(given) ? given : refuse(notAStore)
  )
}

export type OnlineContactValues = ValuesOf<typeof options>
