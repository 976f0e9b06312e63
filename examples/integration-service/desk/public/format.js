// What things are called, and how times and durations are written.
import { language, t } from './strings.js'

const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' })
const date = new Intl.DateTimeFormat(language, { dateStyle: 'long' })

export function clockText (at) {
  return clock.format(at)
}

/** The time, and the day where it is not today's. */
export function timeText (at) {
  return isSameDay(at, Date.now()) ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`
}

/** The day as a heading. */
export function dayText (at, now = Date.now()) {
  if (isSameDay(at, now)) return t('today')
  if (isSameDay(at, now - 24 * 60 * 60 * 1000)) return t('yesterday')
  return date.format(at)
}

function isSameDay (a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

const moods = { dialling: 'warn', ringing: 'warn', connected: 'good', released: '' }

/** Text and mood of a call's state. */
export function stateOf ({ state, closed }) {
  return closed === 'missed' ? [t('missed'), 'bad'] : [t(`state.${state}`), moods[state] ?? '']
}

/** The customer's name, or the number where there is none. */
export function nameOf ({ customer, customerName, customerNumber, customerNumberText }) {
  return customer?.name ?? customerName ?? customerNumberText ?? customerNumber ??
    t('unknownNumber')
}

/** How the call ended; empty while it has not. */
export function outcomeOf ({ state, closed, releaseReason, releaseText }) {
  if (state !== 'released') return ''
  if (closed === 'missed') return t('closed.missed')
  const key = `reason.${releaseReason}`
  if (releaseReason !== null) return t(key) === key ? releaseText : t(key)
  return closed === null ? t('state.released') : t(`closed.${closed}`)
}

/** How long people have talked, or talked; empty when they have not. */
export function durationOf ({ state, talkSeconds, connectedAt, releasedAt }, now = Date.now()) {
  if (talkSeconds !== null) return secondsText(talkSeconds)
  if (connectedAt === null) return ''
  const end = state === 'released' ? releasedAt ?? connectedAt : now
  return secondsText((end - connectedAt) / 1000)
}

export function secondsText (seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (parts[0] === 0) parts.shift()
  return parts.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, '0'))
    .join(':')
}

/** Facts in one line, which breaks between them and not within a number or a name. */
export function factsText (...facts) {
  return facts.filter(Boolean).map(fact => fact.replaceAll(' ', '\u00a0')).join(' · ')
}

/** Text and mood of what an agent does. */
export function presenceOf ({ state, reason, signedIn }) {
  if (signedIn === false) return [t('presence.gone'), 'bad']
  if (state === 'away' && reason) return [t('presence.awayFor', { reason }), '']
  return [t(`presence.${state}`), { available: 'good', busy: 'warn' }[state] ?? '']
}
