import type { FastifyRequest } from 'fastify'
import { KeysUnavailable, OptionInvalid } from '../errors.ts'

/** A secret with a name that may be logged, and the period in which it is valid. */
export interface Key {
  /** Named in results, logs and metrics; never secret. */
  readonly id: string
  /** Text, used in UTF-8. */
  readonly secret: string
  /** Epoch milliseconds from which the key is valid (inclusive). */
  readonly notBefore?: number
  /** Epoch milliseconds until which the key is valid (inclusive). */
  readonly notAfter?: number
}

/** A key in a ring, with its secret as parsed by the vendor's `readKey`. */
export interface ReadKey extends Key {
  /** Absent if the vendor has no `readKey`. */
  readonly parsed?: unknown
}

/** One secret, one key, or several during a rotation. */
export type Keys = string | Key | readonly Key[]

/** The checks that every key of a vendor must pass. */
export interface KeyPolicy {
  /** The vendor's name, for messages. */
  readonly vendor: string
  /** The least number of characters of a secret. */
  readonly minimumLength: number
  /** Secrets printed in the vendor's documentation, which are refused. */
  readonly published: readonly string[]
  /** Parses a secret of the vendor's form; throws on one that cannot be a key. */
  readonly readKey?: ((secret: string) => unknown) | undefined
  /**
   * Makes a secret of the vendor's form that nobody has, for unknown accounts. Default: random
   * bytes in base64.
   */
  readonly unknownSecret?: (() => string) | undefined
}

/** The keys that are valid at one moment. */
export interface ValidKeys {
  /** Newest first: all of them verify, the first one signs. */
  readonly keys: readonly [ReadKey, ...ReadKey[]]
  /** The account of the keys, where accounts are looked up. */
  readonly tenant?: string
}

/** The keys of a plugin, by time and, where keys are looked up, by request. */
export interface KeyRing {
  /**
   * The keys valid at `now`, in epoch milliseconds. `keyId` is the id that the request claims.
   * @throws {KeysUnavailable} when no key is valid
   */
  at(now: number, request?: FastifyRequest, keyId?: string): ValidKeys | Promise<ValidKeys>
  /** All configured keys, whether valid now or not; absent where keys are looked up. */
  readonly all?: readonly ReadKey[]
}

/** Placeholders for secrets in documentation, templates and sample files. */
const placeholders: readonly RegExp[] = [
  /^(?:secret|password|example|placeholder|todo|tbd|fixme|test|key|undefined|null|none)$/,
  /^(?:my|your|the)?[-_. ]?(?:super[-_. ]?)?secret(?:[-_. ]?(?:key|token|value))?[-_. ]?[0-9]*$/,
  /^(?:change|replace)[-_. ]?(?:me|this|it|with)/,
  /^(?:your|placeholder|todo|tbd|fixme|dummy|insert|enter|paste|put)[-_.: ]/,
  /[-_. ](?:goes[-_. ])?here$/,
  // Variables that a template engine or a shell did not replace.
  /^(?:<.*>|\$\{.*\}|\{\{.*\}\}|%.*%|\[.*\])$/,
  // One repeated character, alone or in groups: xxxx-xxxx, 0000.
  /^(.)(?:\1|[-_. ])*$/
]

/** In milliseconds, a smaller number would be before 1973: it is a time in seconds. */
const earliestMilliseconds = 1e11

/**
 * Checks and sorts keys. The newest has the latest `notBefore`; among equals, the first in the list
 * wins.
 * @throws {OptionInvalid} without a key, on a repeated id, on a blank, placeholder, published or
 * too short secret, one that begins or ends with white space, or an impossible period
 */
export function keyRing (keys: Keys, policy: KeyPolicy): KeyRing {
  if ((keys as Keys | undefined) === undefined) {
    throw new OptionInvalid(
      policy.vendor,
      'option "keys" is missing: is its environment variable set?'
    )
  }
  const keyList = typeof keys === 'string'
    ? [{ id: 'default', secret: keys }]
    : Array.isArray(keys)
    ? keys as readonly Key[]
    : [keys as Key]
  if (keyList.length === 0) {
    throw new OptionInvalid(policy.vendor, 'option "keys" must hold at least one key')
  }
  const checkedKeys = keyList.map(key => readKey(key, policy))
  if (new Set(keyList.map(key => key.id)).size !== keyList.length) {
    throw new OptionInvalid(policy.vendor, 'option "keys" repeats an id')
  }

  const newestFirst = checkedKeys.sort((a, b) => startOf(b) - startOf(a) || 0)
  const neverExpire = newestFirst.every(key =>
    key.notBefore === undefined && key.notAfter === undefined
  )
  const permanentKeys = neverExpire ? validKeys(newestFirst) : undefined
  return {
    all: newestFirst,
    at: now => permanentKeys ?? validKeys(newestFirst.filter(key => isValid(key, now)))
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

/** Two keys without a start differ by NaN, and so keep the order of the list. */
function startOf (key: Key): number {
  return key.notBefore ?? -Infinity
}

function isValid (key: Key, now: number): boolean {
  return (key.notBefore === undefined || key.notBefore <= now) &&
    (key.notAfter === undefined || now <= key.notAfter)
}

/** Zero is a valid `notBefore`. */
function isMilliseconds (bound: 'notBefore' | 'notAfter', time: number): boolean {
  return Number.isFinite(time) &&
    (time >= earliestMilliseconds || (bound === 'notBefore' && time === 0))
}

/** Checks the key, and returns a copy with its parsed secret. */
function readKey (key: Key, policy: KeyPolicy): ReadKey {
  assertKey(key, policy)
  if (policy.readKey === undefined) return { ...key }
  try {
    return { ...key, parsed: policy.readKey(key.secret) }
  } catch (error) {
    const problem = (error as Error).message.replace(/^(?:the )?secret /, '')
    throw new OptionInvalid(
      policy.vendor,
      `option "keys": the secret of key "${key.id}" ${problem}`
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
  const refuse = (problem: string): never => {
    throw new OptionInvalid(vendor, `option "keys": the secret of key "${key.id}" ${problem}`)
  }
  const { secret } = key
  if (typeof secret !== 'string') refuse('must be a string')
  if (secret.trim() === '') refuse('is blank: is its environment variable set?')
  if (!secret.isWellFormed()) refuse('is ill-formed text')
  if (placeholders.some(pattern => pattern.test(secret.trim().toLowerCase()))) {
    refuse('is a placeholder')
  }
  if (secret.trim() !== secret) {
    refuse('begins or ends with white space or a line end: strip what a file or a shell added')
  }
  if (published.includes(secret)) refuse('is an example that the vendor has published')
  if (secret.length < minimumLength) refuse(`is shorter than ${minimumLength} characters`)
  for (const bound of ['notBefore', 'notAfter'] as const) {
    const time = key[bound]
    if (time === undefined || isMilliseconds(bound, time)) continue
    throw new OptionInvalid(
      vendor,
      `option "keys": "${bound}" of key "${key.id}" must be epoch milliseconds${
        Number.isFinite(time) ? '; this looks like seconds' : ''
      }`
    )
  }
  if (key.notBefore !== undefined && key.notAfter !== undefined && key.notBefore > key.notAfter) {
    throw new OptionInvalid(vendor, `option "keys": key "${key.id}" ends before it begins`)
  }
}
