// The live list: the newest calls, each an entry that changes in place, so that the focus stays
// where it is.
import { api } from './api.js'
import { chosen, choose, refreshCard } from './card.js'
import { durationOf, nameOf, outcomeOf, stateOf, timeText } from './format.js'
import { $, announce, button, guarded, make, setMark } from './page.js'
import { screenPop } from './screen-pop.js'

const shown = 10
const entries = new Map()
const underWay = new Map()
const retryMs = 2000

export async function listCalls () {
  const { calls } = await api.calls({ limit: shown })
  clearCalls()
  for (const call of calls.toReversed()) put(call)
  if (chosen() === null && calls.length > 0) choose(calls[0])
  paintChosen()
}

export function clearCalls () {
  for (const { element } of entries.values()) element.remove()
  entries.clear()
  $('no-calls').hidden = false
}

/**
 * Something happened to a call: looks at it again. One look at a time, so that an old answer never
 * follows a newer one.
 */
export async function refreshCall (id) {
  if (underWay.has(id)) {
    underWay.set(id, 'again')
    return
  }
  do {
    underWay.set(id, 'once')
    const call = await look(id)
    if (call !== null) put(call, true)
  } while (underWay.get(id) === 'again')
  underWay.delete(id)
}

/**
 * The call; null when there is none. The event is not told again, so a service that cannot answer
 * is asked again.
 */
async function look (id) {
  while (!$('workspace').hidden) {
    try {
      return await api.call(id)
    } catch ({ status }) {
      if (status !== 0 && status < 500) return null
      await new Promise(resolve => setTimeout(resolve, retryMs))
    }
  }
  return null
}

/** Durations grow while people talk. */
export function tick () {
  for (const { call, facts } of entries.values()) {
    if (call.state === 'connected') facts.textContent = factsOf(call)
  }
}

export function put (call, isNews = false) {
  const known = entries.get(call.callSerialNo)
  const entry = known ?? add(call)
  entry.call = call
  entry.name.textContent = nameOf(call)
  setMark(entry.mark, ...stateOf(call))
  entry.facts.textContent = factsOf(call)
  entry.show.ariaLabel = `Customer: ${nameOf(call)}`
  entry.pop.ariaLabel = `Open in CSC: ${nameOf(call)}, in a new tab`
  entry.pop.hidden = call.customerNumber === null
  if (isNews && chosen() === null) choose(call)
  refreshCard(call)
  paintChosen()
  if (isNews) {
    announce(
      `${known === undefined ? 'New call: ' : ''}${nameOf(call)}: ${
        [stateOf(call)[0], outcomeOf(call)].filter(Boolean).join(', ')
      }`
    )
  }
}

function add (call) {
  const id = call.callSerialNo
  const [name, mark, facts] = [make('span'), make('span', 'mark'), make('span', 'soft')]
  const show = button('Customer', '', () => {
    choose(entry.call, true)
    paintChosen()
  })
  const pop = button('Open in CSC', '', guarded(() => screenPop(id)))
  const element = make(
    'li',
    'entry',
    make('span', 'name', name, mark),
    facts,
    make('span', 'actions', show, pop)
  )
  element.dataset.call = id
  const entry = { call, element, name, mark, facts, show, pop }
  entries.set(id, entry)
  $('calls').prepend(element)
  $('no-calls').hidden = true
  const oldest = [...entries.keys()][0]
  if (entries.size > shown) {
    entries.get(oldest).element.remove()
    entries.delete(oldest)
  }
  return entry
}

export function paintChosen () {
  for (const [id, { element }] of entries) {
    element.toggleAttribute('data-chosen', id === chosen()?.callSerialNo)
  }
}

function factsOf (call) {
  return [
    timeText(call.createdAt),
    call.customer && call.customerNumber,
    durationOf(call),
    outcomeOf(call)
  ].filter(Boolean).join(' · ')
}
