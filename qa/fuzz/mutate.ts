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

type Mutation = (
  bytes: Buffer,
  random: Random,
  tokens: readonly Buffer[],
  otherInput: Buffer
) => Buffer

const replaceRange = (
  bytes: Buffer,
  from: number,
  to: number,
  ...insertions: Uint8Array[]
): Buffer => Buffer.concat([bytes.subarray(0, from), ...insertions, bytes.subarray(to)])

/** A range of the input, usually short. */
function pickRange (bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + random.below(random.pick([2, 8, 64])))]
}

function overwrite (bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes
  const copy = Buffer.from(bytes)
  const position = random.below(copy.length)
  copy[position] = change(copy[position] ?? 0)
  return copy
}

const mutations: readonly Mutation[] = [
  (bytes, random) => overwrite(bytes, random, byte => byte ^ 1 << random.below(8)),
  (bytes, random) => overwrite(bytes, random, () => random.below(256)),
  (bytes, random) => overwrite(bytes, random, () => 0x20 + random.below(0x5f)),
  (bytes, random) => overwrite(bytes, random, byte => byte + random.pick([-1, 1])),
  (bytes, random) => replaceRange(bytes, ...pickRange(bytes, random)),
  (bytes, random) => {
    const position = random.below(bytes.length + 1)
    return replaceRange(bytes, position, position, Buffer.from([random.below(256)]))
  },
  // Copies a range elsewhere, or repeats it in place.
  (bytes, random) => {
    const [from, to] = pickRange(bytes, random)
    const position = random.below(bytes.length + 1)
    return replaceRange(bytes, position, position, bytes.subarray(from, to))
  },
  (bytes, random) => {
    const [from, to] = pickRange(bytes, random)
    return replaceRange(
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
    const position = random.below(bytes.length + 1)
    return replaceRange(bytes, position, position, random.pick(tokens))
  },
  (bytes, random, tokens) => {
    const position = random.below(bytes.length + 1)
    const token = random.pick(tokens)
    return replaceRange(bytes, position, Math.min(bytes.length, position + token.length), token)
  },
  // Joins the head of one input and the tail of another.
  (bytes, random, _tokens, otherInput) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      otherInput.subarray(random.below(otherInput.length + 1))
    ])
]

/** A copy with a few changes. */
export function mutate (
  bytes: Buffer,
  random: Random,
  tokens: readonly Buffer[],
  otherInput: Buffer,
  maximumLength: number
): Buffer {
  let mutant = bytes
  for (let remaining = 1 << random.below(4); remaining > 0; remaining--) {
    mutant = random.pick(mutations)(mutant, random, tokens, otherInput).subarray(0, maximumLength)
  }
  return mutant
}
