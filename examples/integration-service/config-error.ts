/** Invalid settings. The message names the variables. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'ERR_CONFIG'
  constructor (faults: string[]) {
    super(`cannot start:\n${[...new Set(faults)].map(fault => `  ${fault}`).join('\n')}`)
  }
}
