import { aliasesOf, endAnsweredElsewhere, ownNames, takeAlias } from '../store/call-aliases.ts'
import { addCallbacks, type CallFact, markMissed, mergeCalls } from '../store/calls.ts'
import type { Change } from '../store/index.ts'
import { eventOf } from './view.ts'

export type Kind = 'connected' | 'released'

/** A callback's report about its call. */
export type Fact = Omit<CallFact, 'created_at'>

export interface Callback {
  readonly kind: Kind
  /** As received, JSON. */
  readonly body: string
  readonly fact: Fact
  /** For inbound calls: the agent whose line was called. */
  readonly line?: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * Stores callbacks that arrived together. The number of statements does not grow with their number.
 */
export async function keepCallbacks (
  change: Change,
  callbacks: readonly Callback[]
): Promise<Array<'stored' | 'repeated'>> {
  const { db, publish } = change
  const first = new Map<string, Callback>()
  for (const callback of callbacks) {
    if (!first.has(keyOf(callback))) first.set(keyOf(callback), callback)
  }
  // The same order in every process prevents deadlocks between processes that store the same calls.
  const rows = [...first.values()].map(({ kind, body, fact, now }) => ({
    call_serial_no: fact.call_serial_no,
    kind,
    body,
    received_at: now
  }))
  const added = new Set(
    (await addCallbacks(db, sorted(rows))).map(row => `${row.kind} ${row.call_serial_no}`)
  )
  for (const kind of ['connected', 'released'] as const) {
    const news = [...first].flatMap(([key, callback]) =>
      callback.kind === kind && added.has(key) ? [callback] : []
    )
    const names = await ourNames(change, news)
    const facts = news.map(({ fact, now }) => ({
      ...fact,
      call_serial_no: names.get(fact.call_serial_no) ?? fact.call_serial_no,
      created_at: now
    }))
    const merged = await mergeCalls(db, sorted(facts), kind)
    if (kind === 'released') await markMissed(db, merged)
    for (const call of merged) publish(`call.${kind}`, eventOf(call))
    for (const { fact, now } of news) {
      // It was answered on the telephone although it also rang at the desks.
      const { call_serial_no: callSerialNo, customer_number: customerNumber } = fact
      const isOwn = names.get(callSerialNo) === callSerialNo
      if (!isOwn || customerNumber === null || fact.connected_at === null) continue
      const answered = { callSerialNo, customerNumber, now }
      for (const call of await endAnsweredElsewhere(db, answered)) {
        publish('call.closed', eventOf(call))
      }
    }
  }
  return callbacks.map(callback =>
    first.get(keyOf(callback)) === callback && added.has(keyOf(callback)) ? 'stored' : 'repeated'
  )
}

/**
 * Inbound calls may have rung at the desks before the vendor gave them an id: maps the vendor's id
 * to the stored call. A call stored under the vendor's id keeps it. Outbound calls need no query.
 */
async function ourNames (
  { db }: Change,
  callbacks: readonly Callback[]
): Promise<Map<string, string>> {
  const inbound = callbacks.filter(({ line }) => line !== undefined)
  const names = await aliasesOf(db, inbound.map(({ fact }) => fact.call_serial_no))
  const unnamed = inbound.flatMap(({ fact: { call_serial_no: name } }) =>
    names.has(name) ? [] : name
  )
  for (const name of await ownNames(db, unnamed)) names.set(name, name)
  for (const { fact, line = '', now } of inbound) {
    if (names.has(fact.call_serial_no)) continue
    const name = await takeAlias(db, {
      vendorSerialNo: fact.call_serial_no,
      agentId: line,
      customerNumber: fact.customer_number,
      now
    })
    if (name !== null) names.set(fact.call_serial_no, name)
  }
  return names
}

function keyOf ({ kind, fact }: Callback): string {
  return `${kind} ${fact.call_serial_no}`
}

function sorted<Row extends { call_serial_no: string }> (rows: Row[]): Row[] {
  return rows.sort((a, b) => a.call_serial_no < b.call_serial_no ? -1 : 1)
}
