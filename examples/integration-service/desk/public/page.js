/* global document, setTimeout */
// The few things that every part of the page needs. Text goes in as text, never as HTML.

export const $ = id => document.getElementById(id)

/** An element with a class, and texts or elements in it. */
export function make (name, className, ...content) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...content)
  return element
}

/** A name in its own direction, whatever stands around it. */
export function makeName (className, text = '') {
  const element = make('bdi', className, text)
  element.dir = 'auto'
  return element
}

/**
 * A button; `label` is what a screen reader says, where the text alone does not tell which one it
 * is.
 */
export function button (text, label, onClick) {
  const element = make('button', '', text)
  element.type = 'button'
  if (label) element.setAttribute('aria-label', label)
  element.addEventListener('click', onClick)
  return element
}

export function option (value, text) {
  const element = make('option', '', text)
  element.value = value
  return element
}

/** Writes only what differs: what is selected, focused or read aloud stays so. */
export function setText (element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** A coloured mark; it says in words what its colour says. */
export function setMark (element, text, mood) {
  setText(element, text)
  element.dataset.mood = mood
}

export function showProblem (text) {
  setText($('problem'), text)
  $('problem').hidden = text === ''
}

/** What is wrong with a field, beside it; empty text takes it away. */
export function showFieldError (id, text, field) {
  setText($(id), text)
  $(id).hidden = text === ''
  if (field) field.setAttribute('aria-invalid', String(text !== ''))
}

/** Says something to those who cannot see it appear. */
export function announce (text) {
  setText($('announcer'), text)
}

const toastMs = 6000

/** A short notice that goes by itself; a bad one stays until it is read. */
export function toast (text, mood = 'good') {
  const isBad = mood === 'bad'
  const element = make('p', 'toast', make('span', '', text))
  element.dataset.mood = mood
  const close = button('×', 'Close', () => element.remove())
  element.append(close)
  const list = $(isBad ? 'alerts' : 'toasts')
  list.append(element)
  while (list.childElementCount > 4) list.firstElementChild.remove()
  if (!isBad) setTimeout(() => element.remove(), toastMs)
}

/**
 * An event handler that shows what went wrong, and lets nobody click twice meanwhile. `show` says
 * where; a notice by default.
 */
export function guarded (work, show = text => text !== '' && toast(text, 'bad')) {
  return async event => {
    event.preventDefault()
    const clicked = event.submitter ?? event.currentTarget
    // Not `disabled`, which would take the focus away.
    if (clicked.ariaBusy === 'true') return
    clicked.ariaBusy = 'true'
    show('')
    try {
      await work(event)
    } catch (error) {
      show(error.message)
    } finally {
      clicked.ariaBusy = null
    }
  }
}
