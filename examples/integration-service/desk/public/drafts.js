/* global sessionStorage */
// What was typed about a call and not saved yet. It outlives a reload, not the tab nor the session.

const prefix = 'desk-draft-'
const listeners = new Set()

export function draftOf (callSerialNo) {
  try {
    return JSON.parse(sessionStorage.getItem(prefix + callSerialNo))
  } catch {
    return null
  }
}

/** Keeps `{ disposition, note }`; `writer` is not told. */
export function keepDraft (callSerialNo, draft, writer) {
  sessionStorage.setItem(prefix + callSerialNo, JSON.stringify(draft))
  for (const listener of listeners) if (listener !== writer) listener(callSerialNo, draft)
}

export function dropDraft (callSerialNo) {
  sessionStorage.removeItem(prefix + callSerialNo)
}

export function onDraft (listener) {
  listeners.add(listener)
}

export function dropDrafts () {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  }
}
