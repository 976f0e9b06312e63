/* global document, localStorage, location, performance */
// Shortcuts, the dialog that lists them, and the user's settings.
import { $ } from './page.js'
import { chooseLanguage, language } from './strings.js'

/** Milliseconds after typing in a field during which no key is a shortcut. */
const typingMs = 1000

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
  let typedAt = -Infinity
  document.addEventListener('keydown', event => {
    if (event.target.closest('input, textarea, select, dialog')) {
      // Keys that end the typing are no part of a word.
      typedAt = ['Enter', 'Escape', 'Tab'].includes(event.key) ? -Infinity : performance.now()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    // A key held down is pressed once. A field may disappear while a person types in it: the rest
    // of the word is no command.
    if (event.repeat || performance.now() - typedAt < typingMs) return
    if (event.key === '?') $('help').showModal()
    else if (!$('shortcuts').checked || !(event.key in keys)) return
    else keys[event.key](event)
    event.preventDefault()
  })
}
