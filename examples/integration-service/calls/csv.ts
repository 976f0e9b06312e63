import type { Call } from './view.ts'

const columns = [
  'call',
  'direction',
  'started',
  'connected',
  'ended',
  'talk_seconds',
  'agent',
  'number',
  'customer',
  'outcome',
  'disposition',
  'note'
] as const

/** The first line, and before it the mark by which spreadsheets know UTF-8. */
export const csvHead = `\uFEFF${columns.join(',')}\r\n`

/** One call as a line of CSV. */
export function csvLine (call: Call, agentName: string | undefined): string {
  const row: Record<typeof columns[number], string | number | null> = {
    call: call.callSerialNo,
    direction: call.direction,
    started: isoTime(call.createdAt),
    connected: isoTime(call.connectedAt),
    ended: isoTime(call.releasedAt),
    talk_seconds: call.talkSeconds,
    agent: agentName ?? call.agentId,
    number: call.customerNumber,
    customer: call.customer?.name ?? null,
    outcome: call.state === 'released' ? call.releaseText ?? 'Ended' : call.state,
    disposition: call.wrapUp?.disposition ?? null,
    note: call.wrapUp?.note ?? null
  }
  return columns.map(column => csvCell(String(row[column] ?? ''))).join(',') + '\r\n'
}

/**
 * A cell that spreadsheets show as text. What begins like a formula would be run by whoever opens
 * the file, and customers choose their names: an apostrophe goes before it. A telephone number is
 * a plus and digits, which calculates nothing.
 */
export function csvCell (text: string): string {
  const isFormula = /^\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20|%]/.test(text) &&
    !/^\+[0-9]{4,15}$/.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function isoTime (at: number | null): string {
  return at === null ? '' : new Date(at).toISOString()
}
