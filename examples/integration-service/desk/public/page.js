/* global document */
// The few things that every part of the page needs. Text goes in as text, never as HTML.

export const $ = id => document.getElementById(id)

/** An element with a class, and texts or elements in it. */
export function make (name, className, ...content) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...content)
  return element
}

/**
 * A button; `label` is what a screen reader says, where the text alone does not tell which one it
 * is.
 */
export function button (text, label, onClick) {
  const element = make('button', '', text)
  element.type = 'button'
  element.setAttribute('aria-label', label)
  element.addEventListener('click', onClick)
  return element
}

/** A coloured mark; it says in words what its colour says. */
export function setMark (element, text, mood) {
  element.textContent = text
  element.dataset.mood = mood
}

export function showProblem (text) {
  $('problem').textContent = text
  $('problem').hidden = text === ''
}

/** Says something to those who cannot see it appear. */
export function announce (text) {
  $('announcer').textContent = text
}

/** An event handler that shows what went wrong, and lets nobody click twice meanwhile. */
export function guarded (work) {
  return async event => {
    event.preventDefault()
    const clicked = event.submitter ?? event.currentTarget
    // Not `disabled`, which would take the focus away.
    if (clicked.ariaBusy === 'true') return
    clicked.ariaBusy = 'true'
    showProblem('')
    try {
      await work(event)
    } catch (error) {
      showProblem(error.message)
    } finally {
      clicked.ariaBusy = null
    }
  }
}
