// The agent's wrap-up of a call. Unsaved text is never lost.
import { api, formerSession } from './api.js'
import { chosenCall } from './card.js'
import { desk, nameOfAgent } from './desk-state.js'
import { readDraft, dropDraft, saveDraft, onDraft } from './drafts.js'
import { displayName, formatTime } from './format.js'
import { $, guard, createOption, setText, showFieldError, toast } from './page.js'
import { t } from './strings.js'

let shown = null

/** `onSaved` receives the call's id. */
export function startWrapUp ({ onSaved }) {
  const { elements } = $('wrap-up')
  $('wrap-up').addEventListener('input', () => {
    const { disposition, note } = readForm()
    saveDraft(shown.callSerialNo, { disposition, note }, fillForm)
    showFieldError('wrap-up-error', '', elements.disposition)
    setText($('wrap-up-state'), t('wrapUp.draft'))
  })
  $('wrap-up').addEventListener(
    'submit',
    guard(async () => {
      const { callSerialNo, wrapUp } = shown
      const { disposition, note } = readForm()
      if (disposition === '') {
        elements.disposition.focus()
        throw new Error(t('wrapUp.needed'))
      }
      const name = displayName(shown)
      try {
        await api.wrapUp(callSerialNo, { disposition, note, seen: wrapUp?.writtenAt ?? null })
      } catch (error) {
        // The other agent's text is shown beside; the text typed here stays.
        if (error.status === 409) await onSaved(callSerialNo)
        if (shown?.callSerialNo === callSerialNo || error.code === formerSession) throw error
        // The form is another call's by now.
        toast(t('wrapUp.notSaved', { name, text: error.message }), 'bad')
        return
      }
      // Drop only the text that was saved, not text typed meanwhile.
      const draft = readDraft(callSerialNo)
      if (draft?.disposition === disposition && draft.note === note) dropDraft(callSerialNo)
      toast(t('wrapUp.toast', { text: name }))
      await onSaved(callSerialNo)
    }, text => showFieldError('wrap-up-error', text, elements.disposition))
  )
  onDraft(fillForm)
}

export function setDispositions (dispositions) {
  $('wrap-up').elements.disposition.replaceChildren(
    createOption('', t('wrapUp.choose')),
    ...dispositions.map(text => createOption(text, text))
  )
  if (shown !== null) {
    fillForm(shown.callSerialNo, readDraft(shown.callSerialNo) ?? shown.wrapUp ?? {})
  }
}

/** Shows the form for one of the agent's own calls. */
export function showWrapUp (call) {
  const isMine = call !== null &&
    (call.agentId === desk.agent?.id || desk.agent?.role === 'supervisor')
  $('wrap-up-panel').hidden = !isMine
  const previous = shown
  shown = isMine ? call : null
  if (shown === null) return
  const { wrapUp } = shown
  const draft = readDraft(shown.callSerialNo)
  if (previous?.callSerialNo !== shown.callSerialNo || draft === null) {
    fillForm(shown.callSerialNo, draft ?? wrapUp ?? {})
  }
  if (previous?.callSerialNo !== shown.callSerialNo) showFieldError('wrap-up-error', '')
  setText(
    $('wrap-up-state'),
    draft !== null
      ? t('wrapUp.draft')
      : wrapUp === null
      ? ''
      : t('wrapUp.saved', {
        time: formatTime(wrapUp.writtenAt),
        agent: nameOfAgent(wrapUp.agentId)
      })
  )
}

/** Whether the agent is writing about the chosen call: the form must not change under the text. */
export function isWriting () {
  return $('wrap-up').elements.note.matches(':focus')
}

/** Moves the focus to a field of the form. */
export function focusWrapUp (name = 'disposition', cursor = null) {
  if (chosenCall() === null || $('wrap-up-panel').hidden) return
  const field = $('wrap-up').elements[name]
  field.focus({ preventScroll: true })
  if (cursor !== null) field.setSelectionRange(cursor, cursor)
  $('wrap-up-panel').scrollIntoView({ block: 'nearest' })
}

function fillForm (id, { disposition = '', note = '' }) {
  if (id !== shown?.callSerialNo) return
  const { elements } = $('wrap-up')
  elements.disposition.value = disposition
  if (elements.note.value !== note) elements.note.value = note
}

function readForm () {
  const { disposition, note } = $('wrap-up').elements
  return { disposition: disposition.value, note: note.value }
}
