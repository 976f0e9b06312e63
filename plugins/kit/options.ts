import type { FastifyInstance } from 'fastify'
import { OptionInvalid } from './errors.ts'
import { keyRing, type KeyRing, type Keys } from './keys.ts'
import { timeWindow, type TimeWindow, type Tolerance } from './time.ts'

/** The names under which `FastifyInstance` is declared to hold a decorator of this type: what `as` accepts. */
export type DecoratorName<Decorator> = {
  [Name in keyof FastifyInstance & string]: FastifyInstance[Name] extends Decorator ? Name : never
}[keyof FastifyInstance & string]

/** The options of every vendor plugin. */
export interface CommonOptions<Decorator> {
  /** The vendor account's secret; several keys during a rotation: all verify, the newest signs. */
  keys: Keys
  /** Decorator name for a second account in one scope. Declare it on `FastifyInstance` first, with the vendor's decorator type. */
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
}

/** The common options, checked and with their defaults. */
export interface Settings {
  readonly as: string
  readonly keys: KeyRing
  readonly now: () => number
  readonly window?: TimeWindow
}

/**
 * Reads the options that every vendor plugin has.
 * @throws {OptionInvalid} naming the option: unknown, missing or impossible
 */
export function readCommonOptions<Decorator> (options: CommonOptions<Decorator> & WindowOption, policy: OptionsPolicy): Settings {
  const { vendor, decorator, own, published, defaultTolerance } = policy
  const timed = defaultTolerance === undefined ? [] : ['tolerance']
  refuseUnknownOptions(vendor, options, ['keys', 'as', 'minimumSecretLength', 'now', ...timed, ...own])
  const { as = decorator, now = Date.now } = options
  if (typeof as !== 'string' || as === '') throw new OptionInvalid(vendor, 'option "as" must be a decorator name')
  if (typeof now !== 'function') throw new OptionInvalid(vendor, 'option "now" must be a function that returns epoch milliseconds')
  const minimumLength = positiveInteger(vendor, 'minimumSecretLength', options.minimumSecretLength ?? 16)
  return {
    as,
    now,
    keys: keyRing(options.keys, { vendor, minimumLength, published }),
    ...defaultTolerance !== undefined && { window: timeWindow(vendor, options.tolerance ?? defaultTolerance) }
  }
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
export function oneOf<T extends string> (vendor: string, name: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw new OptionInvalid(vendor, `option "${name}" must be one of ${allowed.map(one => `'${one}'`).join(', ')}`)
  return value
}

/** @throws {OptionInvalid} unless the value is a positive safe integer */
export function positiveInteger (vendor: string, name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value <= 0) throw new OptionInvalid(vendor, `option "${name}" must be a positive integer`)
  return value
}
