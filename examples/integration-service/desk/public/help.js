/* global document, localStorage, location */
// Shortcuts, the dialog that lists them, and the user's settings.
import { $ } from './page.js'
import { chooseLanguage, language } from './strings.js'

/** `keys` describes each key. */
export function startHelp (keys) {
  $('to-help').addEventListener('click', () => $('help').showModal())
  for (const [id, key] of [['shortcuts', 'desk-shortcuts'], ['sound', 'desk-sound']]) {
    $(id).checked = localStorage.getItem(key) !== 'off'
    $(id).addEventListener('change', () => localStorage.setItem(key, $(id).checked ? 'on' : 'off'))
  }
  $('language').value = language
  $('language').addEventListener('change', () => {
    chooseLanguage($('language').value)
    location.reload()
  })
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (event.target.closest('input, textarea, select, dialog')) return
    if (event.key === '?') $('help').showModal()
    else if (!$('shortcuts').checked || !(event.key in keys)) return
    else keys[event.key](event)
    event.preventDefault()
  })
}
