export function median (values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

export function least (values: readonly number[]): number {
  return Math.min(...values)
}

/** The median and the extremes. */
export function range (values: readonly number[], digits = 0): string {
  return `${median(values).toFixed(digits)} (${least(values).toFixed(digits)} to ${
    Math.max(...values).toFixed(digits)
  })`
}

/** Measures contenders in turns, round by round, so that other load affects all alike. */
export async function inTurns<T extends { name: string }> (
  rounds: number,
  contenders: readonly T[],
  measure: (contender: T) => Promise<number>
): Promise<Map<string, number[]>> {
  const measured = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  if (measured.size !== contenders.length) throw new Error('two contenders have one name')
  for (let round = 0; round < rounds; round++) {
    // Every other round runs backwards, to vary the order.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      measured.get(contender.name)?.push(await measure(contender))
    }
  }
  return measured
}

export function valuesOf<T> (measured: ReadonlyMap<string, T>, name: string): T {
  const values = measured.get(name)
  if (values === undefined) throw new Error(`${name} was not measured`)
  return values
}

/** The median over the turns: in each, both ran side by side. */
export function ratioOf (
  measured: ReadonlyMap<string, number[]>,
  name: string,
  floor: string
): number {
  return median(ratiosOf(measured, name, floor))
}

export function ratiosOf (
  measured: ReadonlyMap<string, number[]>,
  name: string,
  floor: string
): number[] {
  const floors = valuesOf(measured, floor)
  return valuesOf(measured, name).map((value, round) => value / (floors[round] ?? NaN))
}
