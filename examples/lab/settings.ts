import { readFileSync } from 'node:fs'
import { checkSetting, type Setting, type Settings } from '../simulators/shared/settings.ts'
import { UsageError } from './usage-error.ts'
import { checkedVendors } from './webhooks.ts'

const ownSettings: Settings = {
  port: {
    variable: 'LAB_PORT',
    label: 'The first of the five ports of `npm run lab`',
    hint: '0: free ports',
    default: '3100',
    kind: 'whole number'
  }
}

/**
 * All lab settings by environment variable. `--help` and docs/guides/lab-settings.md are generated
 * from this table.
 */
export const labSettings: ReadonlyMap<string, Setting> = new Map(
  [ownSettings, ...Object.values(checkedVendors).map(({ fields }) => fields)]
    .flatMap(fields => Object.values(fields).map(setting => [setting.variable, setting] as const))
)

/** Values by environment variable. */
export type LabConfig = Readonly<Record<string, string>>

/** All settings as text. An unset one without a default is empty. @throws {UsageError} */
export function loadLabConfig (env: Record<string, string | undefined>): LabConfig {
  return Object.fromEntries(Array.from(labSettings, ([name, setting]) => {
    const value = readValue(env, setting)
    const mistake = checkSetting(setting, value)
    if (mistake !== undefined) throw new UsageError(mistake)
    return [name, value]
  }))
}

/**
 * The source of the lab's signing key, by name and never by value: without the variable, the lab
 * checks the service against a publicly known key.
 */
export function describeKeySources (
  fields: Settings,
  env: Record<string, string | undefined>
): string[] {
  return Object.values(fields).filter(({ secret, default: defaultValue }) =>
    secret === true && defaultValue !== undefined
  ).map(({ variable: name }) => {
    if ((env[name] ?? '') !== '') return `${name}, from the environment`
    const path = env[`${name}_FILE`] ?? ''
    return path === ''
      ? `${name} is not set: the lab signs with its public default key`
      : `${name}, from the file in ${name}_FILE`
  })
}

/** The settings of one vendor by field name. */
export function selectValues (fields: Settings, config: LabConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { variable }]) => [name, config[variable] ?? ''])
  )
}

function readValue (
  env: Record<string, string | undefined>,
  { variable: name, secret, default: defaultValue = '' }: Setting
): string {
  // An empty variable counts as unset: compose files and CI pass unset ones that way.
  const value = env[name] ?? ''
  const path = secret === true ? env[`${name}_FILE`] ?? '' : ''
  if (value !== '' && path !== '') throw new UsageError(`set ${name} or ${name}_FILE, not both`)
  if (path === '') return value === '' ? defaultValue : value
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new UsageError(
      `${name}_FILE cannot be read (${String((error as NodeJS.ErrnoException).code)})`
    )
  }
}

/** The settings as a Markdown table. */
export function formatLabSettings (): string {
  const vendorsUsing = (name: string): string => {
    const names = Object.entries(checkedVendors).filter(([, { fields }]) =>
      Object.values(fields).some(({ variable }) => variable === name)
    ).map(([vendor]) => vendor)
    return names.length === 0 ? 'all' : names.join(', ')
  }
  const rows = Array.from(
    labSettings,
    ([name, { label, hint, default: value, choices, secret }]) => {
      const description = `${label}${hint === undefined ? '' : ` (${hint})`}${
        choices === undefined ? '' : `: ${choices.map(choice => `\`${choice}\``).join(', ')}`
      }`
      return `| \`${name}\`${secret === true ? ' *' : ''} | ${
        vendorsUsing(name)
      } | ${description} | ${value === undefined ? '' : `\`${value}\``} |`
    }
  )
  return ['| Variable | Vendor | Description | Default |', '| --- | --- | --- | --- |', ...rows]
    .join('\n')
}
