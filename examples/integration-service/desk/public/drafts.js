/* global sessionStorage */
// Unsaved text about a call. It survives a reload, but not the tab or the session.

const prefix = 'desk-draft-'
const ownerKey = 'desk-drafts-of'
const listeners = new Set()

export function readDraft (callSerialNo) {
  try {
    return JSON.parse(sessionStorage.getItem(prefix + callSerialNo))
  } catch {
    return null
  }
}

/** Stores `{ disposition, note }`; `writer` is not notified. */
export function saveDraft (callSerialNo, draft, writer) {
  sessionStorage.setItem(prefix + callSerialNo, JSON.stringify(draft))
  for (const listener of listeners) if (listener !== writer) listener(callSerialNo, draft)
}

export function dropDraft (callSerialNo) {
  sessionStorage.removeItem(prefix + callSerialNo)
}

export function onDraft (listener) {
  listeners.add(listener)
}

/** Drops the drafts of another agent who used this tab before. */
export function keepDraftsOf (agentId) {
  if (sessionStorage.getItem(ownerKey) !== agentId) dropDrafts()
  sessionStorage.setItem(ownerKey, agentId)
}

export function dropDrafts () {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  }
}
