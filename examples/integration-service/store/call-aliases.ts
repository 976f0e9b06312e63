import { sql } from 'kysely'
import { type Progress, progress, stages } from './calls.ts'
import type { Db } from './tables.ts'

/** Maps vendors' call ids to ours. */
export async function aliasesOf (
  db: Db,
  vendorSerialNos: readonly string[]
): Promise<Map<string, string>> {
  if (vendorSerialNos.length === 0) return new Map()
  const rows = await db.selectFrom('call_aliases').selectAll()
    .where('vendor_serial_no', 'in', vendorSerialNos).execute()
  return new Map(rows.map(row => [row.vendor_serial_no, row.call_serial_no]))
}

/**
 * Gives a vendor's id to a call, unless the id belongs to a call or the call has an id. Returns the
 * call that the id belongs to, or null. Of two processes, the second waits until the first has
 * committed.
 */
export async function addAlias (
  db: Db,
  { vendorSerialNo, callSerialNo }: { vendorSerialNo: string, callSerialNo: string }
): Promise<string | null> {
  await db.insertInto('call_aliases')
    .values({ vendor_serial_no: vendorSerialNo, call_serial_no: callSerialNo })
    .onConflict(conflict => conflict.doNothing()).execute()
  const alias = await db.selectFrom('call_aliases').select('call_serial_no')
    .where('vendor_serial_no', '=', vendorSerialNo).executeTakeFirst()
  return alias?.call_serial_no ?? null
}

/** Milliseconds in which an unanswered ring may still turn out to be this call. */
const matchWindowMs = 10 * 60 * 1000

/**
 * Finds the inbound call that a vendor's callback about an agent's line belongs to, or null. A
 * connection names no caller: it belongs to the open call that this agent accepted. A release names
 * the caller: it belongs to the call that the agent accepted, or that rang and no desk took.
 */
export async function assignAlias (
  db: Db,
  { vendorSerialNo, agentId, customerNumber, now }: {
    vendorSerialNo: string,
    agentId: string,
    customerNumber: string | null,
    now: number
  }
): Promise<string | null> {
  let query = db.selectFrom('calls').select('call_serial_no')
    .where('direction', '=', sql.lit('inbound')).where('created_at', '<=', now)
    .where(where =>
      where.not(where.exists(
        where.selectFrom('call_aliases').select('call_aliases.call_serial_no')
          .whereRef('call_aliases.call_serial_no', '=', 'calls.call_serial_no')
      ))
    )
    .orderBy('created_at', 'desc').limit(1)
  query = customerNumber === null
    ? query.where('agent_id', '=', agentId).where('accepted_at', 'is not', null)
      .where('stage', '=', stages.connected)
    : query.where('customer_number', '=', customerNumber).where(where =>
      where.or([
        where.and([where('agent_id', '=', agentId), where('accepted_at', 'is not', null)]),
        where.and([where('agent_id', 'is', null), where('created_at', '>', now - matchWindowMs)])
      ])
    )
  const call = await query.executeTakeFirst()
  if (call === undefined) return null
  return await addAlias(db, { vendorSerialNo, callSerialNo: call.call_serial_no })
}

/** Which of these calls are stored under the vendor's own id. */
export async function findStoredCalls (
  db: Db,
  vendorSerialNos: readonly string[]
): Promise<Set<string>> {
  if (vendorSerialNos.length === 0) return new Set()
  const rows = await db.selectFrom('calls').select('call_serial_no')
    .where('call_serial_no', 'in', vendorSerialNos).execute()
  return new Set(rows.map(row => row.call_serial_no))
}

/** Milliseconds by which a ring may reach us after the call was answered. */
const ringDelayMs = 5000

/**
 * Ends the desk ring of a caller who was answered on a telephone. It is the last ring before we
 * first heard of this call: an earlier one was missed, and a later one is another call.
 */
export async function endAnsweredElsewhere (
  db: Db,
  { callSerialNo, customerNumber, now }: {
    /** The answered call, stored under this id. */
    callSerialNo: string,
    customerNumber: string,
    now: number
  }
): Promise<Progress[]> {
  const { created_at: firstReportAt } = await db.selectFrom('calls').select('created_at')
    .where('call_serial_no', '=', callSerialNo).executeTakeFirstOrThrow()
  return await db.updateTable('calls')
    .set({
      stage: stages.released,
      closed: 'answered-elsewhere',
      released_at: sql<number>`coalesce(released_at, ${now})`
    })
    .where(
      'call_serial_no',
      '=',
      where =>
        where.selectFrom('calls as ring').select('ring.call_serial_no')
          .where('ring.customer_number', '=', customerNumber)
          .where(sql<boolean>`substr(ring.call_serial_no, 1, 3) = 'in-'`)
          .where('ring.created_at', '>', firstReportAt - matchWindowMs)
          .where('ring.created_at', '<=', firstReportAt + ringDelayMs)
          .orderBy('ring.created_at', 'desc').limit(1)
    )
    .where('accepted_at', 'is', null)
    .where(where => where.or([where('closed', '=', 'missed'), where('closed', 'is', null)]))
    .where(where =>
      where.not(where.exists(
        where.selectFrom('call_aliases').select('call_aliases.call_serial_no')
          .whereRef('call_aliases.call_serial_no', '=', 'calls.call_serial_no')
      ))
    )
    .returning([...progress]).execute()
}
