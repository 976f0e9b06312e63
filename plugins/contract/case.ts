/** One promise, for a test runner to keep: it has failed when `run` throws or rejects. */
export interface ContractCase {
  readonly name: string
  run(): void | Promise<void>
}
