/** A measurement with several classes of input that an attacker would like to distinguish. */
export interface Question<Name extends string> {
  readonly name: string
  readonly classes: readonly Name[]
  /**
   * Prepares one run, untimed. Prepares every class in the same way, so that only the measured
   * property differs.
   */
  prepare(name: Name, index: number): () => unknown
}

const lastResult: unknown[] = []

/**
 * The nanoseconds of each run by class. Classes alternate at random, so that other load slows all
 * of them equally.
 */
export async function measure<Name extends string> (
  { classes, prepare }: Question<Name>,
  runs: number
): Promise<Map<Name, Float64Array>> {
  const samples = new Map(classes.map(name => [name, new Float64Array(runs)]))
  const counts = new Map(classes.map(name => [name, 0]))
  const order = classes.flatMap(name => Array.from({ length: runs }, () => name))
  const warmUpRuns = Math.min(2000, runs)
  for (let index = -warmUpRuns; index < order.length; index++) {
    // Picks one of the remaining runs at random, so that branch prediction cannot learn the order.
    const last = order.length - 1 - Math.max(0, index)
    const position = Math.floor(Math.random() * (last + 1))
    const name = order[position] as Name
    const run = prepare(name, index + warmUpRuns)
    const start = process.hrtime.bigint()
    const result = run()
    if (result instanceof Promise) await result
    const time = Number(process.hrtime.bigint() - start)
    lastResult[0] = result
    if (index < 0) continue
    order[position] = order[last] as Name
    const count = counts.get(name) ?? 0
    ;(samples.get(name) as Float64Array)[count] = time
    counts.set(name, count + 1)
  }
  return samples
}
