// Formats names, times and durations.
import { serverNow } from './clock.js'
import { language, t } from './strings.js'

const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' })
const date = new Intl.DateTimeFormat(language, { dateStyle: 'long' })

export function formatClock (at) {
  return clock.format(at)
}

/** The time, with the date if it is not today. */
export function formatTime (at) {
  return isSameDay(at, serverNow()) ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`
}

/** The day as a heading. */
export function formatDay (at, now = serverNow()) {
  if (isSameDay(at, now)) return t('today')
  if (isSameDay(at, now - 24 * 60 * 60 * 1000)) return t('yesterday')
  return date.format(at)
}

function isSameDay (a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

const moods = { dialling: 'warn', ringing: 'warn', connected: 'good', released: '' }

/** Text and mood of a call's state. */
export function describeState ({ state, closed }) {
  return closed === 'missed' ? [t('missed'), 'bad'] : [t(`state.${state}`), moods[state] ?? '']
}

/** The same in every language. */
const vendorNames = {
  'oracle-csc': 'Oracle CSC',
  contiple: 'NHN Contiple',
  'online-contact': 'NHN Online Contact',
  'itx-chat': 'ITX Portal',
  'huawei-aicc': 'Huawei AICC',
  whatsapp: 'WhatsApp',
  line: 'LINE',
  twilio: 'Twilio'
}

export function formatVendor (id) {
  return vendorNames[id] ?? id
}

/** The customer's name, or else the number. */
export function displayName ({ customer, customerName, customerNumber, customerNumberText }) {
  return customer?.name ?? customerName ?? customerNumberText ?? customerNumber ??
    t('unknownNumber')
}

/** The outcome of a call; empty while it is open. */
export function describeOutcome ({ state, closed, releaseReason, releaseText }) {
  if (state !== 'released') return ''
  if (closed === 'missed') return t('closed.missed')
  const key = `reason.${releaseReason}`
  if (releaseReason !== null) return t(key) === key ? releaseText : t(key)
  return closed === null ? t('state.released') : t(`closed.${closed}`)
}

/** The talk time so far; empty without a conversation. */
export function formatDuration (
  { state, talkSeconds, connectedAt, releasedAt },
  now = serverNow()
) {
  if (talkSeconds !== null) return formatSeconds(talkSeconds)
  if (connectedAt === null) return ''
  const end = state === 'released' ? releasedAt ?? connectedAt : now
  return formatSeconds((end - connectedAt) / 1000)
}

export function formatSeconds (seconds) {
  const total = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  if (parts[0] === 0) parts.shift()
  return parts.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, '0'))
    .join(':')
}

/** Facts in one line, which breaks between facts and not within a number or a name. */
export function joinFacts (...facts) {
  return facts.filter(Boolean).map(keepTogether).join('\u00a0· ')
}

/** A text that does not break at its spaces. */
export function keepTogether (text) {
  return text.replaceAll(' ', '\u00a0')
}

/** Text and mood of an agent's state. */
export function describePresence ({ state, reason, signedIn }) {
  if (signedIn === false) return [t('presence.gone'), 'bad']
  if (state === 'away' && reason) return [t('presence.awayFor', { reason }), '']
  return [t(`presence.${state}`), { available: 'good', busy: 'warn' }[state] ?? '']
}
