import { sql } from 'kysely'
import { type Progress, progress, stages } from './calls.ts'
import type { Db } from './tables.ts'

/** Our names of calls that a vendor calls by its own. */
export async function aliasesOf (
  db: Db,
  vendorSerialNos: readonly string[]
): Promise<Map<string, string>> {
  if (vendorSerialNos.length === 0) return new Map()
  const rows = await db.selectFrom('call_aliases').selectAll()
    .where('vendor_serial_no', 'in', vendorSerialNos).execute()
  return new Map(rows.map(row => [row.vendor_serial_no, row.call_serial_no]))
}

/** Milliseconds for which a ring that nobody took may still turn out to be this call. */
const lateMs = 10 * 60 * 1000

/**
 * The inbound call to which what a vendor says of an agent's line belongs, or null. A connection
 * names no caller: it is the call that this agent has accepted and that is not over. A release
 * names the caller: it is the one that the agent accepted, or that rang and nobody took at a desk.
 */
export async function takeAlias (
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
        where.and([where('agent_id', 'is', null), where('created_at', '>', now - lateMs)])
      ])
    )
  const call = await query.executeTakeFirst()
  if (call === undefined) return null
  await db.insertInto('call_aliases')
    .values({ vendor_serial_no: vendorSerialNo, call_serial_no: call.call_serial_no })
    .onConflict(conflict => conflict.doNothing()).execute()
  return call.call_serial_no
}

/** Which of these calls are there under their vendor's own name. */
export async function ownNames (db: Db, vendorSerialNos: readonly string[]): Promise<Set<string>> {
  if (vendorSerialNos.length === 0) return new Set()
  const rows = await db.selectFrom('calls').select('call_serial_no')
    .where('call_serial_no', 'in', vendorSerialNos).execute()
  return new Set(rows.map(row => row.call_serial_no))
}

/** Milliseconds by which what rings may reach us behind what was answered. */
const apartMs = 5000

/**
 * Ends what rang at the desks, and nobody took there, for a caller who was answered on a telephone.
 * That is the last ring before this call was heard of: one before was missed, and one after it is
 * another call of theirs.
 */
export async function endAnsweredElsewhere (
  db: Db,
  { callSerialNo, customerNumber, now }: {
    /** The call that was answered, which is there under this name. */
    callSerialNo: string,
    customerNumber: string,
    now: number
  }
): Promise<Progress[]> {
  const { created_at: heardAt } = await db.selectFrom('calls').select('created_at')
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
          .where('ring.created_at', '>', heardAt - lateMs)
          .where('ring.created_at', '<=', heardAt + apartMs)
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
