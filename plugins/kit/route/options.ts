import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OptionInvalid } from '../errors.ts'
import { type KeyCacheOptions, type KeyResolver, resolvingKeyRing } from '../keys/key-resolver.ts'
import { keyRing, type KeyRing, type Keys } from '../keys/key-ring.ts'
import { memoryReplayStore } from '../replay/memory.ts'
import type { ReplayStore } from '../replay/store.ts'
import type { ReplayGuard } from './claims.ts'
import { timeWindow, type TimeWindow, type Tolerance } from '../wire/time.ts'

/**
 * The names under which `FastifyInstance` is declared to hold a decorator of this type: what `as`
 * accepts.
 */
export type DecoratorName<Decorator> = {
  [Name in keyof FastifyInstance & string]: FastifyInstance[Name] extends Decorator ? Name : never
}[keyof FastifyInstance & string]

/** The options of every vendor plugin. */
export interface CommonOptions<Decorator> {
  /**
   * The vendor account's secret; several keys during a rotation: all verify, the newest signs; or a
   * function that looks them up per request.
   */
  keys: Keys | KeyResolver
  /**
   * With looked-up keys: names the account of a request. Answers are cached under this name, and
   * not at all without it.
   */
  tenant?: (request: FastifyRequest) => string
  /** With looked-up keys and `tenant`: how many answers are kept, and for how long. */
  keyCache?: KeyCacheOptions
  /**
   * Where accepted requests are remembered; `false` for nowhere. The vendor's docs page says what
   * is the default.
   */
  replay?: ReplayStore | false
  /**
   * What becomes of a repeated request: refused (default), or let through with
   * `request.verification.duplicate`.
   */
  duplicates?: 'refuse' | 'mark'
  /**
   * Log at level warn why a signature was refused: codes, texts and key ids, never what was signed.
   * One request a second is looked into at the most, for a quarter of a second at the most. Default
   * false: switch it on while there is trouble.
   */
  explain?: boolean
  /**
   * Decorator name for a second account in one scope. Declare it on `FastifyInstance` first, with
   * the vendor's decorator type.
   */
  as?: DecoratorName<Decorator>
  /** Least number of characters of a secret. Default 16. */
  minimumSecretLength?: number
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  now?: () => number
}

/** For vendors whose signature covers a time. */
export interface WindowOption {
  /** Milliseconds that the signed time may lie before and after now; edges are inclusive. */
  tolerance?: Tolerance
}

/** What a vendor plugin tells about itself so that its options can be read. */
export interface OptionsPolicy {
  readonly vendor: string
  /** The name of the decorator unless `as` says otherwise. */
  readonly decorator: string
  /** The vendor's own options, beside the common ones. */
  readonly own: readonly string[]
  /** Secrets printed in the vendor's documentation. */
  readonly published: readonly string[]
  /** Milliseconds on both sides; absent where the signature covers no time. */
  readonly defaultTolerance?: number
  /** Whether repeated requests are refused unless an option says otherwise. Default false. */
  readonly replayByDefault?: boolean
}

/** For vendors whose signature covers no time: it would verify for ever. */
export interface RememberOption {
  /**
   * With `replay`: milliseconds for which an accepted request is remembered. Default 86400000, a
   * day.
   */
  rememberMs?: number
}

/** The common options, checked and with their defaults. */
export interface Settings {
  readonly vendor: string
  readonly as: string
  readonly keys: KeyRing
  readonly now: () => number
  readonly window?: TimeWindow
  readonly replay?: ReplayGuard
  readonly explain: boolean
}

/**
 * Reads the options that every vendor plugin has.
 * @throws {OptionInvalid} naming the option: unknown, missing or impossible
 */
export function readCommonOptions<Decorator> (
  options: CommonOptions<Decorator> & WindowOption & RememberOption,
  policy: OptionsPolicy
): Settings {
  const { vendor, decorator, own, defaultTolerance } = policy
  const timing = defaultTolerance === undefined ? 'rememberMs' : 'tolerance'
  refuseUnknownOptions(vendor, options, [...common, timing, ...own])
  const { as = decorator, now = Date.now } = options
  if (typeof as !== 'string' || as === '') {
    throw new OptionInvalid(vendor, 'option "as" must be a decorator name')
  }
  if (typeof now !== 'function') {
    throw new OptionInvalid(
      vendor,
      'option "now" must be a function that returns epoch milliseconds'
    )
  }
  const window = defaultTolerance === undefined
    ? undefined
    : timeWindow(vendor, options.tolerance ?? defaultTolerance)
  const replay = readReplay(options, policy, window, now)
  return {
    vendor,
    as,
    now,
    explain: flag(vendor, 'explain', options.explain ?? false),
    keys: readKeys(options, policy, now),
    ...window && { window },
    ...replay && { replay }
  }
}

const common = [
  'keys',
  'tenant',
  'keyCache',
  'replay',
  'duplicates',
  'explain',
  'as',
  'minimumSecretLength',
  'now'
]

function readKeys<Decorator> (
  options: CommonOptions<Decorator>,
  { vendor, published }: OptionsPolicy,
  now: () => number
): KeyRing {
  const { keys, tenant, keyCache } = options
  const policy = {
    vendor,
    published,
    minimumLength: positiveInteger(vendor, 'minimumSecretLength', options.minimumSecretLength ?? 16)
  }
  if (tenant !== undefined && typeof tenant !== 'function') {
    throw new OptionInvalid(vendor, 'option "tenant" must be a function of the request')
  }
  if (typeof keys === 'function') {
    return resolvingKeyRing({
      resolve: keys,
      policy,
      now,
      ...tenant && { tenant },
      ...keyCache && { cache: readCache(vendor, keyCache) }
    })
  }
  if (tenant !== undefined || keyCache !== undefined) {
    throw new OptionInvalid(vendor, 'options "tenant" and "keyCache" need "keys" to be a function')
  }
  return keyRing(keys, policy)
}

function readCache (vendor: string, cache: KeyCacheOptions): KeyCacheOptions {
  for (const [name, value] of Object.entries(cache)) {
    oneOf(vendor, 'keyCache', name, ['max', 'ttlMs', 'missTtlMs', 'timeoutMs'])
    positiveInteger(vendor, `keyCache.${name}`, value as number)
  }
  return cache
}

function readReplay<Decorator> (
  options: CommonOptions<Decorator> & RememberOption,
  { vendor, replayByDefault = false }: OptionsPolicy,
  window: TimeWindow | undefined,
  now: () => number
): ReplayGuard | undefined {
  const duplicates = oneOf(vendor, 'duplicates', options.duplicates ?? 'refuse', ['refuse', 'mark'])
  const rememberMs = positiveInteger(vendor, 'rememberMs', options.rememberMs ?? 86_400_000)
  const store = options.replay ?? (replayByDefault && memoryReplayStore({ now }))
  if (store === false) return undefined
  if (typeof store?.claim !== 'function' || typeof store.release !== 'function') {
    throw new OptionInvalid(
      vendor,
      'option "replay" must be a store with claim and release, or false'
    )
  }
  // Signed at the future edge and seen at once, a request verifies until the past edge: edges are
  // inclusive.
  const ttlMs = window === undefined ? rememberMs : window.pastMs + window.futureMs + 1
  return { store, ttlMs, duplicates }
}

/** Options that `app.register` itself takes and hands on. */
const fastifyOwn = ['prefix', 'logLevel', 'logSerializers']

/** A misspelt option would silently leave a default in force. @throws {OptionInvalid} naming it */
function refuseUnknownOptions (vendor: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name) && !fastifyOwn.includes(name)) {
      throw new OptionInvalid(vendor, `unknown option "${name}"; known are ${known.join(', ')}`)
    }
  }
}

/** @throws {OptionInvalid} unless the value is one of those listed */
export function oneOf<T extends string> (
  vendor: string,
  name: string,
  value: T,
  allowed: readonly T[]
): T {
  if (!allowed.includes(value)) {
    throw new OptionInvalid(
      vendor,
      `option "${name}" must be one of ${allowed.map(one => `'${one}'`).join(', ')}`
    )
  }
  return value
}

/**
 * An option that is true or false. Other values are refused rather than read as one of the two:
 * many of them would turn a protection off.
 * @throws {OptionInvalid} unless the value is a boolean
 */
export function flag (vendor: string, name: string, value: boolean): boolean {
  if (typeof value !== 'boolean') {
    throw new OptionInvalid(vendor, `option "${name}" must be true or false`)
  }
  return value
}

/** @throws {OptionInvalid} unless the value is a positive safe integer */
export function positiveInteger (vendor: string, name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw new OptionInvalid(vendor, `option "${name}" must be a positive integer`)
  }
  return value
}
