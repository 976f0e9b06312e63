/** A value, or a promise of it if there is something to wait for. */
export type MaybePromise<T> = T | Promise<T>

/** Continues with the value, at once or when its promise (or thenable) resolves. */
export function continueWith<T, Result> (
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Result>
): MaybePromise<Result> {
  if (value instanceof Promise) return value.then(next)
  return isThenable(value) ? Promise.resolve(value as T).then(next) : next(value)
}

export function isThenable (value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
