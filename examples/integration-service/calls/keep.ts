import { addCallbacks, type CallFact, mergeCalls } from '../store/calls.ts'
import type { Change } from '../store/index.ts'
import { stateOf } from './view.ts'

export type Kind = 'connected' | 'released'

/** What a callback says of its call. */
export type Fact = Omit<CallFact, 'created_at'>

export interface Callback {
  readonly kind: Kind
  /** As received, JSON. */
  readonly body: string
  readonly fact: Fact
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * Stores callbacks that arrived together, with a number of statements that does not grow with
 * theirs.
 */
export async function keepCallbacks (
  { db, publish }: Change,
  callbacks: readonly Callback[]
): Promise<Array<'stored' | 'repeated'>> {
  const first = new Map<string, Callback>()
  for (const callback of callbacks) {
    if (!first.has(keyOf(callback))) first.set(keyOf(callback), callback)
  }
  // In one order everywhere: two processes that store the same calls must not wait for each other.
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
    const facts = [...first].flatMap(([key, { fact, now, kind: own }]) =>
      own === kind && added.has(key) ? [{ ...fact, created_at: now }] : []
    )
    for (const call of await mergeCalls(db, sorted(facts), kind)) {
      publish(`call.${kind}`, {
        callSerialNo: call.call_serial_no,
        state: stateOf(call.stage),
        releaseReason: call.release_reason
      })
    }
  }
  return callbacks.map(callback =>
    first.get(keyOf(callback)) === callback && added.has(keyOf(callback)) ? 'stored' : 'repeated'
  )
}

function keyOf ({ kind, fact }: Callback): string {
  return `${kind} ${fact.call_serial_no}`
}

function sorted<Row extends { call_serial_no: string }> (rows: Row[]): Row[] {
  return rows.sort((a, b) => a.call_serial_no < b.call_serial_no ? -1 : 1)
}
