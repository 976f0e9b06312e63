/* global document, location, FormData, setInterval, clearInterval, setTimeout, clearTimeout */
// The agent desktop: sign-in, and the connections between its parts.
import { api, changeSession, formerSession } from './api.js'
import {
  clearCalls,
  continueNote,
  liveCalls,
  paintChosen,
  putCall,
  refreshCall,
  setCalls,
  showOwnCall,
  tickCalls,
  waitForCalls
} from './calls.js'
import { choose, chosenCall, startCard } from './card.js'
import { clearChats, listChats, startChats, waitForChats } from './chats.js'
import { serverNow } from './clock.js'
import { desk } from './desk-state.js'
import { dropDrafts, keepDraftsOf } from './drafts.js'
import { displayName } from './format.js'
import { startHelp } from './help.js'
import {
  clearHistory,
  handleHistoryEvent,
  refreshHistory,
  search,
  setFilters,
  startHistory,
  waitForHistory
} from './history.js'
import {
  accept,
  clearRinging,
  describeCaller,
  paintIncoming,
  ring,
  setRinging,
  startIncoming,
  stopRinging
} from './incoming.js'
import { announceRefusal, announceSignIn, announceSignOut, listen, stopListening } from './live.js'
import { liveCall, startLiveCall, tickLive } from './live-call.js'
import {
  clearMessages,
  listConversations,
  handleMessageEvent,
  startMessages,
  waitForMessages
} from './messages.js'
import {
  $,
  announce,
  findSession,
  guard,
  createOption,
  setMark,
  showFieldError,
  showProblem,
  toast
} from './page.js'
import { createRefresh } from './refresh.js'
import { openScreenPop } from './screen-pop.js'
import { t, translatePage } from './strings.js'
import { getOwnEntry, setTeam, handleTeamEvent, waitForTeam } from './team.js'
import { showTimeline, startTimeline } from './timeline.js'
import { setDispositions, showWrapUp, startWrapUp } from './wrap-up.js'

const settleMs = 300
const retryMs = 2000

let tickTimer
let refreshTimer
let retryTimer
let isSigningOut = false

translatePage()
const dialField = $('dial').elements.number
const signInProblem = text => showFieldError('sign-in-error', text, $('sign-in').elements.password)

$('sign-in').addEventListener(
  'submit',
  guard(async () => {
    const agent = await api.signIn(Object.fromEntries(new FormData($('sign-in'))))
    $('sign-in').reset()
    announceSignIn(agent.id)
    openDesk(agent)
  }, signInProblem)
)
$('sign-out').addEventListener(
  'click',
  guard(async () => {
    const { id } = desk.agent
    // The event of the sign-out may arrive before the answer.
    isSigningOut = true
    try {
      await api.signOut()
    } finally {
      isSigningOut = false
    }
    dropDrafts()
    announceSignOut(id)
    // Reload, so that no data stays in the page.
    location.reload()
  })
)
$('dial').addEventListener(
  'submit',
  guard(async () => {
    // Clear only the dialled number, not text typed meanwhile.
    const number = dialField.value
    if (await dial(number) && dialField.value === number) dialField.value = ''
  }, text => showFieldError('dial-error', text, dialField))
)
$('state').addEventListener(
  'change',
  // Not guarded against a second choice, which must win.
  () => {
    unsavedState = $('state').value
    saveState().catch(error => error.code !== formerSession && toast(error.message, 'bad'))
  }
)
document.addEventListener('signed-out', () => {
  if (isSigningOut || desk.agent === null) return
  announceRefusal(desk.agent.id)
  closeDesk()
})

startCard({ dial, search: number => search(number, true), onChoose: paintCustomer })
startLiveCall({ onClosed: putCall, onWritingEnded: continueNote })
startWrapUp({ onSaved: refreshCall })
startTimeline()
startChats({ dial })
startMessages()
startHistory({ dial, choose: call => choose(call, true) })
startIncoming({
  onAccepted: showOwnCall,
  isAvailable: () => getOwnEntry()?.state === 'available' && liveCalls().length === 0
})
startHelp({
  a: acceptCall,
  c: guard(async () => {
    if (liveCall() === null || desk.without.includes('screenPop')) return
    await openScreenPop(liveCall().callSerialNo)
  }),
  n: () => $('live-call').hidden ? null : $('live-note').focus(),
  d: () => dialField.focus(),
  '/': () => $('search').elements.search.focus()
})
findSession(openDesk, closeDesk)

function acceptCall () {
  accept().catch(error => error.code !== formerSession && toast(error.message, 'bad'))
}

/** The chosen state until it is saved; events do not change the choice meanwhile. */
let unsavedState = null

/** Saves the chosen state, and again if another was chosen meanwhile. */
const saveState = createRefresh(async () => {
  const value = unsavedState
  if (value === null) return
  const [state, reason = null] = JSON.parse(value)
  try {
    await api.setState({ state, reason })
    handleTeamEvent('agent.state', { agentId: desk.agent.id, state, reason, since: serverNow() })
  } finally {
    if (unsavedState === value) {
      unsavedState = null
      if (desk.agent !== null) paintState()
    }
  }
})

function openDesk (agent) {
  changeSession()
  keepDraftsOf(agent.id)
  desk.agent = agent
  desk.names.set(agent.id, agent.name)
  $('agent').textContent = agent.name
  $('to-supervisor').hidden = agent.role !== 'supervisor'
  showProblem('')
  showSignedIn(true)
  for (
    const showSkeletons of [
      waitForCalls,
      waitForChats,
      waitForMessages,
      waitForTeam,
      waitForHistory
    ]
  ) showSkeletons()
  dialField.focus({ preventScroll: true })
  tickTimer = setInterval(() => {
    tickLive()
    tickCalls()
  }, 1000)
  listen({ agentId: agent.id, onStart: loadAll, onEvent, onState, onSignedOut: closeDesk })
}

/** Loads the current state; events update it from here on. */
function loadAll () {
  clearTimeout(retryTimer)
  const parts = [loadWork(), listChats(), listConversations(), refreshHistory()]
  Promise.all(parts).then(() => showProblem(''), showFailure)
}

/** Events since the request for the work: its answer may be older than they are. */
let newEvents = null

const loadWork = createRefresh(async () => {
  newEvents = []
  try {
    await updateWork()
  } finally {
    newEvents = null
  }
})

async function updateWork () {
  let work = await api.work()
  if (work.agentId !== desk.agent.id) {
    // Another agent signed in in this browser.
    location.reload()
    return
  }
  if (work.state === null) {
    // An agent who opens the desk becomes available.
    await api.setState({ state: 'available', reason: null })
    newEvents = []
    work = await api.work()
  }
  const later = newEvents.filter(({ id }) => id > work.position)
  const changedIds = new Set(
    later.filter(({ kind }) => kind !== 'call.ringing').map(({ event }) => event.callSerialNo)
  )
  const ringing = work.ringing.filter(({ callSerialNo }) => !changedIds.has(callSerialNo))
  showWork({ ...work, ringing })
  for (const { kind, event } of later) applyCallEvent(kind, event)
}

function showWork (work) {
  // Hide actions that no configured vendor supports.
  desk.without = Object.keys(work.can).filter(name => !work.can[name])
  document.body.dataset.without = desk.without.join(' ')
  desk.dispositions = work.dispositions
  desk.awayReasons = work.awayReasons
  for (const { id, name } of work.agents) desk.names.set(id, name)
  setTeam(work.team)
  setDispositions(work.dispositions)
  setFilters({ agents: work.agents, dispositions: work.dispositions })
  setCalls(work.calls)
  setRinging(work.ringing)
  paintState()
}

function onState (isLive) {
  // The connection is back: the message is outdated.
  if (isLive && $('dial-error').textContent === t('noAnswer')) {
    showFieldError('dial-error', '', dialField)
  }
  setMark($('connection'), t(isLive ? 'live' : 'reconnecting'), isLive ? 'good' : 'warn')
}

function onEvent (kind, event, id) {
  newEvents?.push({ kind, event, id })
  if (kind.startsWith('chat.')) {
    listChats(event.chatId).then(refreshTimelineOf).catch(showFailure)
    return
  }
  if (kind.startsWith('conversation.')) {
    handleMessageEvent(kind, event).then(refreshTimelineOf).catch(showFailure)
    return
  }
  applyCallEvent(kind, event)
  if (!kind.startsWith('call.')) return
  if (event.agentId === desk.agent.id) {
    // Changes in quick succession are fetched once.
    clearTimeout(refreshTimer)
    refreshTimer = setTimeout(() => {
      refreshHistory().catch(showFailure)
      refreshTimelineOf(chosenCall()?.customerNumber ?? null)
    }, settleMs)
  } else if (kind !== 'call.ringing') handleHistoryEvent(event)
}

/** Applies an event to the team, the ringing calls and the agent's own calls. */
function applyCallEvent (kind, event) {
  const isMine = event.agentId === desk.agent.id
  if (kind !== 'agent.state' && !kind.startsWith('call.')) return
  if (!handleTeamEvent(kind, event, describeCaller(event.callSerialNo))) reloadTeam()
  if (kind === 'agent.state') {
    if (isMine) {
      paintState()
      // Signed out elsewhere, or disabled: the request fails with 401, and the desk closes.
      if (event.state === 'offline') loadWork().catch(showFailure)
    }
    paintIncoming()
    return
  }
  if (kind === 'call.ringing') ring(event)
  else stopRinging(event, desk.agent.id)
  if (isMine) refreshCall(event.callSerialNo).then(paintIncoming).catch(showFailure)
}

/** Refreshes the timeline if this customer is shown. */
function refreshTimelineOf (number) {
  if (number === null || chosenCall()?.customerNumber !== number) return
  showTimeline(number).catch(showFailure)
}

let teamTimer
function reloadTeam () {
  clearTimeout(teamTimer)
  teamTimer = setTimeout(() => loadWork().catch(showFailure), settleMs)
}

/** Events are not repeated, so everything is loaded again until the service answers. */
function showFailure (error) {
  if (error.status === 401) return
  showProblem(error.message)
  clearTimeout(retryTimer)
  if (error.status === 0 || error.status >= 500) retryTimer = setTimeout(loadAll, retryMs)
}

function paintState () {
  if (unsavedState !== null) return
  const ownEntry = getOwnEntry()
  const select = $('state')
  const options = [['available', null], ...desk.awayReasons.map(reason => ['away', reason])]
  const newOptions = options.map(([state, reason]) =>
    createOption(
      JSON.stringify(reason === null ? [state] : [state, reason]),
      reason === null ? t('presence.available') : t('presence.awayFor', { reason })
    )
  )
  // Replaced only if they differ: the list may be open.
  const valuesOf = elements => elements.map(({ value }) => value).join()
  if (valuesOf([...select.options]) !== valuesOf(newOptions)) select.replaceChildren(...newOptions)
  const chosenState = ownEntry?.chosenState ??
    (ownEntry?.state === 'busy' ? 'available' : ownEntry?.state)
  select.value = JSON.stringify(chosenState === 'away' ? ['away', ownEntry.reason] : ['available'])
}

function paintCustomer (call, isOther) {
  showWrapUp(call)
  paintChosen()
  if (isOther) showTimeline(call?.customerNumber ?? null).catch(showFailure)
}

/** The session has ended. */
function closeDesk () {
  const wasOpen = desk.agent !== null
  changeSession()
  unsavedState = null
  desk.agent = null
  stopListening()
  clearInterval(tickTimer)
  for (const timer of [refreshTimer, retryTimer, teamTimer]) clearTimeout(timer)
  // A question about a call of the session, and the customer's number.
  for (const id of ['ask', 'help']) $(id).close()
  clearCalls()
  clearMessages()
  clearChats()
  clearHistory()
  setTeam([])
  clearRinging()
  choose(null)
  clearTexts()
  showSignedIn(false)
  if (wasOpen) showProblem(t('sessionIsOver'))
  $('sign-in').elements.login.focus()
}

/** Customers' names and numbers, also in hidden parts. Drafts stay: the agent may sign in again. */
function clearTexts () {
  const names = ['card-name', 'card-note', 'conversation-name', 'conversation-facts', 'live-name']
  const others = ['announcer', 'ask-text', 'live-number', 'card-facts', 'alerts', 'toasts', 'page']
  for (const id of [...names, ...others]) $(id).replaceChildren()
  for (const id of ['answer', 'dial', 'link', 'search', 'wrap-up']) $(id).reset()
  $('live-note').value = ''
}

function showSignedIn (isSignedIn) {
  for (const id of ['workspace', 'who', 'connection', 'strip']) $(id).hidden = !isSignedIn
  $('sign-in-panel').hidden = isSignedIn
}

let lastDial = Promise.resolve()

/**
 * True if the number was dialled. One at a time, from whichever button: the second sees the first
 * call, and asks.
 */
async function dial (number) {
  const session = desk.agent
  const attempt = lastDial.then(() => session === desk.agent && dialNow(number))
  lastDial = attempt.catch(() => {})
  return await attempt
}

async function dialNow (number) {
  const [currentCall] = liveCalls()
  if (currentCall !== undefined && !await confirmDial(currentCall, number)) return false
  const call = await api.dial(number)
  showOwnCall(call)
  announce(t('dialling', { name: displayName(call) }))
  return true
}

/** Asks for confirmation during a call: the click may be a mistake. */
async function confirmDial (currentCall, number) {
  const dialog = $('ask')
  $('ask-text').textContent = t('ask.text', { name: displayName(currentCall), number })
  dialog.returnValue = ''
  dialog.showModal()
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }))
  return dialog.returnValue === 'yes'
}
