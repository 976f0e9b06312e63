import { sql } from 'kysely'
import { addAlias } from './call-aliases.ts'
import { callById, type Progress, progress, stages } from './calls.ts'
import type { CallRow, Db } from './tables.ts'

/** The call with this vendor's id; it may have rung under our id before. */
export async function voiceCall (db: Db, vendorSerialNo: string): Promise<CallRow | undefined> {
  const alias = await db.selectFrom('call_aliases').select('call_serial_no')
    .where('vendor_serial_no', '=', vendorSerialNo).executeTakeFirst()
  return await callById(db, alias?.call_serial_no ?? vendorSerialNo)
}

/**
 * Another vendor has reported this caller and the desks already ring: gives that call the id, so
 * that it does not ring twice. Undefined if there is no such call.
 */
export async function assignIdToRing (
  db: Db,
  { vendorSerialNo, customerNumber }: { vendorSerialNo: string, customerNumber: string }
): Promise<CallRow | undefined> {
  const ring = await db.selectFrom('calls').selectAll()
    .where('direction', '=', sql.lit('inbound')).where('stage', '=', sql.lit(stages.dialling))
    .where('customer_number', '=', customerNumber)
    .where(sql<boolean>`substr(call_serial_no, 1, 3) = 'in-'`)
    .where(where =>
      where.not(where.exists(
        where.selectFrom('call_aliases').select('call_aliases.call_serial_no')
          .whereRef('call_aliases.call_serial_no', '=', 'calls.call_serial_no')
          // Another process may have given it this id since voiceCall looked.
          .where('call_aliases.vendor_serial_no', '!=', vendorSerialNo)
      ))
    )
    .executeTakeFirst()
  if (ring === undefined) return undefined
  const ownerSerialNo = await addAlias(db, { vendorSerialNo, callSerialNo: ring.call_serial_no })
  if (ownerSerialNo === ring.call_serial_no) return ring
  return ownerSerialNo === null ? undefined : await callById(db, ownerSerialNo)
}

/**
 * Ends a call whose agent's line was rung. Without a conversation it is missed, even if an agent
 * had accepted it. Known end times stay. Undefined if there is no such call.
 */
export async function endDialledCall (
  db: Db,
  { callSerialNo, talkSeconds, now }: {
    callSerialNo: string,
    /** Null: nobody answered on the agent's line. */
    talkSeconds: string | null,
    now: number
  }
): Promise<Progress | undefined> {
  return await db.updateTable('calls')
    .set({
      stage: stages.released,
      released_at: sql<number>`coalesce(released_at, ${now})`,
      ...talkSeconds === null
        ? { connected_at: null, closed: 'missed' as const }
        : { talk_seconds: talkSeconds }
    })
    .where('call_serial_no', '=', callSerialNo)
    .returning([...progress]).executeTakeFirst()
}

/**
 * Makes an accepted call ring for the others again; undefined if it is not that agent's or has
 * ended. RING_SECONDS still counts from the first ring.
 */
export async function returnToRinging (
  db: Db,
  { callSerialNo, agentId }: { callSerialNo: string, agentId: string }
): Promise<CallRow | undefined> {
  return await db.updateTable('calls')
    .set({
      agent_id: null,
      accepted_at: null,
      connected_at: null,
      // Another call from this number may have begun to ring meanwhile.
      ring_number: null,
      stage: stages.dialling
    })
    .where('call_serial_no', '=', callSerialNo).where('agent_id', '=', agentId)
    .where('stage', '=', stages.connected).where('direction', '=', 'inbound')
    .returningAll().executeTakeFirst()
}
