import type { Line, Table } from './report.ts'

/** Exponents up to which a cost still counts as flat or as linear: caches and noise are in it. */
const most = { flat: 0.15, linear: 1.15 } as const

/** How the cost grows with the size: 0 is flat, 1 linear, 2 quadratic. */
export function exponent (points: Line['points']): number {
  const [first, last] = [points[0], points.at(-1)]
  return first === undefined || last === undefined
    ? NaN
    : Math.log(last[1] / first[1]) / Math.log(last[0] / first[0])
}

export function growthTable (lines: readonly Line[]): Table {
  return {
    head: ['what grows', 'cost at each size', 'exponent', 'should be', '', 'because'],
    rows: lines.map(({ name, unit, shape, why: reason, points }) => {
      const growth = exponent(points)
      return [
        name,
        `${
          points.map(([size, cost]) => `${formatSize(size)}: ${cost.toPrecision(3)}`).join(', ')
        } ${unit}`,
        growth.toFixed(2),
        shape,
        growth <= most[shape] ? 'as it should' : '**steeper**',
        reason
      ]
    })
  }
}

function formatSize (size: number): string {
  return size >= 1_000_000
    ? `${size / 1_000_000} M`
    : size >= 1000
    ? `${size / 1000} k`
    : String(size)
}
