import { hash } from 'node:crypto'

/**
 * Remembers short texts for a time: which requests were accepted, which links were issued. Each
 * method is atomic, for any number of processes that share the store. It throws, or rejects, when
 * it cannot tell: the request is then answered with 503.
 */
export interface ExpiringStore {
  /**
   * Puts the value for `ttlMs` milliseconds, unless there is a live one. Null when it was put, else
   * the live value.
   */
  putIfAbsent(key: string, value: string, ttlMs: number): string | null | Promise<string | null>
  /** The live value, or null. */
  get(key: string): string | null | Promise<string | null>
  /**
   * Puts another value, for `ttlMs` milliseconds from now, where `expected` is the live one. False
   * where it is not.
   */
  replace(
    key: string,
    expected: string,
    value: string,
    ttlMs: number
  ): boolean | Promise<boolean>
  /** Forgets the key; where `expected` is given, only if that is the live value. */
  delete(key: string, expected?: string): void | Promise<void>
  /**
   * True when other processes do not see what is put; warned about at boot where several are
   * likely.
   */
  readonly perProcess?: boolean
}

const methods = ['putIfAbsent', 'get', 'replace', 'delete'] as const

/** What an option that is no store is told. */
export const notAStore = `must be a store with the functions ${methods.join(', ')}`

/** Whether an option has everything that a store needs. */
export function isStore (given: unknown): given is ExpiringStore {
  return typeof given === 'object' && given !== null &&
    methods.every(name => typeof (given as Partial<ExpiringStore>)[name] === 'function')
}

/** SHA-256 of a key: one length for all, and no text of a caller's is kept. */
export function digestOf (key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
