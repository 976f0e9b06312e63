export interface Verdict {
  readonly name: string
  readonly ratio: number
  readonly limit: number
  /** What the same ratio was with the work done several times over. */
  readonly slowed: number
  readonly fault?: 'too slow' | 'the guard is blind' | 'not measured'
}

/**
 * Every limit with its verdict: exceeded, or so wide that work done several times over would slip
 * through.
 */
export function judge (
  limits: Readonly<Record<string, number>>,
  measured: ReadonlyMap<string, number>,
  slowed: ReadonlyMap<string, number>
): Verdict[] {
  return Object.entries(limits).map(([name, limit]) => {
    const verdict = {
      name,
      limit,
      ratio: measured.get(name) ?? NaN,
      slowed: slowed.get(name) ?? NaN
    }
    if (Number.isNaN(verdict.ratio) || Number.isNaN(verdict.slowed)) {
      return { ...verdict, fault: 'not measured' }
    }
    if (verdict.ratio > limit) return { ...verdict, fault: 'too slow' }
    return verdict.slowed > limit ? verdict : { ...verdict, fault: 'the guard is blind' }
  })
}
