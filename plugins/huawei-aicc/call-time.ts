import { InputError } from '../kit/scheme.ts'

const callTime = /^(\d{4})\/(\d{2})\/(\d{2}),(\d{2}):(\d{2}):(\d{2}):(\d{3})$/
const zoneOffset = /^([+-])(0\d|1[0-4]):([0-5]\d)$/

/**
 * Epoch milliseconds of a callback's time text, `yyyy/MM/dd,HH:mm:ss:SSS`.
 * @param zone the offset from UTC that the text was written in, `±hh:mm`; the vendor gives none
 * @throws {InputError} on another format or a time that does not exist
 * @throws {TypeError} on a zone that is no offset
 */
export function parseCallTime (text: string, zone = '+08:00'): number {
  const offset = offsetMs(zone)
  const parts = callTime.exec(text)
  if (parts === null) throw new InputError('the time is not yyyy/MM/dd,HH:mm:ss:SSS')
  const [, year, month, day, hour, minute, second, millisecond] = parts
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`)
  // Engines turn 30 February into 1 March: a date that does not round-trip does not exist.
  if (Number.isNaN(local) || formatUtc(local) !== text) {
    throw new InputError('the time does not exist')
  }
  return local - offset
}

/**
 * The time text of epoch milliseconds.
 * @throws {TypeError} on what is not a time between the years 0 and 9999, or a zone that is no
 * offset
 */
export function formatCallTime (epochMs: number, zone = '+08:00'): string {
  const text = formatUtc(epochMs + offsetMs(zone))
  if (!callTime.test(text)) {
    throw new TypeError('the time must be epoch milliseconds in the years 0 to 9999')
  }
  return text
}

function offsetMs (zone: string): number {
  const parts = zoneOffset.exec(zone)
  if (parts === null) throw new TypeError('zone must be an offset from UTC such as +08:00')
  const [, sign, hours, minutes] = parts
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
}

function formatUtc (local: number): string {
  const date = new Date(local)
  if (Number.isNaN(date.getTime())) return ''
  return date.toISOString().replace('T', ',').replace('.', ':').replace('Z', '').replaceAll(
    '-',
    '/'
  )
}
