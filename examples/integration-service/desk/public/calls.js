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
import { t } from './strings.js'
import { focusWrapUp } from './wrap-up.js'

const retryMs = 2000
const calls = new Map()
const pendingRefreshes = new Map()

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
  calls.clear()
  for (const call of newCalls) calls.set(call.callSerialNo, call)
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
  list.set([])
  list.show()
  paintLive([])
}

/** The agent's open calls, newest first. */
export function liveCalls () {
  return sortCalls().filter(({ state }) => state !== 'released')
}

/**
 * Fetches one of the agent's calls again after an event. One request at a time, so that an old
 * answer never follows a newer one.
 */
export async function refreshCall (id) {
  if (pendingRefreshes.has(id)) {
    pendingRefreshes.set(id, 'again')
    return
  }
  do {
    pendingRefreshes.set(id, 'once')
    const call = await fetchCall(id)
    if (call !== null) putCall(call, true)
  } while (pendingRefreshes.get(id) === 'again')
  pendingRefreshes.delete(id)
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

export function putCall (call, isAnnounced = false) {
  const previous = calls.get(call.callSerialNo)
  const isMine = call.agentId === desk.agent?.id
  const isFinished = call.state === 'released' && call.wrapUp !== null
  if (isMine && !isFinished) calls.set(call.callSerialNo, call)
  else calls.delete(call.callSerialNo)
  render()
  // Show the customer of the agent's own call, unless the agent is writing about another call.
  const isLive = call.state !== 'released'
  const canShow = chosenCall() === null || chosenCall().callSerialNo === call.callSerialNo ||
    (isLive && previous === undefined && liveCalls().length === 1)
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
  const current = () => calls.get(id) ?? chosenCall()
  const showButton = createButton(t('customer'), '', () => choose(current(), true))
  const wrapUpButton = createButton(t('wrapUp'), '', () => {
    choose(current())
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
