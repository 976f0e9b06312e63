/**
 * The command cannot be answered as it was given. The text names the argument, and never holds a
 * secret.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
