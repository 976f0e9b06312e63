import { hash } from 'node:crypto'
import { idWords, SlotTable } from './slot-table.ts'
import type { ExpiringStore } from './store.ts'

export interface MemoryStoreOptions {
  /**
   * Live entries at the most; beyond it `putIfAbsent` throws rather than forget one. Default
   * 100000; each takes about 40 bytes, most of them from the start.
   */
  capacity?: number
  /** The clock, in epoch milliseconds. Default: `Date.now`, read at each use. */
  now?: () => number
}

/** A store in memory, whose methods answer at once. */
export interface MemoryStore extends ExpiringStore {
  putIfAbsent(key: string, value: string, ttlMs: number): string | null
  get(key: string): string | null
  replace(key: string, expected: string, value: string, ttlMs: number): boolean
  delete(key: string, expected?: string): void
  readonly perProcess: true
  /** Entries that are live, or have ended and not been met yet. */
  readonly size: number
}

/** As many as an Int32Array can number, and more than memory holds. */
const largestCapacity = 2 ** 26

/**
 * A store in this process's memory. What is put costs the same however many entries are live.
 * @throws {RangeError} unless the capacity is a positive integer up to 67108864
 */
export function memoryStore (
  { capacity = 100_000, now = () => Date.now() }: MemoryStoreOptions = {}
): MemoryStore {
  if (!Number.isSafeInteger(capacity) || capacity <= 0 || capacity > largestCapacity) {
    throw new RangeError(`capacity must be a positive integer up to ${largestCapacity}`)
  }
  const table = new SlotTable(capacity)
  const idOf = rememberingIds()

  return {
    putIfAbsent (key, value, ttlMs) {
      const at = now()
      return table.putIfAbsent(idOf(key), value, at, at + ttlMs)
    },
    get: key => table.get(idOf(key), now()),
    replace (key, expected, value, ttlMs) {
      const at = now()
      return table.replace(idOf(key), expected, value, at, at + ttlMs)
    },
    delete: (key, expected) => table.delete(idOf(key), now(), expected),
    perProcess: true,
    get size () {
      return table.size
    }
  }
}

/** How many ids are remembered; a power of two. */
const recentIds = 256

/**
 * The id of a key: the first words of its SHA-256, in one array for every call, because the table
 * copies it. A claim is put, and marked done soon after: its digest is remembered by the end of its
 * key, where one key differs from another.
 */
function rememberingIds (): (key: string) => Uint32Array {
  const bytes = Buffer.alloc(32)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, idWords)
  const keys = new Array<string | null>(recentIds).fill(null)
  const digests = new Array<string>(recentIds).fill('')

  return key => {
    const { length } = key
    const place = (key.charCodeAt(length - 1) + 7 * key.charCodeAt(length - 2) +
      31 * key.charCodeAt(length - 3)) & (recentIds - 1)
    if (keys[place] !== key) {
      keys[place] = key
      digests[place] = hash('sha256', key, 'binary')
    }
    bytes.write(digests[place] as string, 'latin1')
    return words
  }
}
