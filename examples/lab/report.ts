import type { Finding } from '../simulators/shared/faults.ts'

const headings = ['Case', 'Expected', 'Got', '', 'Why it matters'] as const

/** The findings for a terminal: one line each, with the request and response below each failure. */
export function formatTable (findings: readonly Finding[]): string {
  const rows = findings.map((
    { name, expected, got, verdict, why }
  ) => [name, expected, got, verdict === 'wrong' ? 'WRONG' : verdict, why])
  const widths = headings.slice(0, -1).map((heading, column) =>
    Math.max(heading.length, ...rows.map(row => row[column]?.length ?? 0))
  )
  const formatLine = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  const lines = findings.flatMap((
    finding,
    index
  ) => [formatLine(rows[index] ?? []), ...formatDetails(finding)])
  const count = (verdict: Finding['verdict']): number =>
    findings.filter(finding => finding.verdict === verdict).length
  return [
    formatLine(headings),
    ...lines,
    '',
    `${count('right')} right, ${count('wrong')} wrong, ${count('skipped')} skipped.`
  ].join('\n')
}

function formatDetails ({ verdict, title, text, explanation }: Finding): string[] {
  switch (verdict) {
    case 'right':
      return []
    case 'skipped':
      return [`    ${text}`]
    case 'wrong':
      return [
        `    Sent: ${title}`,
        `    Answer: ${escapeControls(text)}`,
        ...explanation === undefined ? [] : [`    Explanation: ${escapeControls(explanation)}`]
      ]
  }
}

/** Escapes text from the other side, which must not control the terminal. */
function escapeControls (text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    character => `\\u{${character.codePointAt(0)?.toString(16)}}`
  )
}
