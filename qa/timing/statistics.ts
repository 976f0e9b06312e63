/** Welch's t of two samples: the distance of their means in standard errors. */
export function welch (left: ArrayLike<number>, right: ArrayLike<number>): number {
  const [a, b] = [moments(left), moments(right)]
  const error = Math.sqrt(a.variance / left.length + b.variance / right.length)
  return error === 0 ? 0 : (a.mean - b.mean) / error
}

function moments (values: ArrayLike<number>): { mean: number, variance: number } {
  let mean = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    const before = value - mean
    mean += before / (i + 1)
    squares += before * (value - mean)
  }
  return { mean, variance: squares / (values.length - 1) }
}

/**
 * The shares of fastest measurements to compare: slow outliers, such as interrupts, hide
 * differences.
 */
const shares = [1, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25] as const

export interface Difference {
  /** The t farthest from 0 of all shares. */
  readonly t: number
  /** Difference of the medians, in the unit of the samples. */
  readonly medians: number
}

/** The difference of two samples over several crops, each with one limit for both. */
export function compareSamples (left: Float64Array, right: Float64Array): Difference {
  const pooled = Float64Array.from([...left, ...right]).sort()
  const tValues = shares.map(share => {
    const limit = pooled[Math.ceil(pooled.length * share) - 1] ?? Infinity
    return welch(left.filter(value => value <= limit), right.filter(value => value <= limit))
  })
  return {
    t: tValues.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a),
    medians: median(left) - median(right)
  }
}

export function median (values: Float64Array): number {
  return values.toSorted()[values.length >> 1] ?? NaN
}
