import { hash } from 'node:crypto'
import { idWords, SlotTable } from './slot-table.ts'
import type { ExpiringStore } from './store.ts'

/** The options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most live entries. Beyond it `putIfAbsent` throws rather than evict one. Default 100000.
   * Each takes about 40 bytes, most of which are allocated at once.
   */
  capacity?: number
  /** The clock, in epoch milliseconds. Default: `Date.now`, read at each use. */
  now?: () => number
}

/** A store in memory, whose methods are synchronous. */
export interface MemoryStore extends ExpiringStore {
  putIfAbsent(key: string, value: string, ttlMs: number): string | null
  get(key: string): string | null
  replace(key: string, expected: string, value: string, ttlMs: number): boolean
  delete(key: string, expected?: string): void
  readonly perProcess: true
  /** The number of entries, including expired ones that are not removed yet. */
  readonly size: number
}

/** More entries than memory can hold, and few enough for an Int32Array. */
const largestCapacity = 2 ** 26

/**
 * A store in this process's memory. The cost of an entry does not depend on the number of entries.
 * @throws {RangeError} unless the capacity is a positive integer up to 67108864
 */
export function memoryStore (
  { capacity = 100_000, now = () => Date.now() }: MemoryStoreOptions = {}
): MemoryStore {
  if (!Number.isSafeInteger(capacity) || capacity <= 0 || capacity > largestCapacity) {
    throw new RangeError(`capacity must be a positive integer up to ${largestCapacity}`)
  }
  const table = new SlotTable(capacity)
  const idOf = createIdReader()

  return {
    putIfAbsent (key, value, ttlMs) {
      const time = now()
      return table.putIfAbsent(idOf(key), value, time, time + ttlMs)
    },
    get: key => table.get(idOf(key), now()),
    replace (key, expected, value, ttlMs) {
      const time = now()
      return table.replace(idOf(key), expected, value, time, time + ttlMs)
    },
    delete: (key, expected) => table.delete(idOf(key), now(), expected),
    perProcess: true,
    get size () {
      return table.size
    }
  }
}

/** The number of digests in the cache; a power of two. */
const recentIds = 256

/**
 * Makes the function that returns the id of a key: the first words of its SHA-256, in an array that
 * every call reuses, because the table copies it. A claim is put and soon after marked done, so
 * recent ids are cached, by the last characters of the key, in which keys differ.
 */
function createIdReader (): (key: string) => Uint32Array {
  const id = new Uint32Array(idWords)
  const keys = new Array<string | null>(recentIds).fill(null)
  const ids = new Uint32Array(recentIds * idWords)

  return key => {
    const { length } = key
    const slot = (key.charCodeAt(length - 1) + 7 * key.charCodeAt(length - 2) +
      31 * key.charCodeAt(length - 3)) & (recentIds - 1)
    if (keys[slot] === key) {
      for (let word = 0; word < idWords; word++) id[word] = ids[slot * idWords + word] as number
      return id
    }
    const digest = hash('sha256', key, 'binary')
    for (let word = 0; word < idWords; word++) {
      id[word] = wordAt(digest, 4 * word)
      ids[slot * idWords + word] = id[word] as number
    }
    keys[slot] = key
    return id
  }
}

/** The four bytes from this index on, as a little-endian word. */
function wordAt (bytes: string, index: number): number {
  return bytes.charCodeAt(index) | bytes.charCodeAt(index + 1) << 8 |
    bytes.charCodeAt(index + 2) << 16 | bytes.charCodeAt(index + 3) << 24
}
