import { measure } from 'mitata'
import { inTurns } from './statistics.ts'

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
