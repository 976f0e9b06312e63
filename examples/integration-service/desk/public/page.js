/* global document, setTimeout */
// Helpers for every part of the page. Text is inserted as text, never as HTML.

import { api, formerSession } from './api.js'
import { t } from './strings.js'

const retryMs = 2000

export const $ = id => document.getElementById(id)

/** An element with a class, and texts or elements as children. */
export function make (name, className, ...content) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...content)
  return element
}

/** A name in its own text direction, independent of the surrounding text. */
export function makeName (className, text = '') {
  const element = make('bdi', className, text)
  element.dir = 'auto'
  return element
}

/** A button; `label` is for screen readers, if the text alone is ambiguous. */
export function createButton (text, label, onClick) {
  const element = make('button', '', text)
  element.type = 'button'
  if (label) element.setAttribute('aria-label', label)
  element.addEventListener('click', onClick)
  return element
}

export function createOption (value, text) {
  const element = make('option', '', text)
  element.value = value
  return element
}

/** Writes only changes, to keep the selection, the focus and screen readers undisturbed. */
export function setText (element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** A coloured mark whose text has the same meaning as its colour. */
export function setMark (element, text, mood) {
  setText(element, text)
  element.dataset.mood = mood
}

export function showProblem (text) {
  setText($('problem'), text)
  $('problem').hidden = text === ''
}

/** Calls `onFound` with the agent of the browser's session, or `onMissing` if there is none. */
export function findSession (onFound, onMissing) {
  api.whoAmI().then(onFound, error => {
    if (error.status === 401) {
      showProblem('')
      onMissing()
      return
    }
    // The session may be valid.
    showProblem(error.message)
    setTimeout(findSession, retryMs, onFound, onMissing)
  })
}

/** Shows an error beside a field; empty text removes it. */
export function showFieldError (id, text, field) {
  setText($(id), text)
  $(id).hidden = text === ''
  if (field) field.setAttribute('aria-invalid', String(text !== ''))
}

/** Announces a text to screen readers. */
export function announce (text) {
  setText($('announcer'), text)
}

const toastMs = 6000

/** A short notice that disappears by itself; an error stays until it is dismissed. */
export function toast (text, mood = 'good') {
  const isError = mood === 'bad'
  const element = make('p', 'toast', make('span', '', text))
  element.dataset.mood = mood
  const close = createButton('×', t('close'), () => element.remove())
  element.append(close)
  const list = $(isError ? 'alerts' : 'toasts')
  list.append(element)
  while (list.childElementCount > 4) list.firstElementChild.remove()
  if (!isError) setTimeout(() => element.remove(), toastMs)
}

/**
 * An event handler that shows errors, and prevents a second click meanwhile. `show` displays the
 * error; default: a notice.
 */
export function guard (action, show = text => text !== '' && toast(text, 'bad')) {
  return async event => {
    event.preventDefault()
    const control = event.submitter ?? event.currentTarget
    // Not `disabled`, which would lose the focus.
    if (control.ariaBusy === 'true') return
    control.ariaBusy = 'true'
    show('')
    try {
      await action(event)
    } catch (error) {
      // The page itself says that the session is over.
      if (error.code !== formerSession) show(error.message)
    } finally {
      control.ariaBusy = null
    }
  }
}
