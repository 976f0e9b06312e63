import { setTimeout as sleep } from 'node:timers/promises'
import { callById } from '../store/calls.ts'
import type { Store } from '../store/index.ts'

const pollMs = 50

/**
 * Whether createCall returned this call. A connection callback can overtake createCall's answer,
 * here or in another process, so we wait a moment for an unknown call.
 */
export async function waitForCall (
  store: Store,
  callSerialNo: string,
  timeoutMs = 2000
): Promise<boolean> {
  for (let waitedMs = 0;; waitedMs += pollMs) {
    if (await isKnownCall(store, callSerialNo)) return true
    if (waitedMs >= timeoutMs) return false
    await sleep(pollMs)
  }
}

/** Whether an agent dialled it: a release callback alone also creates a record. */
export async function isKnownCall (store: Store, callSerialNo: string): Promise<boolean> {
  const call = await store.read(db => callById(db, callSerialNo))
  return call !== undefined && call.agent_id !== null && call.direction !== 'inbound'
}
