/** A small seeded random number generator. */
export class Random {
  #state: number
  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to below `limit`. */
  below (limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) % limit
  }

  pick<T> (items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

type Mutation = (bytes: Buffer, random: Random, tokens: readonly Buffer[], other: Buffer) => Buffer

const cut = (bytes: Buffer, from: number, to: number, ...between: Uint8Array[]): Buffer =>
  Buffer.concat([bytes.subarray(0, from), ...between, bytes.subarray(to)])

/** A range of the input, usually short. */
function stretch (bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + random.below(random.pick([2, 8, 64])))]
}

function overwrite (bytes: Buffer, random: Random, of: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes
  const copy = Buffer.from(bytes)
  const at = random.below(copy.length)
  copy[at] = of(copy[at] ?? 0)
  return copy
}

const mutations: readonly Mutation[] = [
  (bytes, random) => overwrite(bytes, random, byte => byte ^ 1 << random.below(8)),
  (bytes, random) => overwrite(bytes, random, () => random.below(256)),
  (bytes, random) => overwrite(bytes, random, () => 0x20 + random.below(0x5f)),
  (bytes, random) => overwrite(bytes, random, byte => byte + random.pick([-1, 1])),
  (bytes, random) => cut(bytes, ...stretch(bytes, random)),
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    return cut(bytes, at, at, Buffer.from([random.below(256)]))
  },
  // Copies a range elsewhere, or repeats it in place.
  (bytes, random) => {
    const [from, to] = stretch(bytes, random)
    const at = random.below(bytes.length + 1)
    return cut(bytes, at, at, bytes.subarray(from, to))
  },
  (bytes, random) => {
    const [from, to] = stretch(bytes, random)
    return cut(
      bytes,
      to,
      to,
      ...Array.from(
        { length: 1 + random.below(random.pick([4, 40])) },
        () => bytes.subarray(from, to)
      )
    )
  },
  (bytes, random, tokens) => {
    const at = random.below(bytes.length + 1)
    return cut(bytes, at, at, random.pick(tokens))
  },
  (bytes, random, tokens) => {
    const at = random.below(bytes.length + 1)
    const token = random.pick(tokens)
    return cut(bytes, at, Math.min(bytes.length, at + token.length), token)
  },
  // Joins the head of one input and the tail of another.
  (bytes, random, _tokens, other) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1))
    ])
]

/** A copy with a few changes. */
export function mutate (
  bytes: Buffer,
  random: Random,
  tokens: readonly Buffer[],
  other: Buffer,
  maximumLength: number
): Buffer {
  let changed = bytes
  for (let left = 1 << random.below(4); left > 0; left--) {
    changed = random.pick(mutations)(changed, random, tokens, other).subarray(0, maximumLength)
  }
  return changed
}
