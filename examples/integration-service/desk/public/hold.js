/* global document, setTimeout, clearTimeout */
// Rows hold still while the user is about to click, or reads with the keyboard.

const releaseMs = 250
const listeners = new Set()
let pointedRows = null
let isPressed = false
let timer

/**
 * Rows under the pointer, or with the focus, must not move. Other lists hold still too, unless they
 * are in another column.
 */
export function isHeld (list = null) {
  if (isPressed) return true
  const heldRows = pointedRows?.isConnected === true
    ? pointedRows
    : document.activeElement?.closest('.rows') ?? null
  return heldRows !== null && !areInDifferentColumns(heldRows, list)
}

function areInDifferentColumns (listA, listB) {
  const [a, b] = [listA, listB].map(list => list?.closest('.region')?.getBoundingClientRect())
  return a !== undefined && b !== undefined && a.top === b.top && a.left !== b.left
}

/** Called when rows may move again; each list checks whether its own may. */
export function onRelease (listener) {
  listeners.add(listener)
}

document.addEventListener('pointerover', event => {
  const rows = event.target.closest?.('.rows') ?? null
  pointedRows = rows
  if (rows === null) release()
})
document.documentElement.addEventListener('pointerleave', () => {
  pointedRows = null
  release()
})
document.addEventListener('pointerdown', event => {
  isPressed = true
  pointedRows = event.target.closest?.('.rows') ?? null
}, true)
for (const end of ['pointerup', 'pointercancel']) {
  document.addEventListener(end, event => {
    isPressed = false
    // A lifted finger points at nothing.
    if (event.pointerType === 'touch') pointedRows = null
    release()
  }, true)
}
document.addEventListener('focusout', release)

function release () {
  clearTimeout(timer)
  timer = setTimeout(() => {
    for (const listener of listeners) listener()
  }, releaseMs)
}
