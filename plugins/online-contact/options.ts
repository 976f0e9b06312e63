import { choice, flag, optional, parseUrl, type ValuesOf } from '../kit/index.ts'
import { type ExpiringStore, isStore, storeRule } from '../kit/replay/store.ts'
import { isSecure } from '../kit/wire/url.ts'

/** The vendor's own options, in addition to those of every vendor. */
export const options = {
  /** Whether a value may contain `&`, which separates the signed values. Default `'refuse'`. */
  ampersand: choice(['refuse', 'allow']),
  /** False reproduces the vendor's code; true (default) also refuses ambiguous input. */
  strict: flag(true),
  /**
   * The address of our organization's Online Contact: `https://{domain}.oc.nhncloud.com`. Needed
   * for logins and links.
   */
  url: optional<string, string | undefined>((option, refuse) => {
    if (option === undefined) return undefined
    const url = parseUrl(option)
    if (url === null || !isSecure(url) || url.href !== `${url.origin}/`) {
      return refuse('must be an https address (http on loopback) without path and query')
    }
    // Without a final slash.
    return url.origin
  }),
  /**
   * The name of the service (the help centre). `verify` then accepts no other. Signing needs it
   * here or in each call.
   */
  service: optional<string, string | undefined>((option, refuse) => {
    if (option === undefined || (typeof option === 'string' && option.trim() !== '')) return option
    return refuse('must be the name of a service')
  }),
  /**
   * The store of issued GET links, shared by all processes. It may be the store of `replay`.
   * Default: this process's memory, at most 100000 links.
   */
  tokens: optional<ExpiringStore, ExpiringStore | undefined>((option, refuse) =>
    option === undefined || isStore(option) ? option : refuse(storeRule)
  )
}

/** The checked values of these options. */
export type OnlineContactValues = ValuesOf<typeof options>
