/** A test case for any runner: it fails if `run` throws or rejects. */
export interface ContractCase {
  /** What the case asserts, as the name of a test. */
  readonly name: string
  run(): void | Promise<void>
}
