/**
 * Puts an entry into a map of at most so many, and lets go of the oldest: a stand-in may run for
 * days under load.
 */
export function keepNewest<Value> (
  map: Map<string, Value>,
  key: string,
  value: Value,
  limit: number
): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > limit && oldest !== undefined) map.delete(oldest)
}
