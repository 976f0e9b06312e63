import { isInt64 } from '../wire/text.ts'
import { isWithin } from '../wire/time.ts'
import type { Diagnosis, Reason } from './diagnosis.ts'
import type { ExplainOptions } from './explain.ts'

/** Epoch milliseconds between which a time is plausible: the years 2001 to 2100. */
const [earliest, latest] = [10n ** 12n, 4_102_444_800_000n]

const units = [
  { unit: 'seconds', perSecond: 1n },
  { unit: 'milliseconds', perSecond: 1000n },
  { unit: 'microseconds', perSecond: 10n ** 6n },
  { unit: 'nanoseconds', perSecond: 10n ** 9n }
] as const

/** Why a signed time is refused, even if the signature matches. */
export function timeReasons<Input> (
  { timestamp: read, timeFormat = 'milliseconds' }: Pick<
    Diagnosis<Input>,
    'timestamp' | 'timeFormat'
  >,
  input: Input,
  { now, window }: ExplainOptions
): Reason[] {
  const timestamp = read?.(input)
  if (timestamp === undefined || now === undefined || window === undefined) return []
  if (isWithin(timestamp, now, window)) return []
  if (timeFormat === 'ISO 8601') {
    if (!isInt64(timestamp)) {
      return [malformed('not in ISO 8601', 'ISO 8601, such as 2026-01-31T09:30:00Z')]
    }
    return [outsideWindow(BigInt(timestamp), now, window)]
  }
  // As sent: a diagnosis appends 000 to seconds.
  const text = timeFormat === 'seconds' ? timestamp.slice(0, -'000'.length) : timestamp
  if (!isInt64(text)) return [malformed('not a decimal integer', `epoch ${timeFormat} in digits`)]
  const sent = BigInt(text)
  const likelyUnit = units.find(({ perSecond }) => isPlausible(sent * 1000n / perSecond))
  if (likelyUnit !== undefined && likelyUnit.unit !== timeFormat) {
    return [{
      code: `time-${likelyUnit.unit}`,
      text: `The time looks like ${likelyUnit.unit}.`,
      fix: `Send epoch ${timeFormat}.`
    }]
  }
  return [outsideWindow(BigInt(timestamp), now, window)]
}

/** Whether the reason is a wrong unit of time. */
export function isUnitReason ({ code }: Reason): boolean {
  return units.some(({ unit }) => code === `time-${unit}`)
}

function isPlausible (epochMs: bigint): boolean {
  return epochMs >= earliest && epochMs < latest
}

function malformed (problem: string, format: string): Reason {
  return { code: 'time-malformed', text: `The time is ${problem}.`, fix: `Send ${format}.` }
}

function outsideWindow (
  time: bigint,
  now: number,
  window: NonNullable<ExplainOptions['window']>
): Reason {
  const age = BigInt(Math.trunc(now)) - time
  const [limitMs, distanceMs, direction] = age > 0n
    ? [window.pastMs, age, 'past'] as const
    : [window.futureMs, -age, 'future'] as const
  return {
    code: 'time-outside-window',
    text: `The time is ${distanceMs} ms in the ${direction}; the limit is ${limitMs} ms.`,
    fix: 'Sync the clocks with NTP, sign just before sending, or widen the tolerance.'
  }
}
