// What things are called, and how times and durations are written.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function timeText (at) {
  return new Date(at).toDateString() === new Date().toDateString()
    ? clock.format(at)
    : day.format(at)
}

const states = {
  dialling: ['Dialling', 'warn'],
  connected: ['Connected', 'good'],
  released: ['Ended', '']
}

/** Text and mood of a call's state. */
export function stateOf ({ state }) {
  return states[state] ?? [state, '']
}

/** The customer's name, or the number where there is none. */
export function nameOf ({ customer, customerNumber }) {
  return customer?.name ?? customerNumber ?? 'Unknown number'
}

/** How the call ended; empty while it has not. */
export function outcomeOf ({ state, releaseText }) {
  return state === 'released' ? releaseText ?? 'Ended' : ''
}

/** How long people have talked, or talked; empty when they have not. */
export function durationOf ({ state, talkSeconds, connectedAt, releasedAt }, now = Date.now()) {
  if (talkSeconds !== null) return secondsText(Number(talkSeconds))
  if (connectedAt === null) return ''
  const end = state === 'released' ? releasedAt ?? connectedAt : now
  return secondsText((end - connectedAt) / 1000)
}

function secondsText (seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (parts[0] === 0) parts.shift()
  return parts.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, '0'))
    .join(':')
}
