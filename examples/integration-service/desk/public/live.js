/* global EventSource, BroadcastChannel, navigator, AbortController, setTimeout, clearTimeout */
/* global location, addEventListener */
// The service's events, over one connection for all tabs, because browsers allow only six per host:
// the tab that holds the lock listens and forwards events to the others. When it closes, another
// tab resumes at the last event. The browser reconnects by itself; if it gives up, or does not
// notice that the connection is dead, we reconnect.
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
/** The service sends something every 15 seconds. */
const silenceMs = 40_000
const sessionChannel = 'desk-session'

let connection = null

// A page from the browser's cache has missed events, and its session may be over.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})

/**
 * Starts listening. `onEvent` receives kind, data and id; `onStart` is called once no later event
 * can be missed; `onState` receives whether we are connected.
 */
export function listen ({ agentId, onStart, onEvent, onState, onSignedOut }) {
  stopListening()
  const name = `desk-events-${agentId}`
  const channel = new BroadcastChannel(name)
  const sessions = new BroadcastChannel(sessionChannel)
  const abort = new AbortController()
  let lastId = ''
  let source = null
  let timer
  let silenceTimer
  let isLeader = false
  let isStarted = false
  let isStopped = false
  let state = false

  channel.addEventListener('message', ({ data }) => receive(data))
  // All tabs share the cookie: from now on, this page would act as the other agent.
  sessions.addEventListener('message', ({ data }) => {
    if (data.agentId !== agentId) location.reload()
  })
  addEventListener('offline', loseConnection, { signal: abort.signal })
  // The old connection may be dead without an error.
  addEventListener('online', reopen, { signal: abort.signal })
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
    } else if (type === 'check') {
      // Another tab was refused; after a 401 here, the API's own event ends the session.
      api.work().catch(() => {})
    } else if (type === 'signed-out') onSignedOut()
    else if (!isLeader) follow(type, message)
  }

  function follow (type, message) {
    if (type === 'welcome' && !state) startAt(message.lastId)
    else if (type === 'start') startAt(message.lastId)
    else if (type === 'resumed') {
      // A tab that was opened meanwhile has loaded nothing yet.
      if (isStarted) setState(true)
      else startAt(message.lastId)
    } else if (type === 'lost') loseConnection()
    else if (type === 'event') {
      if (!isStarted) startAt(message.lastId)
      handleEvent(message)
    }
  }

  function becomeLeader () {
    if (isStopped) return
    isLeader = true
    let isNew = true
    source?.close()
    const stream = new EventSource(`${base}/api/events${lastId === '' ? '' : `?after=${lastId}`}`)
    source = stream
    awaitNews()
    stream.addEventListener('beat', awaitNews)
    stream.addEventListener('open', () => {
      awaitNews()
      // A source that reconnects resumes; a new one may have no event to resume from.
      if (isNew) {
        startAt(lastId)
        send({ type: 'start', lastId })
      } else {
        setState(true)
        send({ type: 'resumed', lastId })
      }
      isNew = false
    })
    for (const kind of kinds) {
      stream.addEventListener(kind, ({ data, lastEventId }) => {
        awaitNews()
        const event = { kind, data: JSON.parse(data), lastId: lastEventId }
        handleEvent(event)
        send({ type: 'event', ...event })
      })
    }
    stream.addEventListener('error', () => {
      loseConnection()
      send({ type: 'lost' })
      if (stream.readyState !== EventSource.CLOSED) return
      // Refused: after a 401 the API's own event ends the session; other errors are retried.
      clearTimeout(timer)
      timer = setTimeout(async () => {
        await api.work().catch(() => {})
        if (source === stream) becomeLeader()
      }, retryMs)
    })
  }

  /** A dead connection looks like a quiet one: the service's beat tells them apart. */
  function awaitNews () {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(reopen, silenceMs)
  }

  function reopen () {
    if (!isLeader || isStopped) return
    clearTimeout(timer)
    loseConnection()
    send({ type: 'lost' })
    becomeLeader()
  }

  function startAt (id) {
    lastId = id
    isStarted = true
    setState(true)
    onStart()
  }

  function handleEvent ({ kind, data, lastId: id }) {
    lastId = id
    setState(true)
    onEvent(kind, data, Number(id))
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
    clearTimeout(silenceTimer)
    source?.close()
    source = null
    abort.abort()
    channel.close()
    sessions.close()
  }
}

/** Notifies the other tabs of the sign-out. */
export function announceSignOut (agentId) {
  post(`desk-events-${agentId}`, { type: 'signed-out' })
}

/** Lets the other tabs check their session: the service refused this one's. */
export function announceRefusal (agentId) {
  post(`desk-events-${agentId}`, { type: 'check' })
}

/** Notifies other agents' tabs of the sign-in, which ended their session. */
export function announceSignIn (agentId) {
  post(sessionChannel, { agentId })
}

function post (name, message) {
  const channel = new BroadcastChannel(name)
  channel.postMessage(message)
  channel.close()
}

export function stopListening () {
  connection?.stop()
  connection = null
}
