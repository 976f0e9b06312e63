import type { Outcome } from './compare.ts'

/** The result table of a comparison, in Markdown. */
export function tableOf (outcomes: readonly Outcome[]): string {
  const counts = (map: ReadonlyMap<string, number>): string =>
    Array.from(map, ([kind, count]) => `${kind} ${count}`).join(', ') || '-'
  return [
    '| vendor | package | cases | taken by it | agreed | ours stricter | package at fault | wrong |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...outcomes.map(outcome =>
      `| ${
        [
          outcome.vendor,
          outcome.packages,
          outcome.cases,
          outcome.accepted,
          outcome.agreed,
          counts(outcome.stricter),
          counts(outcome.faults),
          outcome.wrong.length
        ].join(' | ')
      } |`
    )
  ].join('\n')
}
