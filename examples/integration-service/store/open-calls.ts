import { sql } from 'kysely'
import { callById, type Progress, progress, stages } from './calls.ts'
import type { CallRow, Db } from './tables.ts'

// Literals, as in the partial indexes: a bound value would not use them.
const isOpen = sql<boolean>`stage < ${sql.lit(stages.released)}`

/** A caller to ring at the desks. */
export interface Ring {
  readonly callSerialNo: string
  /** E.164; null if the caller has no number or withholds it. */
  readonly customerNumber: string | null
  /** The number as the vendor writes it. Default: the number. */
  readonly caller?: string
  readonly called?: string
  /** Rings beside another call from this number, because their vendor gives each an id. */
  readonly isSeparate?: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

/** The open call with this customer, in either direction. */
export async function openCallByCustomer (
  db: Db,
  customerNumber: string
): Promise<CallRow | undefined> {
  return await db.selectFrom('calls').selectAll().where(isOpen)
    .where('customer_number', '=', customerNumber).limit(1).executeTakeFirst()
}

/**
 * Makes a call ring. False if the call or this customer already rings, here or in another process:
 * of two concurrent calls, the second waits for the first.
 */
export async function addRing (
  db: Db,
  { callSerialNo, customerNumber, caller, called, isSeparate = false, now }: Ring
): Promise<boolean> {
  const added = await db.insertInto('calls').values({
    call_serial_no: callSerialNo,
    agent_id: null,
    direction: 'inbound',
    caller: caller ?? customerNumber,
    called: called ?? null,
    customer_number: customerNumber,
    ring_number: isSeparate ? null : customerNumber,
    stage: stages.dialling,
    release_reason: null,
    talk_seconds: null,
    closed: null,
    created_at: now,
    accepted_at: null,
    connected_at: null,
    released_at: null
  }).onConflict(conflict => conflict.doNothing()).returning('call_serial_no').execute()
  return added.length > 0
}

/** Why an agent cannot take a call. */
export type Refusal = 'unknown' | 'not-ringing' | 'taken' | 'away' | 'busy'

/**
 * Assigns a ringing call to an agent. One statement decides, however many agents and processes
 * compete.
 */
export async function acceptCall (
  db: Db,
  { callSerialNo, agentId, now }: { callSerialNo: string, agentId: string, now: number }
): Promise<Progress | Refusal> {
  // Locks the agent's row until commit: one agent cannot take two calls at once.
  const available = await db.updateTable('agent_states').set({ state: 'available' })
    .where('agent_id', '=', agentId).where('state', '=', 'available')
    .returning('agent_id').executeTakeFirst()
  if (available !== undefined && await openCallByAgent(db, agentId) === undefined) {
    const accepted = await db.updateTable('calls')
      .set({
        agent_id: agentId,
        accepted_at: now,
        connected_at: now,
        stage: stages.connected
      })
      .where('call_serial_no', '=', callSerialNo).where('direction', '=', 'inbound')
      .where('stage', '=', stages.dialling).where('agent_id', 'is', null)
      .returning([...progress]).executeTakeFirst()
    if (accepted !== undefined) return accepted
  }
  const call = await callById(db, callSerialNo)
  if (call === undefined) return 'unknown'
  if (call.agent_id !== null && call.agent_id !== agentId) return 'taken'
  if (call.stage !== stages.dialling || call.direction !== 'inbound') return 'not-ringing'
  return available === undefined ? 'away' : 'busy'
}

/** The agent's open call. */
export async function openCallByAgent (db: Db, agentId: string): Promise<CallRow | undefined> {
  return await db.selectFrom('calls').selectAll().where(isOpen).where('agent_id', '=', agentId)
    .orderBy('created_at', 'desc').limit(1).executeTakeFirst()
}

/** All open calls, oldest first. */
export async function openCalls (db: Db, limit: number): Promise<CallRow[]> {
  return await db.selectFrom('calls').selectAll().where(isOpen).orderBy('created_at').limit(limit)
    .execute()
}

/** Calls of this agent that ended after `since` and have no disposition, newest first. */
export async function callsToWrapUp (
  db: Db,
  { agentId, since, limit }: { agentId: string, since: number, limit: number }
): Promise<CallRow[]> {
  return await db.selectFrom('calls').selectAll()
    .where('agent_id', '=', agentId).where('created_at', '>=', since)
    .where('stage', '=', stages.released)
    .where(where =>
      where.not(where.exists(
        where.selectFrom('wrap_ups').select('wrap_ups.call_serial_no')
          .whereRef('wrap_ups.call_serial_no', '=', 'calls.call_serial_no')
      ))
    )
    .orderBy('created_at', 'desc').orderBy('call_serial_no', 'desc').limit(limit).execute()
}

/** Closes a call that no vendor has ended. Undefined if it was already closed. */
export async function closeCall (
  db: Db,
  callSerialNo: string,
  closed: NonNullable<CallRow['closed']>,
  now: number
): Promise<Progress | undefined> {
  return await db.updateTable('calls')
    .set({ stage: stages.released, closed, released_at: now })
    .where('call_serial_no', '=', callSerialNo).where(isOpen)
    .returning([...progress]).executeTakeFirst()
}

/** Times before which calls without news are closed; epoch milliseconds. */
export interface Overdue {
  /** Rings that began before this are missed. */
  readonly ringing: number
  /** Other calls that began before this are closed: their vendor never ended them. */
  readonly silent: number
}

/** Whether {@link closeOverdue} has work to do. */
export async function hasOverdue (db: Db, overdue: Overdue): Promise<boolean> {
  const row = await db.selectFrom('calls').select('call_serial_no').where(isOpen)
    .where(isOverdue(overdue)).limit(1).executeTakeFirst()
  return row !== undefined
}

/**
 * Closes rings that nobody took and calls that no vendor ended. Of several processes, one gets each
 * call.
 */
export async function closeOverdue (
  db: Db,
  overdue: Overdue,
  now: number
): Promise<Progress[]> {
  return await db.updateTable('calls')
    .set({
      stage: stages.released,
      released_at: now,
      closed: sql`case when ${isRing} then 'missed' else 'silence' end`
    })
    .where(isOpen).where(isOverdue(overdue))
    .returning([...progress]).execute()
}

const isRing = sql<boolean>`(direction = 'inbound' and stage = ${sql.lit(stages.dialling)})`

function isOverdue ({ ringing, silent }: Overdue) {
  return sql<boolean>`((${isRing} and created_at < ${ringing}) or created_at < ${silent})`
}
