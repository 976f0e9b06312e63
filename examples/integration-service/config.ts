import { type Static, type TObject, Type } from '@sinclair/typebox'
import { parseUrl } from 'fastify-contact-center/kit'
import { isSupportedCountry } from 'libphonenumber-js'
import { findAccountFaults } from './accounts.ts'
import { ConfigError } from './config-error.ts'
import { demoApp, demoSecrets } from './demo-secrets.ts'
import { readSettings } from './read-settings.ts'
import { addFileValues } from './secret-files.ts'

export { ConfigError } from './config-error.ts'

const textSetting = (description: string, options: { default?: string } = {}) =>
  Type.String({ minLength: 1, description, ...options })
const listSetting = (description: string, values: string[] = []) =>
  Type.Unsafe<string[]>({ type: 'string', separator: ',', default: values.join(','), description })

/**
 * All settings, by environment variable. `--help` and docs/reference/settings.md are generated from
 * this table.
 */
export const Settings = Type.Object({
  HOST: textSetting('Address to listen on', { default: '127.0.0.1' }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 3000,
    description: 'Port to listen on; 0: any free port'
  }),
  PUBLIC_URL: Type.Optional(
    textSetting(
      'Public URL of this service, with its path. Default: http://HOST:PORT'
    )
  ),
  DATABASE_URL: textSetting('file:… for the embedded SQLite, or postgres://…', {
    default: 'file:./data/integration-service.db'
  }),
  REDIS_URL: Type.Optional(textSetting('redis://…, shared by all processes. Optional')),
  ORACLE_CSC_URL: Type.Optional(textSetting('Oracle CSC: base of the click-to-call URLs')),
  ORACLE_CSC_KEY: Type.Optional(textSetting('Oracle CSC: secretKeyForHashCompare')),
  CONTIPLE_KEY: Type.Optional(textSetting('Contiple: the security key from its admin page')),
  ONLINE_CONTACT_URL: Type.Optional(
    textSetting('Online Contact: https://{domain}.oc.nhncloud.com')
  ),
  ONLINE_CONTACT_SERVICE: Type.Optional(textSetting('Online Contact: the service id')),
  ONLINE_CONTACT_KEY: Type.Optional(textSetting('Online Contact: the organization key')),
  ITX_SECRET: Type.Optional(textSetting("ITX Portal: the website's secret for verified data")),
  ITX_PLUGIN_URL: Type.Optional(textSetting("ITX Portal: URL of the widget's script")),
  AICC_URL: Type.Optional(
    textSetting('Huawei AICC: base URL of the API; https except on loopback')
  ),
  AICC_SECRET: Type.Optional(textSetting('Huawei AICC: the shared key of the callback URL')),
  AICC_ACCESS_TOKEN: Type.Optional(
    textSetting('Huawei AICC: bearer token for createCall; from a file, read again for each call')
  ),
  AICC_TOKEN_URL: Type.Optional(
    textSetting(
      'Huawei AICC: token endpoint, instead of AICC_ACCESS_TOKEN; https except on loopback'
    )
  ),
  AICC_APP_KEY: Type.Optional(
    textSetting('Huawei AICC: app key, or OAuth client id, for AICC_TOKEN_URL')
  ),
  AICC_APP_SECRET: Type.Optional(textSetting('Huawei AICC: the secret of AICC_APP_KEY')),
  AICC_GATE: Type.Optional(
    textSetting('Huawei AICC: secret last segment of the path for unsigned connection callbacks')
  ),
  WHATSAPP_APP_SECRET: Type.Optional(textSetting('WhatsApp: the App Secret of the Meta app')),
  WHATSAPP_VERIFY_TOKEN: Type.Optional(
    textSetting('WhatsApp: the verify token of the webhook, at least 16 characters')
  ),
  WHATSAPP_PHONE_NUMBER_ID: Type.Optional(
    Type.String({
      pattern: '^[0-9]{5,30}$',
      description: "WhatsApp: the id of the company's number"
    })
  ),
  WHATSAPP_ACCESS_TOKEN: Type.Optional(
    textSetting('WhatsApp: bearer token for sending; from a file, read again for each message')
  ),
  WHATSAPP_URL: textSetting(
    'WhatsApp: URL of the Graph API with its version; https except on loopback',
    {
      default: 'https://graph.facebook.com/v23.0'
    }
  ),
  LINE_CHANNEL_SECRET: Type.Optional(textSetting('LINE: the channel secret')),
  LINE_CHANNEL_ACCESS_TOKEN: Type.Optional(
    textSetting('LINE: bearer token for sending; from a file, read again for each message')
  ),
  LINE_URL: textSetting('LINE: URL of the Messaging API; https except on loopback', {
    default: 'https://api.line.me'
  }),
  TWILIO_AUTH_TOKEN: Type.Optional(textSetting("Twilio: the account's auth token")),
  TWILIO_LANGUAGE: Type.String({
    pattern: '^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$',
    default: 'en-US',
    description: 'Twilio: the language of the spoken texts'
  }),
  TWILIO_WAITING: textSetting('Twilio: the text for callers who wait for an agent', {
    default: 'Please wait. We are putting you through.'
  }),
  TWILIO_NOBODY: textSetting('Twilio: the text for callers when no agent accepts', {
    default: 'Nobody can take your call now. Please call again later.'
  }),
  MEMBER_RETURN_HOSTS: listSetting(
    'Hosts allowed in return URLs after sign-in, comma-separated'
  ),
  ONLINE_CONTACT_ORIGINS: listSetting(
    "Origins that may read a member's login status, comma-separated"
  ),
  PHONE_REGION: Type.String({
    pattern: '^[A-Z]{2}$',
    default: 'KR',
    description: 'Country of numbers without a country code'
  }),
  RING_SECONDS: Type.Integer({
    minimum: 5,
    maximum: 300,
    default: 30,
    description: 'Seconds that an inbound call rings at the desks before it counts as missed'
  }),
  RETENTION_DAYS: Type.Optional(Type.Integer({
    minimum: 1,
    maximum: 36_500,
    description: 'Days until calls, notes, chats, messages and events are removed. Default: never'
  })),
  CALL_SILENCE_MINUTES: Type.Integer({
    minimum: 1,
    maximum: 1440,
    default: 240,
    description: 'Minutes until the service closes a call that no vendor ended'
  }),
  DISPOSITIONS: listSetting("Dispositions for agents' wrap-ups, comma-separated", [
    'Resolved',
    'Call back',
    'Handed on',
    'No answer',
    'Wrong number'
  ]),
  AWAY_REASONS: listSetting('Reasons for being away, comma-separated', [
    'Break',
    'Lunch',
    'Meeting',
    'Paperwork'
  ]),
  TRUST_PROXY: listSetting(
    'Addresses or networks of trusted proxies, for X-Forwarded-For, comma-separated. Default: none'
  ),
  DOCS_SIGNER: Type.Boolean({
    default: false,
    description:
      'Sign requests that agents try out at /docs. For development: on loopback only, and never with NODE_ENV=production'
  }),
  LOG_LEVEL: Type.Unsafe<string>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description: 'fatal, error, warn, info, debug, trace or silent'
  })
})

export type Config = Static<typeof Settings> & {
  /** Without a trailing slash. */
  PUBLIC_URL: string,
  /** The path of PUBLIC_URL: empty, or for example `/cti`. */
  BASE_PATH: string,
  /** The files of tokens that were set by file: a token that expires is replaced there. */
  tokenFiles: { readonly [Name in TokenName]?: string }
}

/** Settings whose files are read again for each request. */
export const tokenNames = [
  'AICC_ACCESS_TOKEN',
  'WHATSAPP_ACCESS_TOKEN',
  'LINE_CHANNEL_ACCESS_TOKEN'
] as const
export type TokenName = typeof tokenNames[number]

type Environment = Record<string, string | undefined>

/**
 * Reads and validates the settings. @throws {ConfigError} naming every faulty variable, never its
 * value
 */
export function loadConfig (env: Environment = process.env): Config {
  const values = addFileValues(env, Object.keys(Settings.properties))
  const settings = parseSettings(Settings, values, findAccountFaults)
  const publicUrl = new URL(settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`)
  const basePath = publicUrl.pathname.replace(/\/+$/, '')
  const { origins, hosts, faults } = parseAddresses(settings)
  if (/[?#@]/.test(publicUrl.href)) {
    faults.push('PUBLIC_URL must have no user, query or fragment')
  }
  if (!/^(?:\/[\w.~-]+)*$/.test(basePath)) {
    faults.push('PUBLIC_URL must have only letters, digits, ._~- and slashes in its path')
  }
  for (const name of ['WHATSAPP_URL', 'LINE_URL', 'AICC_TOKEN_URL'] as const) {
    const value = settings[name]
    if (value === undefined) continue
    const url = parseUrl(value)
    const isSafe = url?.protocol === 'https:' || isLoopback(url?.hostname ?? '')
    if (!isSafe || /[?#@]/.test(value)) {
      faults.push(
        `${name} must be https without user and query, because the service sends a secret there`
      )
    }
  }
  if (faults.length > 0) throw new ConfigError(faults)
  if (settings.DOCS_SIGNER) refuseDocsSigner([settings.HOST, publicUrl.hostname], env['NODE_ENV'])
  return {
    ...settings,
    PUBLIC_URL: publicUrl.origin + basePath,
    BASE_PATH: basePath,
    tokenFiles: Object.fromEntries(
      tokenNames.flatMap(name => {
        const file = env[`${name}_FILE`]?.trim()
        return file ? [[name, file]] : []
      })
    ),
    MEMBER_RETURN_HOSTS: hosts,
    ONLINE_CONTACT_ORIGINS: origins,
    DISPOSITIONS: trimAll(settings.DISPOSITIONS),
    AWAY_REASONS: trimAll(settings.AWAY_REASONS),
    TRUST_PROXY: trimAll(settings.TRUST_PROXY)
  }
}

/** The settings of scripts that use the store beside the service. @throws {ConfigError} */
export function loadStoreConfig (
  env: Environment = process.env
): Pick<Config, 'DATABASE_URL' | 'PHONE_REGION'> {
  const names = ['DATABASE_URL', 'PHONE_REGION'] as const
  return parseSettings(Type.Pick(Settings, [...names]), addFileValues(env, names))
}

function isLoopback (host: string): boolean {
  return /^(?:localhost|127(?:\.[0-9]+){3}|\[?::1\]?)$/.test(host)
}

/** Anyone who can have requests signed can impersonate the vendors. @throws {ConfigError} */
function refuseDocsSigner (hosts: string[], environment: string | undefined): void {
  if (!hosts.every(isLoopback) || environment === 'production') {
    throw new ConfigError([
      'DOCS_SIGNER is for development: HOST and PUBLIC_URL must be loopback, and NODE_ENV not production'
    ])
  }
}

/**
 * The public keys of this repository must sign nothing outside a demonstration.
 * @throws {ConfigError}
 */
export function refuseDemoSecrets (config: Config): void {
  const demoEntries = Object.entries({ ...demoSecrets, ...demoApp }).filter(([name, secret]) =>
    config[name as keyof Config] === secret
  )
  if (demoEntries.length > 0) {
    throw new ConfigError(
      demoEntries.map(([name]) => `${name} is a public demo key; set your own`)
    )
  }
}

/** The table of settings as text. */
export function formatSettings (): string {
  const required = new Set<string>(Settings.required)
  const rows = Object.entries(Settings.properties).map(
    ([name, { description = '', default: value }]) => {
      const note = required.has(name) && value === undefined
        ? ' (required)'
        : value === undefined || value === ''
        ? ''
        : ` (default ${String(value)})`
      return `  ${name.padEnd(24)}${description}${note}`
    }
  )
  return rows.join('\n')
}

const urlProtocols = {
  PUBLIC_URL: ['http:', 'https:'],
  DATABASE_URL: ['file:', 'postgres:', 'postgresql:'],
  REDIS_URL: ['redis:', 'rediss:'],
  ORACLE_CSC_URL: ['http:', 'https:'],
  ONLINE_CONTACT_URL: ['http:', 'https:'],
  ITX_PLUGIN_URL: ['http:', 'https:'],
  AICC_URL: ['http:', 'https:'],
  AICC_TOKEN_URL: ['http:', 'https:'],
  WHATSAPP_URL: ['http:', 'https:'],
  LINE_URL: ['http:', 'https:']
} as const

function parseSettings<Schema extends TObject> (
  schema: Schema,
  env: Environment,
  check: (settings: Static<Schema>) => string[] = () => []
): Static<Schema> {
  const settings = readSettings(schema, env)
  const faults = check(settings)
  faults.push(
    ...Object.entries(urlProtocols).flatMap(([name, protocols]) => {
      const value = (settings as Partial<Record<string, string>>)[name]
      const isValid = value === undefined ||
        protocols.some(protocol => parseUrl(value)?.protocol === protocol)
      return isValid ? [] : [`${name} must be a URL that starts with ${protocols.join(' or ')}`]
    })
  )
  // SQLite would take it for an in-memory database.
  if (/^file:\/*$/.test((settings as Pick<Config, 'DATABASE_URL'>).DATABASE_URL)) {
    faults.push('DATABASE_URL needs the path of a file, such as file:./data/integration-service.db')
  }
  if (!isSupportedCountry((settings as Pick<Config, 'PHONE_REGION'>).PHONE_REGION)) {
    faults.push('PHONE_REGION must be the two-letter code of a country')
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return settings
}

/** Allowed origins and return hosts, in the form in which browsers send them. */
function parseAddresses (
  { ONLINE_CONTACT_ORIGINS: origins, MEMBER_RETURN_HOSTS: hosts }: Static<typeof Settings>
): { origins: string[], hosts: string[], faults: string[] } {
  const faults: string[] = []
  return {
    origins: trimAll(origins).map(origin => {
      const url = parseUrl(origin)
      const isOrigin = url !== null && /^https?:$/.test(url.protocol) &&
        /^https?:\/\/[^/?#@*]+\/?$/i.test(origin)
      if (isOrigin) return url.origin
      faults.push(
        'ONLINE_CONTACT_ORIGINS must be origins such as https://example.oc.nhncloud.com: no path, no *, not null'
      )
      return origin
    }),
    hosts: trimAll(hosts).map(host => {
      const url = /[/?#@*\\]/.test(host) ? null : parseUrl(`https://${host}`)
      if (url !== null && url.host !== '') return url.host
      faults.push(
        'MEMBER_RETURN_HOSTS must be hosts such as example.oc.nhncloud.com or 127.0.0.1:8081: no scheme, no path, no *'
      )
      return host
    }),
    faults
  }
}

function trimAll (values: string[]): string[] {
  return values.map(value => value.trim()).filter(value => value !== '')
}
