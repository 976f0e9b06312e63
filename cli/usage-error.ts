/**
 * The command was used wrongly. The text names the argument, and never contains a secret.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
