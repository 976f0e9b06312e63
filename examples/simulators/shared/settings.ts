/**
 * One simulator setting: an environment variable, a field on the page and in the API, and a row in
 * docs/guides/lab-settings.md.
 */
export interface Setting {
  readonly variable: string
  /** The label on the page. */
  readonly label: string
  /** More detail than the label. */
  readonly hint?: string
  readonly default?: string
  readonly choices?: readonly string[]
  /** The format of a non-empty value. `lines`: several lines on the page. */
  readonly kind?: 'address' | 'whole number' | 'whole numbers' | 'number' | 'lines'
  /**
   * Never shown. If left blank in the form, it keeps its value. Can also be read from the file
   * named by the variable with the suffix _FILE.
   */
  readonly secret?: true
}

export type Settings = Readonly<Record<string, Setting>>
export type ValuesOf<Fields extends Settings> = Record<keyof Fields, string>

/** The defaults, overridden by the given values. */
export function valuesOf<Fields extends Settings> (
  fields: Fields,
  overrides: { readonly [Name in keyof Fields]?: string }
): ValuesOf<Fields> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, overrides[name] ?? field.default ?? ''])
  ) as ValuesOf<Fields>
}

const shapes = {
  address: [/^(?:https?:\/\/.+)?$/, 'a URL that starts with http: or https:'],
  'whole number': [/^[0-9]{0,9}$/, 'a whole number'],
  'whole numbers': [/^(?:[0-9]{1,9}(?: *, *[0-9]{1,9})*)?$/, 'whole numbers, separated by commas'],
  number: [/^(?:-?[0-9]{1,9})?$/, 'a number'],
  lines: [/^/, '']
} as const

/** The mistake in a value, or undefined. Names the variable, never the value. */
export function checkSetting (
  { variable, choices, kind }: Setting,
  value: string
): string | undefined {
  if (choices !== undefined) {
    return choices.includes(value)
      ? undefined
      : `${variable} must be ${choices.join(' or ')}`
  }
  if (kind === undefined) return undefined
  const [shape, name] = shapes[kind]
  return shape.test(value) ? undefined : `${variable} must be ${name}`
}

/** The non-empty settings: empty means unset. */
export function omitEmpty<Name extends string> (
  settings: Record<Name, string>
): { [Key in Name]?: string } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== '')) as {
    [Key in Name]?: string
  }
}

/** Splits a setting at commas and trims the items. */
export function splitList (text: string): string[] {
  return text.split(',').map(item => item.trim()).filter(item => item !== '')
}
