import { sql } from 'kysely'
import { callById, type Progress, progress, stages } from './calls.ts'
import type { CallRow, Db } from './tables.ts'

// As the partial indexes are written: a bound value would not use them.
const isOpen = sql<boolean>`stage < ${sql.lit(stages.released)}`

/** A caller who is to be rung through. */
export interface Ring {
  readonly callSerialNo: string
  /** E.164; null where the caller withholds it, or has none. */
  readonly customerNumber: string | null
  /** As the vendor has it. Default: the number. */
  readonly caller?: string
  readonly called?: string
  /** Rings beside another call from this number, because their vendor tells them apart. */
  readonly isBeside?: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

/** The call with this customer that is not over, whoever called whom. */
export async function openCallWith (
  db: Db,
  customerNumber: string
): Promise<CallRow | undefined> {
  return await db.selectFrom('calls').selectAll().where(isOpen)
    .where('customer_number', '=', customerNumber).limit(1).executeTakeFirst()
}

/**
 * Lets a call ring. False when it, or this customer, rings already, here or in another process: of
 * two that ask in the same instant, the second waits here for the first.
 */
export async function addRing (
  db: Db,
  { callSerialNo, customerNumber, caller, called, isBeside = false, now }: Ring
): Promise<boolean> {
  const added = await db.insertInto('calls').values({
    call_serial_no: callSerialNo,
    agent_id: null,
    direction: 'inbound',
    caller: caller ?? customerNumber,
    called: called ?? null,
    customer_number: customerNumber,
    ring_number: isBeside ? null : customerNumber,
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

/** Why an agent cannot have a call. */
export type Refusal = 'unknown' | 'not-ringing' | 'taken' | 'away' | 'busy'

/**
 * Gives a ringing call to an agent. One statement decides who has it, however many agents and
 * processes ask at once.
 */
export async function acceptCall (
  db: Db,
  { callSerialNo, agentId, now }: { callSerialNo: string, agentId: string, now: number }
): Promise<Progress | Refusal> {
  // Holds the agent's row until the commit: the same agent cannot take two calls at once.
  const available = await db.updateTable('agent_states').set({ state: 'available' })
    .where('agent_id', '=', agentId).where('state', '=', 'available')
    .returning('agent_id').executeTakeFirst()
  if (available !== undefined && await openCallOf(db, agentId) === undefined) {
    const taken = await db.updateTable('calls')
      .set({
        agent_id: agentId,
        accepted_at: now,
        connected_at: now,
        stage: stages.connected
      })
      .where('call_serial_no', '=', callSerialNo).where('direction', '=', 'inbound')
      .where('stage', '=', stages.dialling).where('agent_id', 'is', null)
      .returning([...progress]).executeTakeFirst()
    if (taken !== undefined) return taken
  }
  const call = await callById(db, callSerialNo)
  if (call === undefined) return 'unknown'
  if (call.agent_id !== null && call.agent_id !== agentId) return 'taken'
  if (call.stage !== stages.dialling || call.direction !== 'inbound') return 'not-ringing'
  return available === undefined ? 'away' : 'busy'
}

/** The agent's call that is not over. */
export async function openCallOf (db: Db, agentId: string): Promise<CallRow | undefined> {
  return await db.selectFrom('calls').selectAll().where(isOpen).where('agent_id', '=', agentId)
    .orderBy('created_at', 'desc').limit(1).executeTakeFirst()
}

/** All calls that are not over, oldest first. */
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

/** Counts the call as over although no vendor says so. Undefined when it was over already. */
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

/** Times after which a call without news counts as over; epoch milliseconds. */
export interface Overdue {
  /** Rings that began before this are missed. */
  readonly ringing: number
  /** All others that began before this are forgotten by their vendor. */
  readonly silent: number
}

/** Whether there is anything for {@link closeOverdue} to do. */
export async function hasOverdue (db: Db, overdue: Overdue): Promise<boolean> {
  const found = await db.selectFrom('calls').select('call_serial_no').where(isOpen)
    .where(isOverdue(overdue)).limit(1).executeTakeFirst()
  return found !== undefined
}

/** Ends what nobody took, and what no vendor ended. Of several processes one gets each call. */
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
