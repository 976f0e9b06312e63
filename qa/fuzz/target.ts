/** Something that reads bytes from outside, and what must hold of it for any bytes. */
export interface Target {
  readonly name: string
  /** The source files that it is about; their coverage is reported. */
  readonly about: readonly string[]
  /** Words of its language. They are also what the first inputs are made of. */
  readonly tokens: readonly string[]
  /** @throws when something that must hold does not */
  check(bytes: Buffer): void
}
