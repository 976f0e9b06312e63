/** Adds an entry to a bounded map and drops the oldest: a simulator may run under load for days. */
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
