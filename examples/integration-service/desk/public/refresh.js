// Loads a list again after each change.

/**
 * Runs `load` one at a time, so that an old answer never follows a newer one, and a steady stream
 * of changes still shows every answer. The promise settles after a run that began after the call.
 */
export function createRefresh (load) {
  let current = null
  let next = null

  function start () {
    current = load().finally(() => {
      current = null
    })
    return current
  }

  return function refresh () {
    if (next !== null) return next
    if (current === null) return start()
    next = current.catch(() => {}).then(() => {
      next = null
      return start()
    })
    return next
  }
}
