import { hasAccount } from '../accounts.ts'
import type { Config } from '../config.ts'

/** The service's settings for the pages. */
export interface Site {
  /** The prefix of every path: empty, or for example `/cti`. */
  readonly base: string
  readonly hasHelpCentre: boolean
  readonly hasChat: boolean
}

export function createSite (config: Config): Site {
  return {
    base: config.BASE_PATH,
    hasHelpCentre: hasAccount(config, 'onlineContact'),
    hasChat: hasAccount(config, 'itxChat')
  }
}
