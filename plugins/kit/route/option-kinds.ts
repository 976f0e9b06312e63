/** Stops the registration with a message that names the option. */
export type Refuse = (problem: string) => never

/**
 * One option of a vendor, with its type, default and check. Users write a `Given`, the vendor's
 * code gets a `Value`.
 */
export interface OptionKind<Given, Value = Given, Required extends boolean = boolean> {
  /** Whether the plugin cannot be registered without it. */
  readonly required: Required
  /** Checks the option and returns its value. `option` is undefined if it was left out. */
  read(option: Given | undefined, refuse: Refuse): Value
}

/** A vendor's own options, by name. */
export type OptionKinds = Readonly<Record<string, OptionKind<never, unknown>>>

type GivenOf<Kind> = Kind extends OptionKind<infer Given, unknown> ? Given : never

/**
 * The options as users write them: the optional ones, and the required ones if there are any. Each
 * keeps the comment above its kind, because these types map over `keyof Kinds` itself.
 */
export type OptionsOf<Kinds> =
  & {
    [Name in keyof Kinds as Name extends RequiredNames<Kinds> ? never : Name]?: GivenOf<Kinds[Name]>
  }
  & ([RequiredNames<Kinds>] extends [never] ? unknown :
    {
      [Name in keyof Kinds as Name extends RequiredNames<Kinds> ? Name : never]: GivenOf<
        Kinds[Name]
      >
    })

type RequiredNames<Kinds> = {
  [Name in keyof Kinds]: Kinds[Name] extends { readonly required: true } ? Name : never
}[keyof Kinds]

/** The options as the vendor's code gets them: each one checked, or its default. */
export type ValuesOf<Kinds> = {
  readonly [Name in keyof Kinds]: Kinds[Name] extends OptionKind<never, infer Value> ? Value : never
}

/**
 * True or false. Other values are refused rather than coerced: many would turn a protection off.
 */
export function flag (defaultValue: boolean): OptionKind<boolean, boolean, false> {
  return optional((option, refuse) => {
    const value = option ?? defaultValue
    return typeof value === 'boolean' ? value : refuse('must be true or false')
  })
}

/** One of the listed values; the first is the default unless another is named. */
export function choice<const Value extends string> (
  values: readonly [Value, ...Value[]],
  defaultValue: NoInfer<Value> = values[0]
): OptionKind<Value, Value, false> {
  return optional((option, refuse) => {
    const value = option ?? defaultValue
    if (values.includes(value)) return value
    return refuse(`must be one of ${values.map(value => `'${value}'`).join(', ')}`)
  })
}

/** A positive integer; undefined if it is left out and has no default. */
export function count (defaultValue: number): OptionKind<number, number, false>
export function count (): OptionKind<number, number | undefined, false>
export function count (defaultValue?: number): OptionKind<number, number | undefined, false> {
  return optional((option, refuse) => {
    const value = option ?? defaultValue
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value
    return refuse('must be a positive integer')
  })
}

/** Any other optional option. `read` returns the value to use, or refuses. */
export function optional<Given, Value> (
  read: (option: Given | undefined, refuse: Refuse) => Value
): OptionKind<Given, Value, false> {
  return { required: false, read }
}

/** Any other required option. */
export function required<Given, Value> (
  read: (option: Given, refuse: Refuse) => Value
): OptionKind<Given, Value, true> {
  return {
    required: true,
    read: (option, refuse) => option === undefined ? refuse('is required') : read(option, refuse)
  }
}
