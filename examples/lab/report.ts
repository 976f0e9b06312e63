import type { Finding } from '../simulators/shared/faults.ts'

const heads = ['Case', 'Expected', 'Got', '', 'Why it matters'] as const

/** The findings for a terminal: one line each, with the request and response below each failure. */
export function table (findings: readonly Finding[]): string {
  const rows = findings.map((
    { name, expected, got, verdict, why }
  ) => [name, expected, got, verdict === 'wrong' ? 'WRONG' : verdict, why])
  const widths = heads.slice(0, -1).map((head, column) =>
    Math.max(head.length, ...rows.map(row => row[column]?.length ?? 0))
  )
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  const lines = findings.flatMap((finding, index) => [line(rows[index] ?? []), ...details(finding)])
  const count = (verdict: Finding['verdict']): number =>
    findings.filter(one => one.verdict === verdict).length
  return [
    line(heads),
    ...lines,
    '',
    `${count('right')} right, ${count('wrong')} wrong, ${count('skipped')} skipped.`
  ].join('\n')
}

function details ({ verdict, title, text, explanation }: Finding): string[] {
  switch (verdict) {
    case 'right':
      return []
    case 'skipped':
      return [`    ${text}`]
    case 'wrong':
      return [
        `    Sent: ${title}`,
        `    Answer: ${visible(text)}`,
        ...explanation === undefined ? [] : [`    Explanation: ${visible(explanation)}`]
      ]
  }
}

/** Escapes text from the other side, which must not control the terminal. */
function visible (text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    one => `\\u{${one.codePointAt(0)?.toString(16)}}`
  )
}
