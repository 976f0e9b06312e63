/** The 32-bit words of an id. 128 bits make collisions negligible. */
export const idWords = 4

/** The most slots that a full table searches for an expired entry. */
const longestSearch = 4096

/** Values are kept in pages, allocated on demand: a growing array would be copied. */
const pageBits = 12
const pageSize = 2 ** pageBits

/** No slot. Slots are numbered from 1, so that new arrays of zeros need no filling. */
const noSlot = 0

/**
 * A hash table with a fixed number of slots in typed arrays. It never grows or copies itself and
 * leaves the garbage collector almost no work, so that every entry takes the same time. As on a
 * clock, a hand moves over the slots to find expired entries: a few slots for each new entry.
 */
export class SlotTable {
  readonly #capacity: number
  readonly #ids: Uint32Array
  /** When the entry of a slot expires, in epoch milliseconds; 0 for a free slot. */
  readonly #expiries: Float64Array
  /** The next slot of the same bucket, or of the free list. */
  readonly #next: Int32Array
  readonly #buckets: Int32Array
  readonly #pages: string[][] = []
  /** The first slot that was used and is free again. */
  #free = noSlot
  /** The number of slots that have ever been used. */
  #used = 0
  #hand = 1
  #size = 0

  constructor (capacity: number) {
    this.#capacity = capacity
    // Pages of zeros are allocated on the first write: an empty table takes almost no memory.
    this.#ids = new Uint32Array((capacity + 1) * idWords)
    this.#expiries = new Float64Array(capacity + 1)
    this.#next = new Int32Array(capacity + 1)
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity)))
  }

  /** The number of entries, including expired ones that are not removed yet. */
  get size (): number {
    return this.#size
  }

  /**
   * Null when the value was put, else the live value. @throws {Error} when the table is full
   */
  putIfAbsent (id: Uint32Array, value: string, now: number, expiry: number): string | null {
    const slot = this.#find(id)
    if (slot === noSlot) {
      this.#sweep(now)
      this.#insert(id, value, expiry)
    } else {
      if (this.#read(this.#expiries, slot) > now) return this.#valueOf(slot)
      this.#set(slot, value, expiry)
    }
    return null
  }

  get (id: Uint32Array, now: number): string | null {
    const slot = this.#findLive(id, now)
    return slot === noSlot ? null : this.#valueOf(slot)
  }

  /** False where `expected` is not the live value. */
  replace (id: Uint32Array, expected: string, value: string, now: number, expiry: number): boolean {
    const slot = this.#findLive(id, now)
    if (slot === noSlot || this.#valueOf(slot) !== expected) return false
    this.#set(slot, value, expiry)
    return true
  }

  delete (id: Uint32Array, now: number, expected?: string): void {
    const slot = this.#findLive(id, now)
    if (slot === noSlot || (expected !== undefined && this.#valueOf(slot) !== expected)) return
    this.#remove(slot)
  }

  /**
   * Two slots per new entry are enough to remove expired entries in time. A full table searches
   * more.
   */
  #sweep (now: number): void {
    for (
      let searched = 0;
      searched < 2 || (this.#isFull() && searched < longestSearch);
      searched++
    ) {
      const expiry = this.#read(this.#expiries, this.#hand)
      if (expiry !== 0 && expiry <= now) this.#remove(this.#hand)
      this.#hand = this.#hand % this.#capacity + 1
    }
    if (this.#isFull()) {
      throw new Error(`the store is full: ${this.#capacity} entries are live`)
    }
  }

  #insert (id: Uint32Array, value: string, expiry: number): void {
    const slot = this.#takeFree()
    for (let word = 0; word < idWords; word++) {
      this.#ids[slot * idWords + word] = this.#read(id, word)
    }
    const bucket = this.#bucketOf(this.#read(id, 0))
    this.#next[slot] = this.#read(this.#buckets, bucket)
    this.#buckets[bucket] = slot
    this.#set(slot, value, expiry)
    this.#size++
  }

  #isFull (): boolean {
    return this.#free === noSlot && this.#used === this.#capacity
  }

  #takeFree (): number {
    if (this.#free === noSlot) return ++this.#used
    const slot = this.#free
    this.#free = this.#read(this.#next, slot)
    return slot
  }

  #remove (slot: number): void {
    const bucket = this.#bucketOf(this.#read(this.#ids, slot * idWords))
    const next = this.#read(this.#next, slot)
    let previous = this.#read(this.#buckets, bucket)
    if (previous === slot) {
      this.#buckets[bucket] = next
    } else {
      while (this.#read(this.#next, previous) !== slot) previous = this.#read(this.#next, previous)
      this.#next[previous] = next
    }
    // So that the garbage collector can free a long value.
    this.#set(slot, '', 0)
    this.#next[slot] = this.#free
    this.#free = slot
    this.#size--
  }

  #set (slot: number, value: string, expiry: number): void {
    const page = this.#pages[slot >>> pageBits] ??= new Array<string>(pageSize).fill('')
    page[slot & (pageSize - 1)] = value
    this.#expiries[slot] = expiry
  }

  /** The value of a slot in use. */
  #valueOf (slot: number): string {
    return (this.#pages[slot >>> pageBits] as string[])[slot & (pageSize - 1)] as string
  }

  #findLive (id: Uint32Array, now: number): number {
    const slot = this.#find(id)
    return slot !== noSlot && this.#read(this.#expiries, slot) > now ? slot : noSlot
  }

  #find (id: Uint32Array): number {
    let slot = this.#read(this.#buckets, this.#bucketOf(this.#read(id, 0)))
    while (slot !== noSlot && !this.#matches(slot, id)) slot = this.#read(this.#next, slot)
    return slot
  }

  #matches (slot: number, id: Uint32Array): boolean {
    for (let word = 0; word < idWords; word++) {
      if (this.#read(this.#ids, slot * idWords + word) !== this.#read(id, word)) return false
    }
    return true
  }

  #bucketOf (word: number): number {
    return word & (this.#buckets.length - 1)
  }

  /** Every index is within the array. */
  #read (array: Int32Array | Uint32Array | Float64Array, index: number): number {
    return array[index] as number
  }
}
