/** Stops the registration with a message that names the option. */
export type Refuse = (why: string) => never

/**
 * One option of a vendor, with its type, default and check. `Given` is the type of what users
 * write, `Value` that of what the vendor's code gets.
 */
export interface OptionKind<Given, Value = Given, Required extends boolean = boolean> {
  /** Whether the plugin cannot be registered without it. */
  readonly required: Required
  /** Checks the option and returns its value. `given` is undefined if the option was left out. */
  read(given: Given | undefined, refuse: Refuse): Value
}

/** A vendor's own options, by name. */
export type OptionKinds = Readonly<Record<string, OptionKind<never, unknown>>>

type GivenOf<Kind> = Kind extends OptionKind<infer Given, unknown> ? Given : never

/**
 * What users write: the optional options, and the required ones if there are any. Each keeps the
 * comment above its kind, because these types map over `keyof Kinds` itself.
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

/** What the vendor's code gets: each option checked, or its default. */
export type ValuesOf<Kinds> = {
  readonly [Name in keyof Kinds]: Kinds[Name] extends OptionKind<never, infer Value> ? Value : never
}

/**
 * True or false. Other values are refused rather than coerced: many of them would turn a protection
 * off.
 */
export function flag (otherwise: boolean): OptionKind<boolean, boolean, false> {
  return optional((given, refuse) => {
    const value = given ?? otherwise
    return typeof value === 'boolean' ? value : refuse('must be true or false')
  })
}

/** One of the listed values; the first is the default unless another is named. */
export function choice<const Value extends string> (
  values: readonly [Value, ...Value[]],
  otherwise: NoInfer<Value> = values[0]
): OptionKind<Value, Value, false> {
  return optional((given, refuse) => {
    const value = given ?? otherwise
    if (values.includes(value)) return value
    return refuse(`must be one of ${values.map(one => `'${one}'`).join(', ')}`)
  })
}

/** A positive integer. */
export function count (otherwise: number): OptionKind<number, number, false>
export function count (): OptionKind<number, number | undefined, false>
export function count (otherwise?: number): OptionKind<number, number | undefined, false> {
  return optional((given, refuse) => {
    const value = given ?? otherwise
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value
    return refuse('must be a positive integer')
  })
}

/** Any other optional option. `read` returns the value to use, or refuses. */
export function optional<Given, Value> (
  read: (given: Given | undefined, refuse: Refuse) => Value
): OptionKind<Given, Value, false> {
  return { required: false, read }
}

/** Any other required option. */
export function required<Given, Value> (
  read: (given: Given, refuse: Refuse) => Value
): OptionKind<Given, Value, true> {
  return {
    required: true,
    read: (given, refuse) => given === undefined ? refuse('is required') : read(given, refuse)
  }
}
