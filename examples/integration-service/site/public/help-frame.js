/* global document, window */
// The page in the frame posts its height as a number. Only messages from this frame and its origin
// are accepted: any window may post to this one. This script runs before the frame exists.
window.addEventListener('message', ({ origin, source, data }) => {
  const frame = document.getElementById('ocPage')
  if (frame === null || origin !== frame.dataset.origin || source !== frame.contentWindow) return
  const height = typeof data === 'string' && /^\d{1,6}$/.test(data) ? Number(data) : data
  if (typeof height !== 'number' || !(height > 0) || height > 100_000) return
  const margin = 70
  const availableHeight = document.documentElement.clientHeight -
    frame.getBoundingClientRect().top -
    window.scrollY
  frame.style.height = `${Math.max(height + margin, availableHeight)}px`
})
