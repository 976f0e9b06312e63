/** A value, or a promise of one where something has to be waited for. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on with a value at once, or once it is there. A thenable counts as a promise. */
export function after<T, Result> (
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Result>
): MaybePromise<Result> {
  if (value instanceof Promise) return value.then(next)
  return isThenable(value) ? Promise.resolve(value as T).then(next) : next(value)
}

function isThenable (value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
