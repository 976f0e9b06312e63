/* global EventSource */
// The service's events. The browser reconnects by itself and says which event it saw last;
// where it gives up, because the answer was no stream, we go on from there.
import { api, noAnswer } from './api.js'
import { $, setMark, showProblem } from './page.js'

const kinds = ['call.dialling', 'call.connected', 'call.released', 'chat.signed', 'chat.outdated']
const retryMs = 2000

let source = null
let timer
let lastId = ''

/**
 * Begins to listen. `onEvent` is given kind and data; `onStart` is called when nothing can be
 * missed from here on.
 */
export function listen ({ onStart, onEvent }) {
  let isNew = true
  const query = lastId === '' ? '' : `?after=${lastId}`
  source = new EventSource(`/api/events${query}`)
  source.addEventListener('open', () => {
    setMark($('connection'), 'Live', 'good')
    // No longer so.
    if ($('problem').textContent === noAnswer) showProblem('')
    // A source that reconnects resumes; a new one may have nothing to resume from.
    if (isNew) onStart()
    isNew = false
  })
  for (const kind of kinds) {
    source.addEventListener(kind, ({ data, lastEventId }) => {
      lastId = lastEventId
      onEvent(kind, JSON.parse(data))
    })
  }
  source.addEventListener('error', () => {
    setMark($('connection'), 'Reconnecting…', 'warn')
    if (source?.readyState !== EventSource.CLOSED) return
    // Refused: 401 ends it here, through the API's own notice; anything else is tried again.
    timer = setTimeout(async () => {
      const refused = await api.chats().then(() => false, error => error.status === 401)
      if (!refused && source?.readyState === EventSource.CLOSED) listen({ onStart, onEvent })
    }, retryMs)
  })
}

export function stopListening () {
  clearTimeout(timer)
  source?.close()
  source = null
  lastId = ''
}
