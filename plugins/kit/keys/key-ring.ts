import type { FastifyRequest } from 'fastify'
import { KeysUnavailable, OptionInvalid } from '../errors.ts'

/** A secret with a name that may be logged, and the times between which it counts. */
export interface Key {
  /** Named in results, logs and metrics; never secret. */
  readonly id: string
  /** Used as UTF-8 text. */
  readonly secret: string
  /** Epoch milliseconds from which the key is valid (inclusive). */
  readonly notBefore?: number
  /** Epoch milliseconds until which the key is valid (inclusive). */
  readonly notAfter?: number
}

/** A key as a ring holds it: with what the vendor's `readKey` made of its secret. */
export interface ReadKey extends Key {
  readonly parsed?: unknown
}

/** One secret, one key, or several during a rotation. */
export type Keys = string | Key | readonly Key[]

export interface KeyPolicy {
  /** The vendor plugin that asks, for messages. */
  readonly vendor: string
  /** The least number of characters of a secret. */
  readonly minimumLength: number
  /** Secrets that vendors print in their documentation: everybody knows them. */
  readonly published: readonly string[]
  /** Reads a secret into the vendor's form; throws for one that cannot be a key. */
  readonly readKey?: ((secret: string) => unknown) | undefined
  /**
   * A secret of the vendor's form that nobody holds, for accounts that are unknown. Default: random
   * bytes in base64.
   */
  readonly unknownSecret?: (() => string) | undefined
}

/** The keys that count at one moment. */
export interface ValidKeys {
  /** Newest first: all of them verify, the first one signs. */
  readonly keys: readonly [ReadKey, ...ReadKey[]]
  /** Whose keys they are, where accounts are looked up. */
  readonly tenant?: string
}

/** The keys of a plugin, over time and, where they are looked up, per request. */
export interface KeyRing {
  /**
   * The keys valid at `now`, in epoch milliseconds. `keyId` is the id that the request claims.
   * @throws {KeysUnavailable} when none is
   */
  at(now: number, request?: FastifyRequest, keyId?: string): ValidKeys | Promise<ValidKeys>
  /** Every configured key, whenever it is valid; absent where keys are looked up. */
  readonly all?: readonly ReadKey[]
}

/** What documentation, templates and sample files have where a secret belongs. */
const placeholders: readonly RegExp[] = [
  /^(?:secret|password|example|placeholder|todo|tbd|fixme|test|key|undefined|null|none)$/,
  /^(?:my|your|the)?[-_. ]?(?:super[-_. ]?)?secret(?:[-_. ]?(?:key|token|value))?[-_. ]?[0-9]*$/,
  /^(?:change|replace)[-_. ]?(?:me|this|it|with)/,
  /^(?:your|placeholder|todo|tbd|fixme|dummy|insert|enter|paste|put)[-_.: ]/,
  /[-_. ](?:goes[-_. ])?here$/,
  // What a template engine or a shell should have filled in.
  /^(?:<.*>|\$\{.*\}|\{\{.*\}\}|%.*%|\[.*\])$/,
  // The same character over and over, alone or in groups: xxxx-xxxx, 0000.
  /^(.)(?:\1|[-_. ])*$/
]

/** Before this, a time in milliseconds lies in 1973 or earlier: it is one in seconds. */
const leastMilliseconds = 1e11

/**
 * Checks and orders keys. The newest is the one with the latest `notBefore`; among
 * equals, the one listed first.
 * @throws {OptionInvalid} on no key, a repeated id, a blank, placeholder, published or too short
 * secret, one with white space at an end, or an impossible validity
 */
export function keyRing (keys: Keys, policy: KeyPolicy): KeyRing {
  if ((keys as Keys | undefined) === undefined) {
    throw new OptionInvalid(
      policy.vendor,
      'option "keys" is missing: is its environment variable set?'
    )
  }
  const list = typeof keys === 'string'
    ? [{ id: 'default', secret: keys }]
    : Array.isArray(keys)
    ? keys as readonly Key[]
    : [keys as Key]
  if (list.length === 0) {
    throw new OptionInvalid(policy.vendor, 'option "keys" must hold at least one key')
  }
  const checked = list.map(key => readKey(key, policy))
  if (new Set(list.map(key => key.id)).size !== list.length) {
    throw new OptionInvalid(policy.vendor, 'option "keys" repeats an id')
  }

  const newestFirst = checked.sort((a, b) => startOf(b) - startOf(a) || 0)
  const lasting = newestFirst.every(key =>
    key.notBefore === undefined && key.notAfter === undefined
  )
  const always = lasting ? validKeys(newestFirst) : undefined
  return {
    all: newestFirst,
    at: now => always ?? validKeys(newestFirst.filter(key => isValid(key, now)))
  }
}

function validKeys ([newest, ...older]: readonly ReadKey[]): ValidKeys {
  if (newest === undefined) throw new KeysUnavailable({ cause: new Error('no key is valid now') })
  return { keys: [newest, ...older] }
}

/** The newest valid key. @throws {KeysUnavailable} when there is none */
export async function signingKey (
  ring: KeyRing,
  now: number,
  request?: FastifyRequest
): Promise<ReadKey> {
  return (await ring.at(now, request)).keys[0]
}

/** Where -Infinity meets -Infinity the difference is NaN, and the order of the list stands. */
function startOf (key: Key): number {
  return key.notBefore ?? -Infinity
}

function isValid (key: Key, now: number): boolean {
  return (key.notBefore === undefined || key.notBefore <= now) &&
    (key.notAfter === undefined || now <= key.notAfter)
}

/** A key may be said to have begun with the epoch. */
function isMilliseconds (edge: 'notBefore' | 'notAfter', time: number): boolean {
  return Number.isFinite(time) &&
    (time >= leastMilliseconds || (edge === 'notBefore' && time === 0))
}

/** A copy of the key, checked and read. */
function readKey (key: Key, policy: KeyPolicy): ReadKey {
  assertKey(key, policy)
  if (policy.readKey === undefined) return { ...key }
  try {
    return { ...key, parsed: policy.readKey(key.secret) }
  } catch (error) {
    const why = (error as Error).message.replace(/^(?:the )?secret /, '')
    throw new OptionInvalid(
      policy.vendor,
      `option "keys": the secret of key "${key.id}" ${why}`
    )
  }
}

function assertKey (key: Key, { vendor, minimumLength, published }: KeyPolicy): void {
  if (typeof key !== 'object' || key === null || typeof key.id !== 'string' || key.id === '') {
    throw new OptionInvalid(
      vendor,
      'option "keys" must be a secret, { id, secret } or a list of those; a key has no id'
    )
  }
  const refuse = (why: string): never => {
    throw new OptionInvalid(vendor, `option "keys": the secret of key "${key.id}" ${why}`)
  }
  const { secret } = key
  if (typeof secret !== 'string') refuse('must be a string')
  if (secret.trim() === '') refuse('is blank')
  if (!secret.isWellFormed()) refuse('is ill-formed text')
  if (placeholders.some(pattern => pattern.test(secret.trim().toLowerCase()))) {
    refuse('is a placeholder')
  }
  if (secret.trim() !== secret) {
    refuse('begins or ends with white space or a line end: strip what a file or a shell added')
  }
  if (published.includes(secret)) refuse('is an example that the vendor has published')
  if (secret.length < minimumLength) refuse(`is shorter than ${minimumLength} characters`)
  for (const edge of ['notBefore', 'notAfter'] as const) {
    const time = key[edge]
    if (time === undefined || isMilliseconds(edge, time)) continue
    throw new OptionInvalid(
      vendor,
      `option "keys": "${edge}" of key "${key.id}" must be epoch milliseconds${
        Number.isFinite(time) ? '; this looks like seconds' : ''
      }`
    )
  }
  if (key.notBefore !== undefined && key.notAfter !== undefined && key.notBefore > key.notAfter) {
    throw new OptionInvalid(vendor, `option "keys": key "${key.id}" ends before it begins`)
  }
}
