/**
 * The names of the properties that a function reads off an object. Schemes say what
 * they take by taking it, so nothing here lists a vendor's options or fields a second
 * time, and a misspelt one does not pass in silence.
 */
export function namesRead (target: object, read: (watched: object) => void): string[] {
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
