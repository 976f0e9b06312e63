import { mutate, Random } from './mutate.ts'
import type { Probe } from './probe.ts'
import type { Target } from './target.ts'

const maximumLength = 4096

/**
 * The work allowed per input: a base, and an amount per byte. A parser that backtracks exceeds it
 * on long inputs.
 */
const work = { start: 20_000, byte: 400 } as const

/** An input that violates an invariant. */
export interface Find {
  readonly input: Buffer
  readonly error: Error
}

/** Searches for inputs that reach new places, and keeps them for mutation. */
export class Fuzzer {
  readonly #target: Target
  readonly #probe: Probe
  readonly #random: Random
  readonly #tokens: readonly Buffer[]
  readonly #seen = new Map<number, number>()
  readonly #kept: Buffer[] = []
  runs = 0

  constructor (target: Target, probe: Probe, corpus: readonly Buffer[], seed: number) {
    this.#target = target
    this.#probe = probe
    this.#random = new Random(seed)
    this.#tokens = target.tokens.map(token => Buffer.from(token))
    for (const input of [Buffer.alloc(0), ...this.#tokens, ...corpus]) {
      this.#run(input)
      if (this.#isNews(true)) this.#kept.push(input)
    }
  }

  /** The places reached. */
  get places (): Iterable<number> {
    return this.#seen.keys()
  }

  /** Searches until the time or the runs are used up, or an input fails. */
  search (
    { until = Infinity, runs = Infinity }: { until?: number, runs?: number }
  ): Find | undefined {
    for (let remaining = runs; remaining > 0 && performance.now() < until;) {
      // Reading the clock is slow compared with a run.
      for (let batch = Math.min(remaining, 200); batch > 0; batch--, remaining--) {
        const find = this.#once()
        if (find !== undefined) return find
      }
    }
  }

  /** A minimal corpus that reaches the same of these places as the kept inputs, as often. */
  corpus (places: ReadonlyMap<number, unknown>): Buffer[] {
    const reached = new Set<number>()
    return this.#kept.toSorted((a, b) => a.length - b.length).filter(input => {
      this.#run(input)
      const before = reached.size
      for (const [place, bit] of this.#probe.seen()) {
        if (places.has(place)) reached.add(place << 8 | bit)
      }
      return reached.size > before
    })
  }

  #once (): Find | undefined {
    const input = mutate(
      this.#random.pick(this.#pool()),
      this.#random,
      this.#tokens,
      this.#random.pick(this.#kept),
      maximumLength
    )
    const error = this.#run(input)
    if (error !== undefined) return { input: this.#shrink(input, error), error }
    if (this.#isNews(false)) this.#kept.push(this.#trim(input))
  }

  /** Half of the time, the latest inputs only. */
  #pool (): readonly Buffer[] {
    return this.#random.below(2) === 0 ? this.#kept : this.#kept.slice(-20)
  }

  #run (input: Buffer): Error | undefined {
    this.runs++
    this.#probe.reset()
    try {
      this.#target.check(input)
    } catch (error) {
      return error as Error
    }
    const limit = work.start + work.byte * input.length
    return this.#probe.work > limit
      ? new Error(
        `${input.length} bytes took ${this.#probe.work} steps, more than ${limit}: not linear`
      )
      : undefined
  }

  /** Whether the run reached a new place, or a place more often by an order of magnitude. */
  #isNews (remember: boolean): boolean {
    let isNew = false
    for (const [place, bit] of this.#probe.seen()) {
      const knownBits = this.#seen.get(place) ?? 0
      if ((knownBits & bit) !== 0) continue
      isNew = true
      if (!remember) return true
      this.#seen.set(place, knownBits | bit)
    }
    return isNew
  }

  /** Removes the parts of the input that its new places do not need. */
  #trim (input: Buffer): Buffer {
    const newPlaces = [...this.#probe.seen()].filter(([place, bit]) =>
      ((this.#seen.get(place) ?? 0) & bit) === 0
    )
    const trimmed = shorten(input, candidate => {
      if (this.#run(candidate) !== undefined) return false
      const now = new Map(this.#probe.seen())
      return newPlaces.every(([place, bit]) => now.get(place) === bit)
    })
    this.#run(trimmed)
    this.#isNews(true)
    return trimmed
  }

  #shrink (input: Buffer, { message }: Error): Buffer {
    const kind = message.replace(/[0-9]+/g, '').slice(0, 40)
    return shorten(
      input,
      candidate => this.#run(candidate)?.message.replace(/[0-9]+/g, '').startsWith(kind) === true
    )
  }
}

/** Removes ranges, long ones first, as long as `isAccepted` returns true. */
function shorten (input: Buffer, isAccepted: (candidate: Buffer) => boolean): Buffer {
  let best = input
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let start = 0; start + size <= best.length;) {
      const candidate = Buffer.concat([best.subarray(0, start), best.subarray(start + size)])
      if (isAccepted(candidate)) best = candidate
      else start += size
    }
  }
  return best
}
