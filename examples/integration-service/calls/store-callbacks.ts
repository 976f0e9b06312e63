import {
  aliasesOf,
  endAnsweredElsewhere,
  findStoredCalls,
  assignAlias
} from '../store/call-aliases.ts'
import { addCallbacks, type CallFact, markMissed, mergeCalls } from '../store/calls.ts'
import type { Change } from '../store/index.ts'
import { createCallEvent } from './view.ts'

export type CallbackKind = 'connected' | 'released'

/** A callback's report about its call. */
export type CallbackFact = Omit<CallFact, 'created_at'>

export interface Callback {
  readonly kind: CallbackKind
  /** As received, JSON. */
  readonly body: string
  readonly fact: CallbackFact
  /** For inbound calls: the agent whose line was called. */
  readonly line?: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * Stores callbacks that arrived together. The number of statements does not grow with their number.
 */
export async function storeCallbacks (
  change: Change,
  callbacks: readonly Callback[]
): Promise<Array<'stored' | 'repeated'>> {
  const { db, publish } = change
  const firstByKey = new Map<string, Callback>()
  for (const callback of callbacks) {
    if (!firstByKey.has(keyOf(callback))) firstByKey.set(keyOf(callback), callback)
  }
  // The same order in every process prevents deadlocks between processes that store the same calls.
  const rows = [...firstByKey.values()].map(({ kind, body, fact, now }) => ({
    call_serial_no: fact.call_serial_no,
    kind,
    body,
    received_at: now
  }))
  const added = new Set(
    (await addCallbacks(db, sortByCall(rows))).map(row => `${row.kind} ${row.call_serial_no}`)
  )
  for (const kind of ['connected', 'released'] as const) {
    const newCallbacks = [...firstByKey].flatMap(([key, callback]) =>
      callback.kind === kind && added.has(key) ? [callback] : []
    )
    const serialNos = await findOwnSerialNos(change, newCallbacks)
    const facts = newCallbacks.map(({ fact, now }) => ({
      ...fact,
      call_serial_no: serialNos.get(fact.call_serial_no) ?? fact.call_serial_no,
      created_at: now
    }))
    const merged = await mergeCalls(db, sortByCall(facts), kind)
    if (kind === 'released') await markMissed(db, merged)
    for (const call of merged) publish(`call.${kind}`, createCallEvent(call))
    for (const { fact, now } of newCallbacks) {
      // It was answered on the telephone although it also rang at the desks.
      const { call_serial_no: callSerialNo, customer_number: customerNumber } = fact
      const hasVendorId = serialNos.get(callSerialNo) === callSerialNo
      if (!hasVendorId || customerNumber === null || fact.connected_at === null) continue
      const answeredCall = { callSerialNo, customerNumber, now }
      for (const call of await endAnsweredElsewhere(db, answeredCall)) {
        publish('call.closed', createCallEvent(call))
      }
    }
  }
  return callbacks.map(callback =>
    firstByKey.get(keyOf(callback)) === callback && added.has(keyOf(callback))
      ? 'stored'
      : 'repeated'
  )
}

/**
 * Inbound calls may have rung at the desks before the vendor gave them an id: maps the vendor's id
 * to the stored call. A call stored under the vendor's id keeps it. Outbound calls need no query.
 */
async function findOwnSerialNos (
  { db }: Change,
  callbacks: readonly Callback[]
): Promise<Map<string, string>> {
  const inbound = callbacks.filter(({ line }) => line !== undefined)
  const serialNos = await aliasesOf(db, inbound.map(({ fact }) => fact.call_serial_no))
  const unmapped = inbound.flatMap(({ fact: { call_serial_no: serialNo } }) =>
    serialNos.has(serialNo) ? [] : serialNo
  )
  for (const serialNo of await findStoredCalls(db, unmapped)) serialNos.set(serialNo, serialNo)
  for (const { fact, line = '', now } of inbound) {
    if (serialNos.has(fact.call_serial_no)) continue
    const serialNo = await assignAlias(db, {
      vendorSerialNo: fact.call_serial_no,
      agentId: line,
      customerNumber: fact.customer_number,
      now
    })
    if (serialNo !== null) serialNos.set(fact.call_serial_no, serialNo)
  }
  return serialNos
}

function keyOf ({ kind, fact }: Callback): string {
  return `${kind} ${fact.call_serial_no}`
}

function sortByCall<Row extends { call_serial_no: string }> (rows: Row[]): Row[] {
  return rows.sort((a, b) => a.call_serial_no < b.call_serial_no ? -1 : 1)
}
