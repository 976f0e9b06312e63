/**
 * One setting of a vendor's stand-in: an environment variable, a field of its page and of its API,
 * and a row of docs/guides/lab.md.
 */
export interface Setting {
  readonly variable: string
  /** What the page calls it. */
  readonly label: string
  /** More, where the label does not say it all. */
  readonly hint?: string
  readonly default?: string
  readonly choices?: readonly string[]
  /** What the text must be, where something is there. `lines`: the page gives it several. */
  readonly kind?: 'address' | 'whole number' | 'whole numbers' | 'number' | 'lines'
  /**
   * Never shown; left blank on the form, it stays as it is. May also be read from the file that the
   * variable with _FILE names.
   */
  readonly secret?: true
}

export type Settings = Readonly<Record<string, Setting>>
export type ValuesOf<Fields extends Settings> = Record<keyof Fields, string>

/** The defaults, with what is given in their place. */
export function valuesOf<Fields extends Settings> (
  fields: Fields,
  given: { readonly [Name in keyof Fields]?: string }
): ValuesOf<Fields> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, given[name] ?? field.default ?? ''])
  ) as ValuesOf<Fields>
}

const shapes = {
  address: [/^(?:https?:\/\/.+)?$/, 'a URL that starts with http: or https:'],
  'whole number': [/^[0-9]{0,9}$/, 'a whole number'],
  'whole numbers': [/^(?:[0-9]{1,9}(?: *, *[0-9]{1,9})*)?$/, 'whole numbers, separated by commas'],
  number: [/^(?:-?[0-9]{1,9})?$/, 'a number'],
  lines: [/^/, '']
} as const

/** What is wrong with a value, or undefined. It names the variable, never the value. */
export function complaintAbout (
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

/** Those that are not empty: an empty setting is one that was not set. */
export function filled<Name extends string> (
  settings: Record<Name, string>
): { [Key in Name]?: string } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== '')) as {
    [Key in Name]?: string
  }
}

/**
 * Where there is more than one in a setting: separated by commas, blanks around them are not part
 * of it.
 */
export function listOf (text: string): string[] {
  return text.split(',').map(one => one.trim()).filter(one => one !== '')
}
