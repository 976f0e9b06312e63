import { hasAccount } from '../accounts.ts'
import type { Config } from '../config.ts'

/** What the pages must know of the service. */
export interface Site {
  /** In front of every path: empty, or as `/cti`. */
  readonly base: string
  readonly hasHelpCentre: boolean
  readonly hasChat: boolean
}

export function siteOf (config: Config): Site {
  return {
    base: config.BASE_PATH,
    hasHelpCentre: hasAccount(config, 'onlineContact'),
    hasChat: hasAccount(config, 'itxChat')
  }
}
