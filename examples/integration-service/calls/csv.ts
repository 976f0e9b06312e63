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

/** The header line, after the byte-order mark by which spreadsheets recognize UTF-8. */
export const csvHeader = `\uFEFF${columns.join(',')}\r\n`

/** One call as a line of CSV. */
export function formatCsvLine (call: Call, agentName: string | undefined): string {
  const row: Record<typeof columns[number], string | number | null> = {
    call: call.callSerialNo,
    direction: call.direction,
    started: formatTime(call.createdAt),
    connected: formatTime(call.connectedAt),
    ended: formatTime(call.releasedAt),
    talk_seconds: call.talkSeconds,
    agent: agentName ?? call.agentId,
    number: call.customerNumber,
    customer: call.customer?.name ?? null,
    outcome: call.state === 'released' ? call.releaseText ?? 'Ended' : call.state,
    disposition: call.wrapUp?.disposition ?? null,
    note: call.wrapUp?.note ?? null
  }
  return columns.map(column => formatCsvCell(String(row[column] ?? ''))).join(',') + '\r\n'
}

/**
 * A cell that spreadsheets show as text. Customers choose their names, and a spreadsheet runs text
 * that begins like a formula: an apostrophe in front prevents this. A telephone number is a plus
 * and digits, which is harmless.
 */
function formatCsvCell (text: string): string {
  const isFormula = /^\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20|%]/.test(text) &&
    !/^\+[0-9]{4,15}$/.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function formatTime (at: number | null): string {
  return at === null ? '' : new Date(at).toISOString()
}
