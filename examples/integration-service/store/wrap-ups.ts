import type { Db, WrapUpRow } from './tables.ts'

/** The wrap-ups of these calls, by call. */
export async function wrapUpsOf (
  db: Db,
  callSerialNos: readonly string[]
): Promise<Map<string, WrapUpRow>> {
  if (callSerialNos.length === 0) return new Map()
  const rows = await db.selectFrom('wrap_ups').selectAll()
    .where('call_serial_no', 'in', callSerialNos).execute()
  return new Map(rows.map(row => [row.call_serial_no, row]))
}

/**
 * Stores the wrap-up if nobody has saved one since `seen` (null: if there is none yet). False if
 * somebody has.
 */
export async function saveWrapUp (
  db: Db,
  wrapUp: WrapUpRow,
  seen: number | null
): Promise<boolean> {
  if (seen === null) {
    const added = await db.insertInto('wrap_ups').values(wrapUp)
      .onConflict(conflict => conflict.column('call_serial_no').doNothing())
      .returning('call_serial_no').execute()
    return added.length > 0
  }
  const { call_serial_no: callSerialNo, ...changes } = wrapUp
  const changed = await db.updateTable('wrap_ups').set(changes)
    .where('call_serial_no', '=', callSerialNo).where('written_at', '=', seen)
    .returning('call_serial_no').execute()
  return changed.length > 0
}
