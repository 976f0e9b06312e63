import { hash } from 'node:crypto'
import { ClaimTable } from './claim-table.ts'
import { type ReplayStore } from './store.ts'

export interface MemoryReplayStoreOptions {
  /**
   * Live claims at the most; beyond it `claim` throws rather than forget one. Default 100000; each
   * takes 32 bytes from the start.
   */
  capacity?: number
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  now?: () => number
}

/** As many as an Int32Array can number, and more than memory holds. */
const largestCapacity = 2 ** 26

/**
 * Claims in this process's memory. A claim and its end cost the same however many there are.
 * @throws {RangeError} unless the capacity is a positive integer up to 67108864
 */
export function memoryReplayStore (
  { capacity = 100_000, now = Date.now }: MemoryReplayStoreOptions = {}
): ReplayStore & { readonly size: number } {
  if (!Number.isSafeInteger(capacity) || capacity <= 0 || capacity > largestCapacity) {
    throw new RangeError(`capacity must be a positive integer up to ${largestCapacity}`)
  }
  const claims = new ClaimTable(capacity)
  const digest = Buffer.alloc(32)

  /**
   * One Buffer serves every call, because the table keeps none: Node takes far longer to make one
   * than to hash a key.
   */
  function digestOf (key: string): Buffer {
    digest.write(hash('sha256', key, 'binary'), 'latin1')
    return digest
  }

  return {
    claim: (key, ttlMs) => {
      const at = now()
      return claims.claim(digestOf(key), at, at + ttlMs)
    },
    release: key => claims.release(digestOf(key)),
    perProcess: true,
    get size () {
      return claims.size
    }
  }
}
