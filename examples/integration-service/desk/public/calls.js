/* global setTimeout */
// The agent's own calls: live ones, and those waiting for a wrap-up.
import { api } from './api.js'
import { choose, chosen, refreshCard } from './card.js'
import { desk } from './desk-state.js'
import { durationOf, factsText, nameOf, outcomeOf, stateOf, timeText } from './format.js'
import { keyedList } from './keyed-list.js'
import { paintLive } from './live-call.js'
import { $, announce, button, make, makeName, setMark, setText } from './page.js'
import { t } from './strings.js'
import { openWrapUp } from './wrap-up.js'

const retryMs = 2000
const calls = new Map()
const underWay = new Map()

const list = keyedList({
  list: $('calls'),
  news: $('calls-news'),
  keyOf: call => call.callSerialNo,
  create: row,
  update: paintRow,
  onChange: count => {
    $('no-calls').hidden = count > 0
  }
})

export function setCalls (all) {
  calls.clear()
  for (const call of all) calls.set(call.callSerialNo, call)
  render()
  const [newest] = all
  const known = chosen() && calls.get(chosen().callSerialNo)
  if (known) choose(known)
  else if (chosen() === null && newest !== undefined) choose(newest)
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
  return ordered().filter(({ state }) => state !== 'released')
}

/**
 * Fetches one of the agent's calls again after an event. One request at a time, so that an old
 * answer never follows a newer one.
 */
export async function refreshCall (id) {
  if (underWay.has(id)) {
    underWay.set(id, 'again')
    return
  }
  do {
    underWay.set(id, 'once')
    const call = await look(id)
    if (call !== null) putCall(call, true)
  } while (underWay.get(id) === 'again')
  underWay.delete(id)
}

/**
 * The call, or null if it does not exist. Events are not repeated, so the request is retried while
 * the service is unavailable.
 */
async function look (id) {
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

export function putCall (call, isNews = false) {
  const known = calls.get(call.callSerialNo)
  const isMine = call.agentId === desk.agent?.id
  const isDone = call.state === 'released' && call.wrapUp !== null
  if (isMine && !isDone) calls.set(call.callSerialNo, call)
  else calls.delete(call.callSerialNo)
  render()
  // Show the customer of the agent's own call, unless the agent is writing about another call.
  const isLive = call.state !== 'released'
  const isFree = chosen() === null || chosen().callSerialNo === call.callSerialNo ||
    (isLive && known === undefined && liveCalls().length === 1)
  if (isMine && isFree) choose(call)
  else refreshCard(call)
  if (isMine && isNews && (known?.state !== call.state || known.closed !== call.closed)) {
    const text = [stateOf(call)[0], outcomeOf(call)].filter(Boolean).join(', ')
    const name = nameOf(call)
    announce(t('announced', { name, text }))
  }
}

/** Updates the durations during a call. */
export function tickCalls () {
  for (const call of liveCalls()) {
    const element = list.row(call.callSerialNo)
    if (element) setText(element.parts.facts, factsOf(call))
  }
}

function render () {
  list.set(ordered())
  paintLive(liveCalls())
}

function ordered () {
  const rank = ({ state }) => state === 'released' ? 1 : 0
  return [...calls.values()].sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt)
}

function row ({ callSerialNo: id }) {
  const [name, mark, facts] = [makeName(), make('span', 'mark'), make('span', 'soft')]
  const current = () => calls.get(id) ?? chosen()
  const show = button(t('customer'), '', () => choose(current(), true))
  const wrap = button(t('wrapUp'), '', () => {
    choose(current())
    openWrapUp()
  })
  const element = make(
    'li',
    'entry',
    make('span', 'name', name, mark),
    facts,
    make('span', 'actions', wrap, show)
  )
  element.dataset.call = id
  element.parts = { name, mark, facts, show, wrap }
  return element
}

function paintRow (element, call) {
  const { name, mark, facts, show, wrap } = element.parts
  const text = nameOf(call)
  setText(name, text)
  setMark(mark, ...stateOf(call))
  setText(facts, factsOf(call))
  const isOver = call.state === 'released'
  show.ariaLabel = t('customerOf', { name: text })
  wrap.ariaLabel = t('wrapUpOf', { name: text })
  // Hide unavailable actions, except a focused button, which would lose the focus.
  for (
    const [one, isOffered] of [
      [show, call.customerNumber !== null],
      [wrap, isOver]
    ]
  ) if (isOffered || !one.matches(':focus')) one.hidden = !isOffered
  element.toggleAttribute('data-chosen', chosen()?.callSerialNo === call.callSerialNo)
}

export function paintChosen () {
  for (const { callSerialNo: id } of list.items) {
    list.row(id)?.toggleAttribute('data-chosen', chosen()?.callSerialNo === id)
  }
}

function factsOf (call) {
  return factsText(
    t(call.direction),
    timeText(call.createdAt),
    call.customer && call.customerNumberText,
    durationOf(call),
    outcomeOf(call)
  )
}
