/* global EventSource, BroadcastChannel, navigator, AbortController, setTimeout, clearTimeout */
// The service's events, over one connection for all tabs, because browsers allow only six per host:
// the tab that holds the lock listens and forwards events to the others. When it closes, another
// tab resumes at the last event. The browser reconnects by itself; if it gives up, we reconnect.
import { api, base } from './api.js'

const kinds = [
  'call.dialling',
  'call.ringing',
  'call.accepted',
  'call.connected',
  'call.released',
  'call.missed',
  'call.closed',
  'call.wrapped',
  'agent.state',
  'chat.signed',
  'chat.ended',
  'conversation.message',
  'conversation.status',
  'conversation.linked',
  'refusal'
]
const retryMs = 2000

let connection = null

/**
 * Starts listening. `onEvent` receives kind and data; `onStart` is called once no later event can
 * be missed; `onState` receives whether we are connected.
 */
export function listen ({ agentId, onStart, onEvent, onState, onSignedOut }) {
  stopListening()
  const name = `desk-events-${agentId}`
  const channel = new BroadcastChannel(name)
  const abort = new AbortController()
  let lastId = ''
  let source = null
  let timer
  let isLeader = false
  let isStopped = false
  let state = false

  channel.addEventListener('message', ({ data }) => receive(data))
  send({ type: 'hello' })
  if (navigator.locks === undefined) becomeLeader()
  else {
    // Held until this tab closes or stops.
    navigator.locks.request(name, { signal: abort.signal }, async () => {
      becomeLeader()
      await new Promise(resolve => abort.signal.addEventListener('abort', resolve))
    }).catch(() => {})
  }
  connection = { stop }

  function receive ({ type, ...message }) {
    if (isStopped) return
    if (type === 'hello' && isLeader && state) {
      // A new tab starts from the current position.
      send({ type: 'welcome', lastId })
    } else if (type === 'welcome' && !isLeader && !state) startAt(message.lastId)
    else if (type === 'start' && !isLeader) startAt(message.lastId)
    else if (type === 'lost' && !isLeader) loseConnection()
    else if (type === 'event' && !isLeader) handleEvent(message)
    else if (type === 'signed-out') onSignedOut()
  }

  function becomeLeader () {
    if (isStopped) return
    isLeader = true
    let isNew = true
    source = new EventSource(`${base}/api/events${lastId === '' ? '' : `?after=${lastId}`}`)
    source.addEventListener('open', () => {
      // A source that reconnects resumes; a new one may have no event to resume from.
      if (isNew) {
        startAt(lastId)
        send({ type: 'start', lastId })
      } else setState(true)
      isNew = false
    })
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data, lastEventId }) => {
        const event = { kind, data: JSON.parse(data), lastId: lastEventId }
        handleEvent(event)
        send({ type: 'event', ...event })
      })
    }
    source.addEventListener('error', () => {
      loseConnection()
      send({ type: 'lost' })
      if (source?.readyState !== EventSource.CLOSED) return
      // Refused: after a 401 the API's own event ends the session; other errors are retried.
      timer = setTimeout(async () => {
        const isSignedOut = await api.work().then(() => false, error => error.status === 401)
        if (isSignedOut) send({ type: 'signed-out' })
        else if (!isStopped) becomeLeader()
      }, retryMs)
    })
  }

  function startAt (id) {
    lastId = id
    setState(true)
    onStart()
  }

  function handleEvent ({ kind, data, lastId: id }) {
    lastId = id
    setState(true)
    onEvent(kind, data)
  }

  function loseConnection () {
    setState(false)
  }

  function setState (isLive) {
    state = isLive
    onState(isLive)
  }

  function send (message) {
    if (!isStopped) channel.postMessage(message)
  }

  function stop () {
    isStopped = true
    clearTimeout(timer)
    source?.close()
    source = null
    abort.abort()
    channel.close()
  }
}

/** Notifies the other tabs of the sign-out. */
export function announceSignOut (agentId) {
  const channel = new BroadcastChannel(`desk-events-${agentId}`)
  channel.postMessage({ type: 'signed-out' })
  channel.close()
}

export function stopListening () {
  connection?.stop()
  connection = null
}
