/* global document, location, FormData, setInterval, clearInterval, setTimeout, clearTimeout */
// The agent desktop: sign-in, and the connections between its parts.
import { api } from './api.js'
import {
  clearCalls,
  liveCalls,
  paintChosen,
  putCall,
  refreshCall,
  setCalls,
  tickCalls,
  waitForCalls
} from './calls.js'
import { choose, chosenCall, startCard } from './card.js'
import { listChats, startChats, waitForChats } from './chats.js'
import { desk } from './desk-state.js'
import { dropDrafts } from './drafts.js'
import { displayName } from './format.js'
import { startHelp } from './help.js'
import {
  handleHistoryEvent,
  refreshHistory,
  search,
  setFilters,
  startHistory,
  waitForHistory
} from './history.js'
import {
  accept,
  describeCaller,
  paintIncoming,
  ring,
  setRinging,
  startIncoming,
  stopRinging
} from './incoming.js'
import { listen, stopListening, announceSignOut } from './live.js'
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
  guard,
  createOption,
  setMark,
  showFieldError,
  showProblem,
  toast
} from './page.js'
import { openScreenPop } from './screen-pop.js'
import { t, translatePage } from './strings.js'
import { getOwnEntry, setTeam, handleTeamEvent, waitForTeam } from './team.js'
import { showTimeline, startTimeline } from './timeline.js'
import { setDispositions, showWrapUp, startWrapUp } from './wrap-up.js'

const settleMs = 300

let tickTimer
let refreshTimer

translatePage()
const dialField = $('dial').elements.number
const signInProblem = text => showFieldError('sign-in-error', text, $('sign-in').elements.password)

$('sign-in').addEventListener(
  'submit',
  guard(async () => {
    const agent = await api.signIn(Object.fromEntries(new FormData($('sign-in'))))
    $('sign-in').reset()
    openDesk(agent)
  }, signInProblem)
)
$('sign-out').addEventListener(
  'click',
  guard(async () => {
    await api.signOut()
    dropDrafts()
    announceSignOut(desk.agent.id)
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
  guard(async () => {
    const [state, reason = null] = JSON.parse($('state').value)
    await api.setState({ state, reason })
  })
)
document.addEventListener('signed-out', closeDesk)

startCard({ dial, search: number => search(number, true), onChoose: paintCustomer })
startLiveCall({ onClosed: putCall })
startWrapUp({ onSaved: refreshCall })
startTimeline()
startChats({ dial })
startMessages()
startHistory({ dial, choose: call => choose(call, true) })
startIncoming({
  onAccepted: call => {
    putCall(call)
    choose(call)
    paintChosen()
  },
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
api.whoAmI().then(openDesk, error => {
  closeDesk()
  if (error.status !== 401) showProblem(error.message)
})

function acceptCall () {
  accept().catch(error => toast(error.message, 'bad'))
}

function openDesk (agent) {
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
  const parts = [loadWork(), listChats(), listConversations(), refreshHistory()]
  Promise.all(parts).then(() => showProblem(''), error => {
    if (error.status !== 401) showProblem(error.message)
  })
}

async function loadWork () {
  let work = await api.work()
  if (work.state === null) {
    // An agent who opens the desk becomes available.
    await api.setState({ state: 'available', reason: null })
    work = await api.work()
  }
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

function onEvent (kind, event) {
  if (kind.startsWith('chat.')) {
    listChats(event.chatId).then(refreshTimelineOf).catch(showFailure)
    return
  }
  if (kind.startsWith('conversation.')) {
    handleMessageEvent(kind, event).then(refreshTimelineOf).catch(showFailure)
    return
  }
  if (!handleTeamEvent(kind, event, describeCaller(event.callSerialNo))) reloadTeam()
  if (kind === 'agent.state') {
    if (event.agentId === desk.agent.id) {
      paintState()
      // Signed out elsewhere, or disabled: the request fails with 401, and the desk closes.
      if (event.state === 'offline') api.work().catch(showFailure)
    }
    paintIncoming()
    return
  }
  if (!kind.startsWith('call.')) return
  if (kind === 'call.ringing') ring(event)
  else stopRinging(event, desk.agent.id)
  const isMine = event.agentId === desk.agent.id
  if (isMine) {
    refreshCall(event.callSerialNo).then(paintIncoming).catch(showFailure)
    // Changes in quick succession are fetched once.
    clearTimeout(refreshTimer)
    refreshTimer = setTimeout(() => {
      refreshHistory().catch(showFailure)
      refreshTimelineOf(chosenCall()?.customerNumber ?? null)
    }, settleMs)
  } else if (kind !== 'call.ringing') handleHistoryEvent(event)
}

/** Refreshes the timeline if this customer is shown. */
function refreshTimelineOf (number) {
  if (number === null || chosenCall()?.customerNumber !== number) return
  showTimeline(number).catch(showFailure)
}

let teamTimer
function reloadTeam () {
  clearTimeout(teamTimer)
  teamTimer = setTimeout(() => {
    api.work().then(({ team }) => setTeam(team)).catch(showFailure)
  }, settleMs)
}

function showFailure (error) {
  if (error.status !== 401) showProblem(error.message)
}

function paintState () {
  const ownEntry = getOwnEntry()
  const select = $('state')
  const options = [['available', null], ...desk.awayReasons.map(reason => ['away', reason])]
  select.replaceChildren(...options.map(([state, reason]) =>
    createOption(
      JSON.stringify(reason === null ? [state] : [state, reason]),
      reason === null ? t('presence.available') : t('presence.awayFor', { reason })
    )
  ))
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
  desk.agent = null
  stopListening()
  clearInterval(tickTimer)
  clearCalls()
  clearMessages()
  setTeam([])
  setRinging([])
  choose(null)
  showSignedIn(false)
  if (wasOpen) showProblem(t('sessionIsOver'))
  $('sign-in').elements.login.focus()
}

function showSignedIn (isSignedIn) {
  for (const id of ['workspace', 'who', 'connection', 'strip']) $(id).hidden = !isSignedIn
  $('sign-in-panel').hidden = isSignedIn
}

/** True if the number was dialled. */
async function dial (number) {
  const [currentCall] = liveCalls()
  if (currentCall !== undefined && !await confirmDial(currentCall, number)) return false
  const call = await api.dial(number)
  putCall(call)
  choose(call)
  paintChosen()
  announce(t('dialling', { name: displayName(call) }))
  return true
}

/** Asks for confirmation during a call: the click may be a mistake. */
async function confirmDial (currentCall, number) {
  const ask = $('ask')
  $('ask-text').textContent = t('ask.text', { name: displayName(currentCall), number })
  ask.returnValue = ''
  ask.showModal()
  await new Promise(resolve => ask.addEventListener('close', resolve, { once: true }))
  return ask.returnValue === 'yes'
}
