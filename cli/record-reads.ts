/**
 * The names of the properties that a function reads from an object. So the command line knows a
 * scheme's options and fields without a second list, and can refuse misspelt ones.
 */
export function recordReads (target: object, read: (proxy: object) => void): string[] {
  const names = new Set<string>()
  read(
    new Proxy(target, {
      get (object, name, receiver): unknown {
        names.add(String(name))
        return Reflect.get(object, name, receiver)
      }
    })
  )
  return [...names]
}
