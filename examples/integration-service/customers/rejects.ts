import type { Fault } from './csv.ts'

const columns = ['id', 'name', 'phone', 'email', 'note'] as const

/**
 * The rejected lines as a file that can be corrected and imported. It has a byte-order mark, or
 * Excel would assume another encoding.
 */
export function formatRejects (faults: readonly Fault[]): string {
  const rows = faults.map(({ line, reason, fields = {} }) => [
    String(line),
    reason,
    ...columns.map(column => fields[column] ?? '')
  ])
  return '\uFEFF' +
    [['line', 'reason', ...columns], ...rows].map(row => row.map(quoteField).join(',') + '\r\n')
      .join(
        ''
      )
}

function quoteField (text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
