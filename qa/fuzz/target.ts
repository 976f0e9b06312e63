/** Code that reads untrusted bytes, and its invariants. */
export interface Target {
  readonly name: string
  /** The source files under test, for the coverage report. */
  readonly about: readonly string[]
  /** Tokens of the input language, also used for the first inputs. */
  readonly tokens: readonly string[]
  /** @throws if an invariant does not hold */
  check(bytes: Buffer): void
}
