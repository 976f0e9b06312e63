// The live call, in a bar that never scrolls away.
import { api } from './api.js'
import { readDraft, saveDraft, onDraft } from './drafts.js'
import { formatDuration, displayName, describeState } from './format.js'
import { $, guard, setMark, setText } from './page.js'
import { openScreenPop } from './screen-pop.js'

let call = null
let handlers = { onWritingEnded () {} }

/** The call in the bar, or null. */
export function liveCall () {
  return call
}

/**
 * `onClosed` receives the closed call; `onWritingEnded` the id of a call whose note was being
 * written when it left the bar, and the cursor's position.
 */
export function startLiveCall ({ onClosed, onWritingEnded }) {
  handlers = { onWritingEnded }
  $('live-pop').addEventListener('click', guard(() => openScreenPop(call.callSerialNo)))
  $('live-close').addEventListener(
    'click',
    guard(async () => onClosed(await api.close(call.callSerialNo)))
  )
  $('live-note').addEventListener('input', () => {
    if (call === null) return
    const { disposition = '' } = readDraft(call.callSerialNo) ?? call.wrapUp ?? {}
    saveDraft(call.callSerialNo, { disposition, note: $('live-note').value }, showDraft)
  })
  onDraft(showDraft)
}

/** The first live call stays until it ends. */
export function paintLive (calls) {
  const before = call
  call = calls.find(({ callSerialNo }) => callSerialNo === before?.callSerialNo) ?? calls[0] ?? null
  const isOther = before?.callSerialNo !== call?.callSerialNo
  const note = $('live-note')
  // The next keys must not go into another call's note, or become shortcuts.
  if (before !== null && isOther && note.matches(':focus')) {
    handlers.onWritingEnded(before.callSerialNo, note.selectionStart)
    note.blur()
  }
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
  if (isOther) {
    note.value = (readDraft(call.callSerialNo) ?? call.wrapUp)?.note ?? ''
  }
  tickLive()
}

export function tickLive () {
  if (call !== null) setText($('live-timer'), formatDuration(call))
}

function showDraft (id, { note }) {
  if (id === call?.callSerialNo && $('live-note').value !== note) $('live-note').value = note
}
