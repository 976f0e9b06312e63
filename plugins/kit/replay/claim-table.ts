/** Words of 32 bits that tell keys apart: 128 bits, so that no two keys ever meet. */
const idWords = 4

/** Slots looked at for an ended claim before a full table says that it is full. */
const longestLook = 4096

const none = -1

/**
 * A hash table of a fixed number of slots in typed arrays: it never grows, never
 * copies itself and gives the garbage collector nothing to do, so that no claim waits
 * for another. Ended claims are found by a hand that goes round, a few slots a claim.
 */
export class ClaimTable {
  readonly #capacity: number
  readonly #ids: Uint32Array
  /** When the claim of a slot ends, in epoch milliseconds; 0 for a free slot. */
  readonly #ends: Float64Array
  /** The next slot of the same bucket, or of the free list. */
  readonly #next: Int32Array
  readonly #buckets: Int32Array
  #free: number
  #hand = 0
  #size = 0

  constructor (capacity: number) {
    this.#capacity = capacity
    this.#ids = new Uint32Array(capacity * idWords)
    this.#ends = new Float64Array(capacity)
    this.#next = new Int32Array(capacity).map((_, slot) => slot + 1 < capacity ? slot + 1 : none)
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity))).fill(none)
    this.#free = 0
  }

  /** Claims that are live, or have ended and not been met yet. */
  get size (): number {
    return this.#size
  }

  /**
   * False when the digest is claimed and its claim has not ended. @throws {Error} when there is no
   * room
   */
  claim (digest: Buffer, now: number, end: number): boolean {
    const slot = this.#find(digest)
    if (slot !== none) {
      if (this.#at(this.#ends, slot) > now) return false
      this.#ends[slot] = end
      return true
    }
    this.#sweep(now)
    this.#insert(digest, end)
    return true
  }

  release (digest: Buffer): void {
    const slot = this.#find(digest)
    if (slot !== none) this.#drop(slot)
  }

  /**
   * Two slots a claim find what has ended in time; a full table looks further, but not for long.
   */
  #sweep (now: number): void {
    for (let looked = 0; looked < 2 || (this.#free === none && looked < longestLook); looked++) {
      const end = this.#at(this.#ends, this.#hand)
      if (end !== 0 && end <= now) this.#drop(this.#hand)
      this.#hand = (this.#hand + 1) % this.#capacity
    }
    if (this.#free === none) {
      throw new Error(`the replay store is full: ${this.#capacity} claims are live`)
    }
  }

  #insert (digest: Buffer, end: number): void {
    const slot = this.#free
    this.#free = this.#at(this.#next, slot)
    for (let word = 0; word < idWords; word++) {
      this.#ids[slot * idWords + word] = digest.readUInt32LE(word * 4)
    }
    const bucket = this.#bucketOf(digest.readUInt32LE(0))
    this.#next[slot] = this.#at(this.#buckets, bucket)
    this.#buckets[bucket] = slot
    this.#ends[slot] = end
    this.#size++
  }

  #drop (slot: number): void {
    const bucket = this.#bucketOf(this.#at(this.#ids, slot * idWords))
    const after = this.#at(this.#next, slot)
    let before = this.#at(this.#buckets, bucket)
    if (before === slot) {
      this.#buckets[bucket] = after
    } else {
      while (this.#at(this.#next, before) !== slot) before = this.#at(this.#next, before)
      this.#next[before] = after
    }
    this.#ends[slot] = 0
    this.#next[slot] = this.#free
    this.#free = slot
    this.#size--
  }

  #find (digest: Buffer): number {
    let slot = this.#at(this.#buckets, this.#bucketOf(digest.readUInt32LE(0)))
    while (slot !== none && !this.#holds(slot, digest)) slot = this.#at(this.#next, slot)
    return slot
  }

  #holds (slot: number, digest: Buffer): boolean {
    for (let word = 0; word < idWords; word++) {
      if (this.#at(this.#ids, slot * idWords + word) !== digest.readUInt32LE(word * 4)) return false
    }
    return true
  }

  #bucketOf (word: number): number {
    return word & (this.#buckets.length - 1)
  }

  /** Every index is one of ours. */
  #at (array: Int32Array | Uint32Array | Float64Array, index: number): number {
    return array[index] as number
  }
}
