import { isInt64 } from '../wire/text.ts'
import { isWithin } from '../wire/time.ts'
import type { Reason } from './diagnosis.ts'
import type { ExplainOptions } from './explain.ts'

/** Epoch milliseconds between which a time is plausible: the years 2001 to 2100. */
const [earliest, latest] = [10n ** 12n, 4_102_444_800_000n]

const units = [
  { code: 'time-seconds', unit: 'seconds', inMs: (time: bigint) => time * 1000n },
  { code: 'time-microseconds', unit: 'microseconds', inMs: (time: bigint) => time / 1000n },
  { code: 'time-nanoseconds', unit: 'nanoseconds', inMs: (time: bigint) => time / 1_000_000n }
]

/** Why a signed time is refused, even if the signature matches. */
export function timeReasons (
  timestamp: string | undefined,
  { now, window }: ExplainOptions
): Reason[] {
  if (timestamp === undefined || now === undefined || window === undefined) return []
  if (isWithin(timestamp, now, window)) return []
  if (!isInt64(timestamp)) {
    return [{
      code: 'time-malformed',
      text: 'The time is not a decimal integer.',
      fix: 'Send epoch milliseconds in digits.'
    }]
  }
  const time = BigInt(timestamp)
  const likelyUnit = units.find(({ inMs }) => inMs(time) >= earliest && inMs(time) < latest)
  if (likelyUnit !== undefined && (time < earliest || time >= latest)) {
    return [{
      code: likelyUnit.code,
      text: `The time looks like ${likelyUnit.unit}.`,
      fix: 'Send epoch milliseconds.'
    }]
  }
  const age = BigInt(Math.trunc(now)) - time
  const [limitMs, distanceMs, direction] = age > 0n
    ? [window.pastMs, age, 'past'] as const
    : [window.futureMs, -age, 'future'] as const
  return [{
    code: 'time-outside-window',
    text: `The time is ${distanceMs} ms in the ${direction}; the limit is ${limitMs} ms.`,
    fix: 'Sync the clocks with NTP, sign just before sending, or widen the tolerance.'
  }]
}

/** Whether the reason is a wrong unit of time. */
export function isUnitReason ({ code }: Reason): boolean {
  return units.some(unit => unit.code === code)
}
