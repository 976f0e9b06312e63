/** An invalid setting. The message names the setting, never its value. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
