/* global document, Notification, AudioContext, setInterval, clearInterval, setTimeout */
/* global clearTimeout, localStorage */
// Incoming calls: shown to available agents with a sound, and with a notification if the agent is
// in another window.
import { api, base } from './api.js'
import { nameOfAgent } from './desk-state.js'
import { displayName, describeOutcome, formatTime } from './format.js'
import { $, announce, guard, make, setText, toast } from './page.js'
import { t } from './strings.js'

/** Milliseconds without clicks, so that a click meant for something else does not accept a call. */
const inertMs = 400
const beepMs = 1800

/** Refusals of a call that has ended or that another agent has taken. */
const goneCodes = ['SERVICE_CALL_NOT_RINGING', 'SERVICE_CALL_TAKEN', 'SERVICE_NO_SUCH_CALL']

const ringing = new Map()
const declined = new Set()
let actions
let isAvailable = () => false
let shown = null
let isAccepting = false
let inertTimer
let beepTimer
let audio = null
let notification = null

/** `onAccepted` receives the call; `isAvailable` tells whether the agent is available. */
export function startIncoming ({ onAccepted, isAvailable: checkAvailable }) {
  actions = { onAccepted }
  isAvailable = checkAvailable
  $('accept').addEventListener('click', guard(accept))
  $('decline').addEventListener('click', () => {
    declined.add(shown.callSerialNo)
    paint()
  })
  $('notify').addEventListener('click', async () => {
    if (await Notification.requestPermission() !== 'granted') toast(t('notify.off'), 'warn')
    paintNotify()
  })
  paintNotify()
}

export function setRinging (calls) {
  ringing.clear()
  for (const call of calls) ringing.set(call.callSerialNo, call)
  paint()
}

/** Removes all data from the page when the session ends. */
export function clearRinging () {
  declined.clear()
  $('incoming-earlier').replaceChildren()
  for (const id of ['incoming-name', 'incoming-facts']) setText($(id), '')
  setRinging([])
}

export function ring (call) {
  ringing.set(call.callSerialNo, call)
  paint()
}

/** The caller of a ringing call; undefined for other calls. */
export function describeCaller (callSerialNo) {
  const call = ringing.get(callSerialNo)
  return call === undefined ? undefined : displayName(call)
}

/** Stops the ringing: the call was accepted or has ended. */
export function stopRinging ({ callSerialNo, agentId, closed }, ownId) {
  const call = ringing.get(callSerialNo)
  if (call === undefined) return
  ringing.delete(callSerialNo)
  const wasShown = shown?.callSerialNo === callSerialNo
  if (wasShown && agentId !== ownId) {
    const name = displayName(call)
    toast(
      agentId !== null
        ? t('incoming.taken', { name, agent: nameOfAgent(agentId) })
        : closed === 'missed'
        ? t('incoming.missed', { name })
        : t('incoming.gone', { name }),
      agentId === null ? 'warn' : ''
    )
  }
  declined.delete(callSerialNo)
  paint()
}

/** Shows ringing calls to an agent who becomes available. */
export function paintIncoming () {
  paint()
}

/** Accepts the shown call, by the button or the key: one request at a time. */
export async function accept () {
  if (shown === null || $('incoming').inert || isAccepting) return
  const { callSerialNo } = shown
  isAccepting = true
  try {
    await actions.onAccepted(await api.accept(callSerialNo))
  } catch (error) {
    const isGone = goneCodes.includes(error.code)
    // The event came first, and a notice has said who took the call.
    if (isGone && !ringing.has(callSerialNo)) return
    // After any other error it still rings, and the agent can try again.
    if (isGone) ringing.delete(callSerialNo)
    throw error
  } finally {
    isAccepting = false
    paint()
  }
}

function paint () {
  const offeredCalls = isAvailable()
    ? [...ringing.values()].filter(({ callSerialNo }) => !declined.has(callSerialNo))
    : []
  const previous = shown
  // The oldest call first; a shown call stays while it rings.
  shown = offeredCalls.find(({ callSerialNo }) => callSerialNo === previous?.callSerialNo) ??
    offeredCalls[0] ?? null
  $('incoming').hidden = shown === null
  playSound(shown !== null)
  if (shown === null) {
    notification?.close()
    return
  }
  const count = offeredCalls.length - 1
  setText($('incoming-more'), count === 0 ? '' : `· ${t('incoming.more', { count })}`)
  if (shown.callSerialNo === previous?.callSerialNo) return
  const name = displayName(shown)
  setText($('incoming-name'), name)
  $('incoming-name').dir = 'auto'
  setText(
    $('incoming-facts'),
    [name === shown.customerNumberText ? t('unknownCustomer') : shown.customerNumberText]
      .filter(Boolean).join(' · ')
  )
  $('incoming').inert = true
  // The timer of the call shown before would let a click through too early.
  clearTimeout(inertTimer)
  inertTimer = setTimeout(() => {
    $('incoming').inert = false
  }, inertMs)
  announce(t('incoming.from', { name }))
  notify(t('incoming.from', { name }))
  showHistory(shown).catch(() => {})
}

/** Shows the customer's note and history, with one request. */
async function showHistory ({ callSerialNo, customerNumber }) {
  $('incoming-earlier').replaceChildren()
  if (customerNumber === null) return
  const { customer, entries } = await api.timeline(customerNumber, { limit: 4 })
  if (shown?.callSerialNo !== callSerialNo) return
  const earlier = entries.filter(({ id }) => id !== callSerialNo).slice(0, 3)
  const lines = earlier.map(({ kind, at, call, data }) =>
    [
      formatTime(at),
      kind === 'call' ? `${t(call.direction)}, ${describeOutcome(call)}` : t(`timeline.${kind}`, {
        agent: nameOfAgent(data.agentId ?? null),
        channel: t(data.channel ?? '')
      }),
      call?.wrapUp?.disposition
    ].filter(Boolean).join(' · ')
  )
  $('incoming-earlier').replaceChildren(
    ...[...customer?.note ? [customer.note] : [], ...lines].map(line => make('li', '', line))
  )
  if (earlier.length === 0) $('incoming-earlier').append(make('li', '', t('incoming.first')))
}

function notify (text) {
  if (globalThis.Notification?.permission !== 'granted' || !document.hidden) return
  notification?.close()
  notification = new Notification(text, { tag: 'incoming-call', icon: `${base}/assets/icon.svg` })
  notification.addEventListener('click', () => globalThis.focus())
}

function paintNotify () {
  $('notify').hidden = globalThis.Notification?.permission !== 'default'
}

/** Two tones, repeated. Browsers that require a click first stay silent until then. */
function playSound (isOn) {
  if (!isOn || localStorage.getItem('desk-sound') === 'off') {
    clearInterval(beepTimer)
    beepTimer = undefined
    return
  }
  if (beepTimer !== undefined) return
  beep()
  beepTimer = setInterval(beep, beepMs)
}

function beep () {
  audio ??= new AudioContext()
  if (audio.state !== 'running') {
    audio.resume().catch(() => {})
    return
  }
  for (const [index, frequency] of [660, 880].entries()) {
    const [oscillator, gain] = [audio.createOscillator(), audio.createGain()]
    const start = audio.currentTime + index * 0.22
    oscillator.frequency.value = frequency
    gain.gain.setValueAtTime(0.0001, start)
    gain.gain.exponentialRampToValueAtTime(0.12, start + 0.03)
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.2)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(start)
    oscillator.stop(start + 0.21)
  }
}
