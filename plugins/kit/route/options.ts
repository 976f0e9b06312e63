import type { FastifyInstance } from 'fastify'
import { OptionInvalid } from '../errors.ts'
import {
  type KeyCacheOptions,
  type KeyResolver,
  resolvingKeyRing,
  type TenantOf
} from '../keys/key-resolver.ts'
import { keyRing, type KeyRing, type Keys } from '../keys/key-ring.ts'
import { memoryStore } from '../replay/memory.ts'
import { type ExpiringStore, isStore, storeRule } from '../replay/store.ts'
import { type ReplayGuard, replayGuard, type SaysFailure } from './claims.ts'
import type { OptionKinds, ValuesOf } from './option-kinds.ts'
import { longestDelay } from '../wire/timeout.ts'
import { timeWindow, type TimeWindow, type Tolerance } from '../wire/time.ts'

/**
 * The names that `as` accepts: those under which `FastifyInstance` is declared to have a decorator
 * of this type.
 */
export type DecoratorName<Decorator> = {
  [Name in keyof FastifyInstance & string]: FastifyInstance[Name] extends Decorator ? Name : never
}[keyof FastifyInstance & string]

/** The options of every vendor plugin. */
export interface CommonOptions {
  /**
   * The secret of the vendor account; several keys during a rotation, of which all verify and the
   * newest signs; or a function that looks them up per request.
   */
  keys: Keys | KeyResolver
  /**
   * Where keys are looked up: names the account of a request. Its keys are cached under this name;
   * without it nothing is cached.
   */
  tenant?: TenantOf
  /** With `tenant`: how many accounts are cached, and for how long. */
  keyCache?: KeyCacheOptions
  /**
   * The store of accepted requests; `false` for none. The vendor's docs page says which is the
   * default.
   */
  replay?: ExpiringStore | false
  /**
   * Whether a copy of a request that succeeded is refused (default), or accepted with
   * `request.verification.duplicate`. A copy of a request in progress always gets a 503.
   */
  duplicates?: 'refuse' | 'mark'
  /**
   * Milliseconds after which a request may be repeated if its process died. The lease is renewed
   * while the handler runs. Default 10000.
   */
  leaseMs?: number
  /**
   * Log at level warn why a signature was refused: codes, texts and key ids, never signed data. At
   * most one request per second is examined, for at most a quarter of a second. Default false: turn
   * it on to find a problem.
   */
  explain?: boolean
  /** The least number of characters of a secret. Default 16. */
  minimumSecretLength?: number
  /** The clock, in epoch milliseconds. Default: `Date.now`, read at each use. */
  now?: () => number
}

/** Another option of every vendor plugin, whose type depends on the vendor. */
export type DecoratorNameOption<Decorator> = {
  /**
   * The decorator's name for a second account in one scope. Declare it on `FastifyInstance` first,
   * with the vendor's decorator type.
   */
  as?: DecoratorName<Decorator>
}

/** For vendors whose signature covers a time. */
export interface WindowOption {
  /** How far the signed time may be from now, in milliseconds; the limits are inclusive. */
  tolerance?: Tolerance
}

/** The facts about a vendor that are needed to read its options. */
export interface OptionsPolicy {
  readonly vendor: string
  /** The default of the option `as`. */
  readonly decorator: string
  /** Secrets printed in the vendor's documentation. */
  readonly published: readonly string[]
  /** The default of the option `tolerance`. */
  readonly defaultTolerance?: Tolerance | undefined
  /** The window, if the vendor's own options decide about it. */
  readonly window?: Tolerance | undefined
  /** Default `off`. */
  readonly replay?: ReplayPolicy | undefined
  /** Whether a reply below status 400 reports a failure in the vendor's shape. */
  readonly saysFailure?: SaysFailure | undefined
  /** Parses a secret of the vendor's form; throws on one that cannot be a key. */
  readonly readKey?: ((secret: string) => unknown) | undefined
  /** Makes a secret of the vendor's form that nobody has. Default: random bytes in base64. */
  readonly unknownSecret?: (() => string) | undefined
}

/**
 * Whether accepted requests are remembered: `on` or `off` by default, or `never`, because requests
 * cannot be told apart.
 */
export type ReplayPolicy = 'on' | 'off' | 'never'

/** For vendors whose signature covers no time, and so never expires. */
export interface RememberOption {
  /**
   * With `replay`: milliseconds for which an accepted request is remembered. Default 86400000, one
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
 * Reads the vendor's own options, each by its kind.
 * @throws {OptionInvalid} naming the option: unknown or impossible
 */
export function readOwnOptions<Kinds extends OptionKinds> (
  options: object,
  kinds: Kinds,
  { vendor, defaultTolerance }: Pick<OptionsPolicy, 'vendor' | 'defaultTolerance'>
): ValuesOf<Kinds> {
  const timeOption = defaultTolerance === undefined ? 'rememberMs' : 'tolerance'
  refuseUnknownOptions(vendor, options, [...commonNames, timeOption, ...Object.keys(kinds)])
  const rawOptions = options as Readonly<Record<string, never>>
  return Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => {
      const refuse = (problem: string): never => {
        throw new OptionInvalid(vendor, `option "${name}" ${problem}`)
      }
      return [name, readOption(vendor, name, () => kind.read(rawOptions[name], refuse))]
    })
  ) as ValuesOf<Kinds>
}

/** Prefixes any other error of the option's reader with the option's name. */
function readOption<T> (vendor: string, name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OptionInvalid) throw error
    throw new OptionInvalid(vendor, `option "${name}": ${(error as Error).message}`)
  }
}

/**
 * Reads the options that every vendor plugin has.
 * @throws {OptionInvalid} naming the option: missing or impossible
 */
export function readCommonOptions (
  options: CommonOptions & { as?: string } & WindowOption & RememberOption,
  policy: OptionsPolicy
): Settings {
  const { vendor, decorator, defaultTolerance } = policy
  // Not Date.now itself: a test's fake clock may replace it later.
  const { as = decorator, now = () => Date.now() } = options
  if (typeof as !== 'string' || as === '') {
    throw new OptionInvalid(vendor, 'option "as" must be a decorator name')
  }
  if (typeof now !== 'function') {
    throw new OptionInvalid(
      vendor,
      'option "now" must be a function that returns epoch milliseconds'
    )
  }
  const tolerance = policy.window ??
    (defaultTolerance === undefined ? undefined : options.tolerance ?? defaultTolerance)
  const window = tolerance === undefined ? undefined : timeWindow(vendor, tolerance)
  const replay = readReplay(options, policy, window, now)
  return {
    vendor,
    as,
    now,
    explain: assertFlag(vendor, 'explain', options.explain ?? false),
    keys: readKeys(options, policy, now),
    ...window && { window },
    ...replay && { replay }
  }
}

const commonNames = [
  'keys',
  'tenant',
  'keyCache',
  'replay',
  'duplicates',
  'leaseMs',
  'explain',
  'as',
  'minimumSecretLength',
  'now'
]

function readKeys (
  options: CommonOptions,
  { vendor, published, readKey, unknownSecret }: OptionsPolicy,
  now: () => number
): KeyRing {
  const { keys, tenant, keyCache } = options
  const policy = {
    vendor,
    published,
    readKey,
    unknownSecret,
    minimumLength: assertPositiveInteger(
      vendor,
      'minimumSecretLength',
      options.minimumSecretLength ?? 16
    )
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
    assertOneOf(vendor, 'keyCache', name, ['max', 'ttlMs', 'missTtlMs', 'timeoutMs'])
    const most = name === 'timeoutMs' ? longestDelay : undefined
    assertPositiveInteger(vendor, `keyCache.${name}`, value as number, most)
  }
  return cache
}

function readReplay (
  options: CommonOptions & RememberOption,
  { vendor, replay: policy = 'off', saysFailure }: OptionsPolicy,
  window: TimeWindow | undefined,
  now: () => number
): ReplayGuard | undefined {
  if (policy === 'never') {
    for (const name of ['replay', 'duplicates', 'leaseMs', 'rememberMs'] as const) {
      if (options[name] === undefined || options[name] === false) continue
      throw new OptionInvalid(
        vendor,
        `option "${name}" has no effect: nothing in this vendor's requests is unique`
      )
    }
    return undefined
  }
  const duplicates = assertOneOf(vendor, 'duplicates', options.duplicates ?? 'refuse', [
    'refuse',
    'mark'
  ])
  const rememberMs = assertPositiveInteger(vendor, 'rememberMs', options.rememberMs ?? 86_400_000)
  const leaseMs = assertPositiveInteger(
    vendor,
    'leaseMs',
    options.leaseMs ?? 10_000,
    longestDelay
  )
  const store = options.replay ?? (policy === 'on' && memoryStore({ now }))
  if (store === false) {
    // Whoever writes `duplicates: 'refuse'` believes that duplicates are refused.
    for (const name of ['duplicates', 'leaseMs', 'rememberMs'] as const) {
      if (options[name] === undefined) continue
      throw new OptionInvalid(vendor, `option "${name}" has no effect without a store in "replay"`)
    }
    return undefined
  }
  if (!isStore(store)) {
    throw new OptionInvalid(vendor, `option "replay" ${storeRule}, or false`)
  }
  // A request signed futureMs ahead and seen at once verifies until pastMs; both are inclusive.
  const ttlMs = window === undefined ? rememberMs : window.pastMs + window.futureMs + 1
  return replayGuard({ store, ttlMs, leaseMs, duplicates, saysFailure })
}

/** Options of `app.register` itself, which it passes on. */
const registerNames = ['prefix', 'logLevel', 'logSerializers']

/** A misspelt option would silently keep its default. @throws {OptionInvalid} naming it */
function refuseUnknownOptions (vendor: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name) && !registerNames.includes(name)) {
      throw new OptionInvalid(
        vendor,
        `unknown option "${name}"; valid options: ${known.join(', ')}`
      )
    }
  }
}

/** @throws {OptionInvalid} unless the value is one of those listed */
function assertOneOf<T extends string> (
  vendor: string,
  name: string,
  value: T,
  allowed: readonly T[]
): T {
  if (!allowed.includes(value)) {
    throw new OptionInvalid(
      vendor,
      `option "${name}" must be one of ${allowed.map(choice => `'${choice}'`).join(', ')}`
    )
  }
  return value
}

/**
 * Checks an option that is true or false. Other values are refused rather than coerced: many of
 * them would turn a protection off.
 * @throws {OptionInvalid} unless the value is a boolean
 */
function assertFlag (vendor: string, name: string, value: boolean): boolean {
  if (typeof value !== 'boolean') {
    throw new OptionInvalid(vendor, `option "${name}" must be true or false`)
  }
  return value
}

/** @throws {OptionInvalid} unless the value is a positive safe integer, at most `most` */
function assertPositiveInteger (
  vendor: string,
  name: string,
  value: number,
  most?: number
): number {
  if (!Number.isSafeInteger(value) || value <= 0 || (most !== undefined && value > most)) {
    throw new OptionInvalid(
      vendor,
      `option "${name}" must be a positive integer${most === undefined ? '' : ` up to ${most}`}`
    )
  }
  return value
}
