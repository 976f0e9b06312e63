import type { Config } from './config.ts'

/** The settings of each vendor's account: a company sets all of them, or none. */
export const accounts = {
  oracleCsc: ['ORACLE_CSC_URL', 'ORACLE_CSC_KEY'],
  contiple: ['CONTIPLE_KEY'],
  onlineContact: ['ONLINE_CONTACT_URL', 'ONLINE_CONTACT_SERVICE', 'ONLINE_CONTACT_KEY'],
  itxChat: ['ITX_SECRET', 'ITX_PLUGIN_URL'],
  huaweiAicc: ['AICC_URL', 'AICC_SECRET', 'AICC_GATE'],
  whatsapp: [
    'WHATSAPP_APP_SECRET',
    'WHATSAPP_VERIFY_TOKEN',
    'WHATSAPP_PHONE_NUMBER_ID',
    'WHATSAPP_ACCESS_TOKEN'
  ],
  line: ['LINE_CHANNEL_SECRET', 'LINE_CHANNEL_ACCESS_TOKEN'],
  twilio: ['TWILIO_AUTH_TOKEN']
} as const

/** Huawei also needs a token: a fixed one, one in a file, or a source to fetch it from. */
const fixedToken = 'AICC_ACCESS_TOKEN'
const tokenSourceSettings = ['AICC_TOKEN_URL', 'AICC_APP_KEY', 'AICC_APP_SECRET'] as const

export type Vendor = keyof typeof accounts
type SettingOf<Name extends Vendor> = typeof accounts[Name][number]

/** Whether this vendor has an account; without one it has no routes. */
export function hasAccount<Name extends Vendor> (
  config: Config,
  vendor: Name
): config is Config & { [Setting in SettingOf<Name>]: string } {
  return accounts[vendor].every(name => config[name] !== undefined)
}

/** The faults of the accounts: missing or contradictory settings, or no account at all. */
export function findAccountFaults (settings: Partial<Config>): string[] {
  const groups: ReadonlyArray<ReadonlyArray<keyof Config>> = [
    ...Object.values({ ...accounts, huaweiAicc: [] }),
    [...accounts.huaweiAicc, ...findTokenSettings(settings)]
  ]
  if (groups.flat().every(name => settings[name] === undefined)) {
    return ['no vendor is configured: set CONTIPLE_KEY, or the settings of another vendor']
  }
  const hasBoth = settings[fixedToken] !== undefined && settings.AICC_TOKEN_URL !== undefined
  const faults = hasBoth ? [`${fixedToken} and AICC_TOKEN_URL are both set; unset one`] : []
  return [
    ...faults,
    ...groups.flatMap(names => {
      const setting = names.find(name => settings[name] !== undefined)
      return setting === undefined
        ? []
        : names.filter(name => settings[name] === undefined).map(name =>
          `${name} is required, because ${setting} is set`
        )
    })
  ]
}

function findTokenSettings (settings: Partial<Config>): ReadonlyArray<keyof Config> {
  return tokenSourceSettings.some(name => settings[name] !== undefined)
    ? tokenSourceSettings
    : [fixedToken]
}
