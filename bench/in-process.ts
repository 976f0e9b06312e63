import { measure } from 'mitata'
import { inTurns, ratioOf } from './statistics.ts'

export interface Work {
  readonly name: string
  /** Does the work once; gives whether it came to the right end. */
  readonly run: () => boolean | Promise<boolean>
}

/** Nanoseconds that each piece of work takes, once a round. @throws when one does not succeed */
export async function nanoseconds (
  works: readonly Work[],
  { rounds, milliseconds }: { rounds: number, milliseconds: number }
): Promise<Map<string, number[]>> {
  for (const { name, run } of works) {
    if (!await run()) throw new Error(`${name} did not succeed`)
  }
  const options = { min_cpu_time: milliseconds * 1e6, batch_samples: 64, gc: false, min_samples: 8 }
  // Once round without looking: code is compiled by then, and shapes are known.
  await inTurns(1, works, async ({ run }) => (await measure(run, options)).p50)
  return await inTurns(rounds, works, async ({ run }) => (await measure(run, options)).p50)
}

/**
 * How much each work costs beside another, as the median over many short blocks that take turns.
 * @throws when a work does not succeed
 */
export async function interleavedRatios (
  pairs: ReadonlyArray<{ readonly name: string, readonly work: Work, readonly floor: Work }>,
  options: BlockOptions
): Promise<Map<string, number>> {
  const works = new Map(
    pairs.flatMap(({ work, floor }) => [[work.name, work], [floor.name, floor]])
  )
  const times = await interleavedTimes([...works.values()], options)
  return new Map(
    pairs.map(({ name, work, floor }) => [name, ratioOf(times, work.name, floor.name)])
  )
}

export interface BlockOptions {
  readonly blocks: number
  /** A block. */
  readonly calls: number
}

/**
 * Nanoseconds of a call, once a block. Blocks take turns and last a fraction of a millisecond, so
 * whatever else the machine does falls on all works alike. What a call leaves to the garbage
 * collector counts too.
 * @throws when a work does not succeed
 */
export async function interleavedTimes (
  works: readonly Work[],
  { blocks, calls }: BlockOptions
): Promise<Map<string, number[]>> {
  for (const { name, run } of works) {
    if (!await run()) throw new Error(`${name} did not succeed`)
  }
  const timeBlock = async ({ run }: Work): Promise<number> => {
    const start = process.hrtime.bigint()
    for (let call = 0; call < calls; call++) run()
    return Number(process.hrtime.bigint() - start) / calls
  }
  // Until all of it is compiled.
  await inTurns(Math.ceil(blocks / 4), works, timeBlock)
  return await inTurns(blocks, works, timeBlock)
}
