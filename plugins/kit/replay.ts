import { hash } from 'node:crypto'

/**
 * Remembers what was accepted. `claim` is atomic: of any number of equal claims, in
 * any number of processes that share the store, one is told true.
 */
export interface ReplayStore {
  /**
   * True for the first claim of the key within `ttlMs` milliseconds, false for the others.
   * Throws, or rejects, when it cannot tell: the request is then answered with 503.
   */
  claim (key: string, ttlMs: number): boolean | Promise<boolean>
  /** Forgets a claim whose request failed, so that a retry is not taken for a replay. */
  release (key: string): void | Promise<void>
  /** True when other processes do not see the claims; warned about at boot where several are likely. */
  readonly perProcess?: boolean
}

export interface MemoryReplayStoreOptions {
  /** Live claims at the most; beyond it `claim` throws rather than forget one. Default 100000. */
  capacity?: number
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  now?: () => number
}

// Many small maps rather than a large one: a map that grows is copied as a whole, and
// a million entries in one pause would be felt by every request in flight.
const shardCount = 256

/**
 * Claims in this process's memory. Each costs about 100 bytes, whatever the key's
 * length, and a claim and an expiry are O(1).
 * @throws {RangeError} unless the capacity is a positive integer
 */
export function memoryReplayStore ({ capacity = 100_000, now = Date.now }: MemoryReplayStoreOptions = {}): ReplayStore & { readonly size: number } {
  if (!Number.isSafeInteger(capacity) || capacity <= 0) throw new RangeError('capacity must be a positive integer')
  const shards = Array.from({ length: shardCount }, () => new Map<string, number>())
  let size = 0
  let sweptAt = 0

  function claim (key: string, ttlMs: number): boolean {
    const id = idOf(key)
    const shard = shardOf(id)
    const at = now()
    dropExpired(shard, at)
    const expiry = shard.get(id)
    if (expiry !== undefined && expiry > at) return false
    if (expiry === undefined) makeRoom(at)
    else remove(shard, id)
    shard.set(id, at + ttlMs)
    size++
    return true
  }

  /** Entries stand in the order of their claims, which with one time to live is the order of their ends. */
  function dropExpired (shard: Map<string, number>, at: number): void {
    for (const [id, expiry] of shard) {
      if (expiry > at) return
      remove(shard, id)
    }
  }

  function remove (shard: Map<string, number>, id: string): void {
    if (shard.delete(id)) size--
  }

  function makeRoom (at: number): void {
    if (size < capacity) return
    // What other shards still hold of the past makes room, looked for once a second at the most.
    if (at - sweptAt >= 1000) {
      sweptAt = at
      for (const shard of shards) for (const [id, expiry] of shard) if (expiry <= at) remove(shard, id)
    }
    if (size >= capacity) throw new Error(`the replay store is full: ${capacity} claims are live`)
  }

  function shardOf (id: string): Map<string, number> {
    return shards[Number.parseInt(id.slice(0, 2), 16)] as Map<string, number>
  }

  return {
    claim,
    release: key => {
      const id = idOf(key)
      remove(shardOf(id), id)
    },
    perProcess: true,
    get size () { return size }
  }
}

/** 128 bits of SHA-256: one length for every key, and no text of a caller's is kept. */
export function idOf (key: string): string {
  return hash('sha256', key, 'hex').slice(0, 32)
}
