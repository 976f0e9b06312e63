/**
 * Records the run of instrumented code: a table of places, and how often each was passed. The
 * instrumenter numbers the places.
 */
export class Probe {
  readonly #counts = new Uint16Array(1 << 16)
  readonly #touched: number[] = []
  /**
   * Places passed since `reset`, including repeats: a measure of work that does not depend on the
   * machine.
   */
  work = 0

  readonly hit = (place: number): void => {
    this.work++
    if (this.#counts[place] === 0) this.#touched.push(place)
    const count = this.#counts[place] ?? 0
    if (count < 0xffff) this.#counts[place] = count + 1
  }

  /** A condition and its result. */
  readonly test = <T>(place: number, value: T): T => {
    this.hit(value ? place : place + 1)
    return value
  }

  /** A comparison and how near its sides are, to keep inputs that come nearer. */
  readonly same = (place: number, left: unknown, right: unknown): boolean => {
    if (typeof left === 'number' && typeof right === 'number') {
      this.hit(place + countBits(left ^ right))
    } else if (typeof left === 'string' && typeof right === 'string') {
      this.hit(place + Math.min(countCommonStart(left, right), comparisonPlaces - 1))
    }
    return left === right
  }

  reset (): void {
    for (const place of this.#touched) this.#counts[place] = 0
    this.#touched.length = 0
    this.work = 0
  }

  /**
   * The places passed, each with a bit for its count: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to
   * 127, more.
   */
  *seen (): Generator<[place: number, bit: number]> {
    for (const place of this.#touched) yield [place, bitOf(this.#counts[place] ?? 0)]
  }
}

/** The number of places that `same` uses. */
export const comparisonPlaces = 33

function countBits (bits: number): number {
  let count = 0
  for (let remaining = bits; remaining !== 0; remaining &= remaining - 1) count++
  return count
}

function countCommonStart (a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

function bitOf (count: number): number {
  if (count < 4) return 1 << (count - 1)
  if (count < 8) return 8
  if (count < 16) return 16
  if (count < 32) return 32
  return count < 128 ? 64 : 128
}
