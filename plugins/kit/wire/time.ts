import { OptionInvalid } from '../errors.ts'
import { isInt64 } from './text.ts'

/** How far a timestamp may be from now, in milliseconds; both limits are inclusive. */
export interface TimeWindow {
  readonly pastMs: number
  readonly futureMs: number
}

/** The option, in milliseconds: one number for both directions, or one for each. */
export type Tolerance = number | { readonly pastMs: number, readonly futureMs: number }

/** @throws {OptionInvalid} unless both sides are positive finite integers */
export function timeWindow (vendor: string, tolerance: Tolerance): TimeWindow {
  const window = typeof tolerance === 'number'
    ? { pastMs: tolerance, futureMs: tolerance }
    : tolerance
  for (const side of ['pastMs', 'futureMs'] as const) {
    const value: unknown = window?.[side]
    if (!Number.isSafeInteger(value) || (value as number) <= 0) {
      throw new OptionInvalid(
        vendor,
        `option "tolerance" must be a positive integer of milliseconds, or { pastMs, futureMs }; ${side} is not a positive integer`
      )
    }
  }
  return { pastMs: window.pastMs, futureMs: window.futureMs }
}

/**
 * Whether a timestamp, epoch milliseconds as text, is within the window. Exact for all 64 bits: a
 * number beyond the safe integers is compared as a BigInt.
 */
export function isWithin (timestamp: string, now: number, window: TimeWindow): boolean {
  if (!isInt64(timestamp)) return false
  const age = millisecondsSince(timestamp, now)
  return age <= window.pastMs && -age <= window.futureMs
}

/**
 * How long ago the time was, negative if it is in the future. A number beyond the safe integers is
 * read as a BigInt, which is exact but slower.
 */
export function millisecondsSince (timestamp: string, now: number): number | bigint {
  return timestamp.length < 16 && Number.isSafeInteger(now)
    ? now - Number(timestamp)
    : BigInt(Math.trunc(now)) - BigInt(timestamp)
}
