import { hash } from 'node:crypto'

/**
 * Remembers short texts for a limited time, such as accepted requests and issued links. Each method
 * is atomic, for any number of processes that share the store. A store that is unavailable throws
 * or rejects: the request is then answered with 503.
 */
export interface ExpiringStore {
  /**
   * Puts the value for `ttlMs` milliseconds, unless the key has a live value. Returns null when it
   * was put, else the live value.
   */
  putIfAbsent(key: string, value: string, ttlMs: number): string | null | Promise<string | null>
  /** The live value, or null. */
  get(key: string): string | null | Promise<string | null>
  /**
   * Replaces the live value, for `ttlMs` milliseconds from now, if it is `expected`. Returns false
   * if it is not.
   */
  replace(
    key: string,
    expected: string,
    value: string,
    ttlMs: number
  ): boolean | Promise<boolean>
  /** Deletes the key; with `expected`, only if that is the live value. */
  delete(key: string, expected?: string): void | Promise<void>
  /**
   * True when other processes do not share the entries. There is a warning at boot if there
   * probably are other processes.
   */
  readonly perProcess?: boolean
}

const methods = ['putIfAbsent', 'get', 'replace', 'delete'] as const

/** The message for an option that is not a store. */
export const storeRule = `must be a store with the functions ${methods.join(', ')}`

/** Whether the option's value has the functions of a store. */
export function isStore (value: unknown): value is ExpiringStore {
  return typeof value === 'object' && value !== null &&
    methods.every(name => typeof (value as Partial<ExpiringStore>)[name] === 'function')
}

/** The SHA-256 of a key: all have one length, and no received text is stored. */
export function digestOf (key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
