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
  claim(key: string, ttlMs: number): boolean | Promise<boolean>
  /** Forgets a claim whose request failed, so that a retry is not taken for a replay. */
  release(key: string): void | Promise<void>
  /**
   * True when other processes do not see the claims; warned about at boot where several are likely.
   */
  readonly perProcess?: boolean
}

/** SHA-256 of a key: one length for all, and no text of a caller's is kept. */
export function digestOf (key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
