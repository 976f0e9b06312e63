const days = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'] as const
const minutesOfDay = 24 * 60

/**
 * The opening hours of a chat: the days (0 is Monday), and the start and end in minutes of the day.
 * An end that is not later than the start is on the next day.
 */
export interface OpeningHours {
  readonly days: ReadonlySet<number>
  readonly from: number
  readonly to: number
}

/** `always`, `08:00-16:00`, `Mo-Fr 08:00-16:00`, `Su 22:00-06:00`. @throws {TypeError} */
export function parseOpeningHours (text: string): OpeningHours {
  if (text === 'always') return { days: new Set(days.keys()), from: 0, to: minutesOfDay }
  const [, first, last = first, from = '', to = ''] =
    /^(?:([A-Z][a-z])(?:-([A-Z][a-z]))? )?([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})$/.exec(text) ?? []
  if (from === '') {
    throw new TypeError(
      `"${text}" is not valid. Examples of opening hours: always, 08:00-16:00, Mo-Fr 08:00-16:00`
    )
  }
  return {
    days: first === undefined
      ? new Set(days.keys())
      : listDays(parseDay(first), parseDay(last ?? first)),
    from: parseMinute(from),
    to: parseMinute(to)
  }
}

/** @param at epoch milliseconds */
export function isOpen (hours: OpeningHours, at: number, timeZone: string): boolean {
  const { day, minute } = localTime(at, timeZone)
  if (hours.from < hours.to) return hours.days.has(day) && minute >= hours.from && minute < hours.to
  const dayBefore = (day + 6) % 7
  return (hours.days.has(day) && minute >= hours.from) ||
    (hours.days.has(dayBefore) && minute < hours.to)
}

/** @throws {RangeError} for an invalid time zone */
export function localTime (at: number, timeZone: string): { day: number, minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23'
  }).formatToParts(at)
  const readPart = (type: string): string => parts.find(entry => entry.type === type)?.value ?? ''
  return {
    day: parseDay(readPart('weekday').slice(0, 2)),
    minute: Number(readPart('hour')) * 60 + Number(readPart('minute'))
  }
}

function listDays (first: number, last: number): ReadonlySet<number> {
  const numbers = new Set([first])
  for (let day = first; day !== last;) numbers.add(day = (day + 1) % 7)
  return numbers
}

function parseDay (name: string): number {
  const day = days.findIndex(entry => entry === name)
  if (day < 0) throw new TypeError(`"${name}" is not a day: ${days.join(', ')}`)
  return day
}

function parseMinute (text: string): number {
  const minute = Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  if (minute > minutesOfDay || Number(text.slice(3)) > 59) {
    throw new TypeError(`"${text}" is not a time of day`)
  }
  return minute
}
