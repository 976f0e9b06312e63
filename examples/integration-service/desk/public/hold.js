/* global document, setTimeout, clearTimeout */
// Whether somebody is about to click, or reads with the keyboard: rows hold still meanwhile.

const releaseMs = 250
const listeners = new Set()
let pointed = null
let isPressed = false
let timer

/** Rows under the pointer, or with the focus in them, must not move; nor those of other lists. */
export function isHeld () {
  return isPressed || pointed?.isConnected === true ||
    document.activeElement?.closest('.rows') != null
}

/** Called when rows may move again. */
export function onRelease (listener) {
  listeners.add(listener)
}

document.addEventListener('pointerover', event => {
  const rows = event.target.closest?.('.rows') ?? null
  pointed = rows
  if (rows === null) release()
})
document.documentElement.addEventListener('pointerleave', () => {
  pointed = null
  release()
})
document.addEventListener('pointerdown', event => {
  isPressed = true
  pointed = event.target.closest?.('.rows') ?? null
}, true)
for (const end of ['pointerup', 'pointercancel']) {
  document.addEventListener(end, event => {
    isPressed = false
    // A finger that has left points at nothing.
    if (event.pointerType === 'touch') pointed = null
    release()
  }, true)
}
document.addEventListener('focusout', release)

function release () {
  clearTimeout(timer)
  timer = setTimeout(() => {
    if (!isHeld()) { for (const listener of listeners) listener() }
  }, releaseMs)
}
