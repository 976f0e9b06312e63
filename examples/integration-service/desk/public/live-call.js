// The live call, in a bar that never scrolls away.
import { api } from './api.js'
import { readDraft, saveDraft, onDraft } from './drafts.js'
import { formatDuration, displayName, describeState } from './format.js'
import { $, guard, setMark, setText } from './page.js'
import { openScreenPop } from './screen-pop.js'

let call = null

/** The call in the bar, or null. */
export function liveCall () {
  return call
}

/** `onClosed` receives the closed call. */
export function startLiveCall ({ onClosed }) {
  $('live-pop').addEventListener('click', guard(() => openScreenPop(call.callSerialNo)))
  $('live-close').addEventListener(
    'click',
    guard(async () => onClosed(await api.close(call.callSerialNo)))
  )
  $('live-note').addEventListener('input', () => {
    const { disposition = '' } = readDraft(call.callSerialNo) ?? call.wrapUp ?? {}
    saveDraft(call.callSerialNo, { disposition, note: $('live-note').value }, showDraft)
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
  const name = displayName(call)
  setText($('live-name'), name)
  $('live-name').dir = 'auto'
  setText($('live-number'), name === call.customerNumberText ? '' : call.customerNumberText ?? '')
  setMark($('live-mark'), ...describeState(call))
  $('live-pop').hidden = call.customerNumber === null
  if (before?.callSerialNo !== call.callSerialNo) {
    $('live-note').value = (readDraft(call.callSerialNo) ?? call.wrapUp)?.note ?? ''
  }
  tickLive()
}

export function tickLive () {
  if (call !== null) setText($('live-timer'), formatDuration(call))
}

function showDraft (id, { note }) {
  if (id === call?.callSerialNo && $('live-note').value !== note) $('live-note').value = note
}
