/* global setTimeout */
// The agent's own calls: live ones, and those waiting for a wrap-up.
import { api } from './api.js'
import { choose, chosenCall, refreshCard } from './card.js'
import { desk } from './desk-state.js'
import {
  formatDuration,
  joinFacts,
  displayName,
  describeOutcome,
  describeState,
  formatTime
} from './format.js'
import { createKeyedList } from './keyed-list.js'
import { paintLive } from './live-call.js'
import { $, announce, createButton, make, makeName, setMark, setText } from './page.js'
import { createRefresh } from './refresh.js'
import { t } from './strings.js'
import { focusWrapUp, isWriting } from './wrap-up.js'

const retryMs = 2000
const calls = new Map()
/** The refresh of each call, by id. */
const refreshes = new Map()
/** The latest step of each call seen here: answers can be late, and calls never go back. */
const reached = new Map()

const list = createKeyedList({
  list: $('calls'),
  news: $('calls-news'),
  keyOf: call => call.callSerialNo,
  create: createRow,
  update: paintRow,
  onChange: count => {
    $('no-calls').hidden = count > 0
  }
})

export function setCalls (newCalls) {
  const previousCalls = new Map(calls)
  calls.clear()
  for (const call of newCalls) {
    const id = call.callSerialNo
    const current = isOutdated(call) ? previousCalls.get(id) : call
    if (current !== undefined) calls.set(id, current)
  }
  render()
  const [newest] = newCalls
  const previous = chosenCall() && calls.get(chosenCall().callSerialNo)
  if (previous) choose(previous)
  else if (chosenCall() === null && newest !== undefined) choose(newest)
}

export function waitForCalls () {
  list.wait()
}

export function clearCalls () {
  calls.clear()
  reached.clear()
  refreshes.clear()
  list.set([])
  list.show()
  paintLive([])
}

/** The agent's open calls, newest first. */
export function liveCalls () {
  return sortCalls().filter(({ state }) => state !== 'released')
}

/** Fetches one of the agent's calls again after an event. */
export function refreshCall (id) {
  let refresh = refreshes.get(id)
  if (refresh === undefined) {
    refresh = createRefresh(async () => {
      const call = await fetchCall(id)
      if (call !== null) putCall(call, true)
    })
    refreshes.set(id, refresh)
  }
  return refresh()
}

/**
 * The call, or null if it does not exist. Events are not repeated, so the request is retried while
 * the service is unavailable.
 */
async function fetchCall (id) {
  while (desk.agent !== null) {
    try {
      return await api.call(id)
    } catch ({ status }) {
      if (status !== 0 && status < 500) return null
      await new Promise(resolve => setTimeout(resolve, retryMs))
    }
  }
  return null
}

/** Shows a call that the agent has just dialled or accepted. */
export function showOwnCall (call) {
  putCall(call)
  const current = calls.get(call.callSerialNo)
  if (current === undefined || isWriting()) return
  choose(current)
  paintChosen()
}

export function putCall (call, isAnnounced = false) {
  if (isOutdated(call)) return
  reached.set(call.callSerialNo, stepOf(call))
  const previous = calls.get(call.callSerialNo)
  const isMine = call.agentId === desk.agent?.id
  const isFinished = call.state === 'released' && call.wrapUp !== null
  if (isMine && !isFinished) calls.set(call.callSerialNo, call)
  else calls.delete(call.callSerialNo)
  render()
  // Show the customer of the agent's own call, unless the agent is writing about another call.
  const isLive = call.state !== 'released'
  const canShow = chosenCall() === null || chosenCall().callSerialNo === call.callSerialNo ||
    (isLive && previous === undefined && liveCalls().length === 1 && !isWriting())
  if (isMine && canShow) choose(call)
  else refreshCard(call)
  if (
    isMine && isAnnounced && (previous?.state !== call.state || previous.closed !== call.closed)
  ) {
    const text = [describeState(call)[0], describeOutcome(call)].filter(Boolean).join(', ')
    const name = displayName(call)
    announce(t('announced', { name, text }))
  }
}

/** Continues a note about a live call, which has just ended, in its wrap-up. */
export function continueNote (id, cursor) {
  const call = calls.get(id)
  if (call === undefined) return
  choose(call)
  focusWrapUp('note', cursor)
}

function isOutdated (call) {
  return stepOf(call) < (reached.get(call.callSerialNo) ?? 0)
}

function stepOf ({ state, wrapUp }) {
  return wrapUp === null ? { connected: 1, released: 2 }[state] ?? 0 : 3
}

/** Updates the durations during a call. */
export function tickCalls () {
  for (const call of liveCalls()) {
    const element = list.row(call.callSerialNo)
    if (element) setText(element.parts.facts, describeFacts(call))
  }
}

function render () {
  list.set(sortCalls())
  paintLive(liveCalls())
}

function sortCalls () {
  const rank = ({ state }) => state === 'released' ? 1 : 0
  return [...calls.values()].sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt)
}

function createRow ({ callSerialNo: id }) {
  const [name, mark, facts] = [makeName(), make('span', 'mark'), make('span', 'soft')]
  // A row that is held back may show a call that has left the list.
  const showButton = createButton(t('customer'), '', () => choose(element.call, true))
  const wrapUpButton = createButton(t('wrapUp'), '', () => {
    choose(element.call)
    focusWrapUp()
  })
  const element = make(
    'li',
    'entry',
    make('span', 'name', name, mark),
    facts,
    make('span', 'actions', wrapUpButton, showButton)
  )
  element.dataset.call = id
  element.parts = { name, mark, facts, show: showButton, wrap: wrapUpButton }
  return element
}

function paintRow (element, call) {
  const { name, mark, facts, show: showButton, wrap: wrapUpButton } = element.parts
  element.call = call
  const text = displayName(call)
  setText(name, text)
  setMark(mark, ...describeState(call))
  setText(facts, describeFacts(call))
  const isOver = call.state === 'released'
  showButton.ariaLabel = t('customerOf', { name: text })
  wrapUpButton.ariaLabel = t('wrapUpOf', { name: text })
  // Hide unavailable actions, except a focused button, which would lose the focus.
  for (
    const [element, isAvailable] of [
      [showButton, call.customerNumber !== null],
      [wrapUpButton, isOver]
    ]
  ) if (isAvailable || !element.matches(':focus')) element.hidden = !isAvailable
  element.toggleAttribute('data-chosen', chosenCall()?.callSerialNo === call.callSerialNo)
}

export function paintChosen () {
  for (const { callSerialNo: id } of list.items) {
    list.row(id)?.toggleAttribute('data-chosen', chosenCall()?.callSerialNo === id)
  }
}

function describeFacts (call) {
  return joinFacts(
    t(call.direction),
    formatTime(call.createdAt),
    call.customer && call.customerNumberText,
    formatDuration(call),
    describeOutcome(call)
  )
}
