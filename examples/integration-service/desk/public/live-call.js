// The live call, in a bar that never scrolls away.
import { api } from './api.js'
import { draftOf, keepDraft, onDraft } from './drafts.js'
import { durationOf, nameOf, stateOf } from './format.js'
import { $, guarded, setMark, setText } from './page.js'
import { screenPop } from './screen-pop.js'

let call = null

/** The call in the bar, or null. */
export function liveCall () {
  return call
}

/** `onClosed` receives the closed call. */
export function startLiveCall ({ onClosed }) {
  $('live-pop').addEventListener('click', guarded(() => screenPop(call.callSerialNo)))
  $('live-close').addEventListener(
    'click',
    guarded(async () => onClosed(await api.close(call.callSerialNo)))
  )
  $('live-note').addEventListener('input', () => {
    const { disposition = '' } = draftOf(call.callSerialNo) ?? call.wrapUp ?? {}
    keepDraft(call.callSerialNo, { disposition, note: $('live-note').value }, showDraft)
  })
  onDraft(showDraft)
}

/** The first live call stays until it ends. */
export function paintLive (calls) {
  const before = call
  call = calls.find(({ callSerialNo }) => callSerialNo === before?.callSerialNo) ?? calls[0] ?? null
  $('no-live').hidden = call !== null
  $('live-call').hidden = call === null
  $('strip').toggleAttribute('data-live', call !== null)
  if (call === null) return
  const name = nameOf(call)
  setText($('live-name'), name)
  $('live-name').dir = 'auto'
  setText($('live-number'), name === call.customerNumberText ? '' : call.customerNumberText ?? '')
  setMark($('live-mark'), ...stateOf(call))
  $('live-pop').hidden = call.customerNumber === null
  if (before?.callSerialNo !== call.callSerialNo) {
    $('live-note').value = (draftOf(call.callSerialNo) ?? call.wrapUp)?.note ?? ''
  }
  tickLive()
}

export function tickLive () {
  if (call !== null) setText($('live-timer'), durationOf(call))
}

function showDraft (id, { note }) {
  if (id === call?.callSerialNo && $('live-note').value !== note) $('live-note').value = note
}
