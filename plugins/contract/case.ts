/** A test case for any runner: it fails if `run` throws or rejects. */
export interface ContractCase {
  readonly name: string
  run(): void | Promise<void>
}
