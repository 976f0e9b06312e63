import { readFileSync } from 'node:fs'

interface Setting {
  readonly help: string
  readonly default?: string
  /** May also be read from the file that NAME_FILE names. */
  readonly secret?: true
}

const own = 'http://127.0.0.1:3000'

/** Every setting of the lab, by the name of its environment variable. `--help` and docs/lab.md are this table. */
export const labSettings = {
  LAB_PORT: { help: 'The first of five ports that `npm run lab` takes; 0 takes free ones', default: '3100' },
  ORACLE_CSC_KEY: { help: 'Oracle CSC: the key that click-to-call URLs are signed with', default: 'lab-oracle-csc-key-00001', secret: true },
  LAB_CSC_HASH: { help: 'Oracle CSC: `required`, or `off` for agents who log in by hand', default: 'required' },
  LAB_CSC_CHECK_CALL_ID: { help: 'Oracle CSC: `on` where the FTCallID check is on', default: 'off' },
  LAB_CSC_URL: { help: 'Oracle CSC: where your service gives a click-to-call URL, for its faults', default: `${own}/click-to-call?callerId={callerId}&callId={callId}` },
  CONTIPLE_KEY: { help: 'Contiple: the security key', default: 'lab-contiple-key-0000001', secret: true },
  LAB_CONTIPLE_URL: { help: 'Contiple: your customer information API', default: `${own}/contiple/customer` },
  LAB_CALLER: { help: 'Contiple: the number of a customer whom your service knows', default: '+821012345678' },
  ONLINE_CONTACT_KEY: { help: 'Online Contact: the organization key', default: 'lab-online-contact-key-1', secret: true },
  ONLINE_CONTACT_SERVICE: { help: 'Online Contact: the service id', default: 'demo' },
  LAB_MEMBER_LOGIN_URL: { help: 'Online Contact: your login URL', default: `${own}/member/login` },
  LAB_MEMBER_STATUS_URL: { help: 'Online Contact: your login status URL', default: `${own}/member/login-status` },
  LAB_MEMBER_VERIFY_TOKEN_URL: { help: 'Online Contact: your token verification URL', default: `${own}/member/verify-token` },
  LAB_MEMBER_LINK_URL: { help: 'Online Contact: where your service redirects a member to the help centre by a GET link. Optional' },
  LAB_ONLINE_CONTACT_ORIGIN: { help: 'Online Contact: the origin that your service takes for the help centre\'s', default: 'http://127.0.0.1:3102' },
  ITX_SECRET: { help: 'ITX Portal: the website\'s secret for verified data', default: 'lab-itx-chat-secret-0001', secret: true },
  LAB_ITX_URL: { help: 'ITX Portal: where your service gives a signed chat session as JSON', default: `${own}/chat/session` },
  LAB_ITX_ORIGINS: { help: 'ITX Portal: the origins of your pages, comma-separated', default: own },
  AICC_SECRET: { help: 'Huawei AICC: the shared key of the callback URL', default: 'lab-huawei-aicc-secret-1', secret: true },
  AICC_ACCESS_TOKEN: { help: 'Huawei AICC: the bearer token that createCall must show', default: 'lab-huawei-aicc-token-01', secret: true },
  LAB_AICC_RELEASED_URL: { help: 'Huawei AICC: where your service takes release callbacks, for faults', default: `${own}/aicc/released` },
  LAB_AICC_CONNECTED_URL: { help: 'Huawei AICC: where your service takes connection callbacks, with its secret part', default: `${own}/aicc/connected/lab-huawei-aicc-gate-001`, secret: true },
  LAB_AICC_AUTHENTICATION: { help: 'Huawei AICC: `shared-key`, or `none` for release callbacks without a signature', default: 'shared-key' },
  LAB_AICC_AUTO_RUN_MS: { help: 'Huawei AICC: milliseconds after which a call is connected, and then released, by itself. Default: the page says when' },
  LAB_AICC_DUPLICATES: { help: 'Huawei AICC: what your service does with a callback that comes twice: `accept`, `refuse` or `either`', default: 'either' },
  LAB_OLD_KEY: { help: 'A key that counted once, of the vendor under check. Optional', secret: true },
  LAB_COOKIE: { help: 'The Cookie header of a member or agent who is signed in at your service, for what only they get. Optional', secret: true },
  LAB_METHOD: { help: 'How the check asks for what your service signs: `GET` or `POST`', default: 'GET' }
} as const satisfies Record<string, Setting>

export type LabSetting = keyof typeof labSettings
export type LabConfig = Readonly<Record<LabSetting, string>>

/** What cannot be used; the text names the setting, never its value. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const choices: Partial<Record<LabSetting, readonly string[]>> = {
  LAB_CSC_HASH: ['required', 'off'],
  LAB_CSC_CHECK_CALL_ID: ['on', 'off'],
  LAB_AICC_AUTHENTICATION: ['shared-key', 'none'],
  LAB_AICC_DUPLICATES: ['accept', 'refuse', 'either'],
  LAB_METHOD: ['GET', 'POST']
}
const numbers: readonly LabSetting[] = ['LAB_PORT', 'LAB_AICC_AUTO_RUN_MS']

/** Every setting as text; one that is not set and has no default is empty. @throws {UsageError} */
export function loadLabConfig (env: Record<string, string | undefined>): LabConfig {
  const entries = Object.entries<Setting>(labSettings).map(([name, setting]) => [name, valueOf(env, name, setting)] as const)
  const config = Object.fromEntries(entries) as LabConfig
  for (const [name, allowed] of Object.entries(choices)) {
    if (!allowed.includes(config[name as LabSetting])) throw new UsageError(`${name} must be ${allowed.join(' or ')}`)
  }
  for (const name of numbers) {
    if (!/^[0-9]{0,5}$/.test(config[name])) throw new UsageError(`${name} must be a number`)
  }
  for (const [name, value] of Object.entries(config)) {
    if (name.endsWith('_URL') && value !== '' && !/^https?:\/\/./.test(value)) throw new UsageError(`${name} must be an address that starts with http: or https:`)
  }
  return config
}

function valueOf (env: Record<string, string | undefined>, name: string, { secret = false, default: otherwise = '' }: { secret?: boolean, default?: string }): string {
  // An empty variable is one that was not set: compose files and CI pass them on so.
  const value = env[name] ?? ''
  const path = secret ? env[`${name}_FILE`] ?? '' : ''
  if (value !== '' && path !== '') throw new UsageError(`set ${name} or ${name}_FILE, not both`)
  if (path === '') return value === '' ? otherwise : value
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new UsageError(`${name}_FILE cannot be read (${String((error as NodeJS.ErrnoException).code)})`)
  }
}

/** The table of settings in Markdown. */
export function labSettingsTable (): string {
  const rows = Object.entries<Setting>(labSettings).map(([name, { help, default: value, secret = false }]) =>
    `| \`${name}\`${secret ? ' *' : ''} | ${help} | ${value === undefined ? '' : `\`${value}\``} |`)
  return ['| Variable | What it is | Default |', '| --- | --- | --- |', ...rows].join('\n')
}
