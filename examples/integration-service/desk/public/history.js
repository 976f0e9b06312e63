/* global FormData, queueMicrotask */
// The call history, by page and day, optionally filtered.
import { api, base } from './api.js'
import { desk, nameOfAgent } from './desk-state.js'
import {
  formatClock,
  formatDay,
  formatDuration,
  joinFacts,
  displayName,
  describeOutcome,
  describeState
} from './format.js'
import { isHeld } from './hold.js'
import { createKeyedList } from './keyed-list.js'
import {
  $,
  createButton,
  guard,
  make,
  makeName,
  createOption,
  setMark,
  setText,
  showFieldError
} from './page.js'
import { createRefresh } from './refresh.js'
import { t } from './strings.js'

const limit = 15
/** The query of the shown rows, and the one that was asked for last. */
let query = { outcome: 'ended' }
let requestedQuery = query
let actions
/** The start of each page; the first begins at the newest call. */
let starts = ['']
let next = null
let latest = 0
/** How many pages the user waits for: a refresh must not replace them, and comes later. */
let turning = 0
let mustRefresh = false
/** Others' calls that ended after the page was read. */
const unseen = new Set()

const list = createKeyedList({
  list: $('history'),
  keyOf: item => item.key,
  create: item => item.day === undefined ? createRow() : make('li', 'day'),
  update: (element, item) =>
    item.day === undefined ? paint(element, item.call) : setText(element, item.day),
  onChange: count => {
    $('no-history').hidden = count > 0
  }
})

/** `choose` receives a call, `dial` a number. */
export function startHistory (handlers) {
  actions = handlers
  const field = $('search').elements.search
  const problem = text => showFieldError('search-error', text, field)
  $('search').addEventListener('submit', guard(() => search(field.value), problem))
  // When the search is cleared, show all calls again.
  field.addEventListener('search', guard(() => field.value === '' ? search('') : null, problem))
  $('older').addEventListener('click', guard(() => turnTo([...starts, next])))
  $('newer').addEventListener('click', guard(() => turnTo(starts.slice(0, -1))))
  $('history-news').addEventListener('click', guard(() => turnTo([''])))
  $('filter').addEventListener('change', guard(() => applyFilters(), problem))
  $('filter').addEventListener('reset', () => {
    // The fields are empty only after the event.
    queueMicrotask(() => applyFilters().catch(error => problem(error.message)))
  })
}

export function setFilters ({ agents, dispositions }) {
  const { elements } = $('filter')
  const choices = {
    agent: agents.map(({ id, name }) => [id, name]),
    direction: ['inbound', 'outbound'].map(value => [value, t(value)]),
    outcome: ['answered', 'missed', 'unanswered'].map(value => [value, t(`outcome.${value}`)]),
    disposition: dispositions.map(value => [value, value])
  }
  for (const [name, values] of Object.entries(choices)) {
    const { value } = elements[name]
    elements[name].replaceChildren(
      createOption('', t('all')),
      ...values.map(([id, text]) => createOption(id, text))
    )
    elements[name].value = value
  }
  $('export').hidden = desk.agent.role !== 'supervisor'
}

/** Shows the calls with one customer, or everybody's. */
export async function search (text, moveFocus = false) {
  showFieldError('search-error', '', $('search').elements.search)
  if (moveFocus) $('search').elements.search.value = text
  await applyQuery({ ...readFilters(), ...text.trim() !== '' && { search: text.trim() } })
  if (!moveFocus) return
  $('history-title').focus({ preventScroll: true })
  $('history-panel').scrollIntoView({ block: 'nearest' })
}

async function applyFilters () {
  const { search: text } = requestedQuery
  await applyQuery({ ...readFilters(), ...text !== undefined && { search: text } })
}

/** The old rows stay until the answer arrives; a failed request changes nothing. */
async function applyQuery (newQuery) {
  requestedQuery = newQuery
  try {
    await turnTo([''], newQuery)
  } catch (error) {
    if (requestedQuery === newQuery) requestedQuery = query
    throw error
  }
}

function readFilters () {
  const values = Object.fromEntries(new FormData($('filter')))
  const dayMs = 24 * 60 * 60 * 1000
  return Object.fromEntries(
    Object.entries({
      ...values,
      // Open calls are work, not history.
      outcome: values.outcome || 'ended',
      from: values.from && new Date(`${values.from}T00:00`).getTime(),
      // Until the end of that day.
      to: values.to && new Date(`${values.to}T00:00`).getTime() + dayMs
    }).filter(([, value]) => value !== '')
  )
}

/** Reloads the page: one of the agent's own calls has changed. */
export async function refreshHistory () {
  if (turning > 0) mustRefresh = true
  else if (starts.length === 1) await refresh()
}

const refresh = createRefresh(async () => {
  if (turning > 0) mustRefresh = true
  else await showPage(starts, query)
})

/** Removes all data from the page when the session ends. */
export function clearHistory () {
  unseen.clear()
  list.set([])
  list.show()
  starts = ['']
}

/** Others' calls that ended are announced, and loaded on request. */
export function handleHistoryEvent ({ callSerialNo, state }) {
  if (state !== 'released') return
  unseen.add(callSerialNo)
  paintNews()
}

export function waitForHistory () {
  list.wait(6)
}

function paintNews () {
  const isFirst = starts.length === 1
  $('history-news').hidden = unseen.size === 0 || !isFirst
  setText($('history-news'), t('news', { count: unseen.size }))
  // With new calls announced, "no calls" would be wrong.
  $('no-history').hidden = list.items.length > 0 || unseen.size > 0
}

/** Shows a page that the user asked for. */
async function turnTo (newStarts, newQuery = query) {
  turning++
  try {
    await showPage(newStarts, newQuery)
  } finally {
    turning--
  }
  if (turning > 0 || !mustRefresh) return
  mustRefresh = false
  await refreshHistory()
}

async function showPage (newStarts, newQuery) {
  const request = ++latest
  const before = newStarts.at(-1)
  const seenIds = [...unseen]
  $('history').ariaBusy = 'true'
  try {
    const answer = await api.calls({ limit, ...newQuery, ...before !== '' && { before } })
    if (request !== latest) return
    query = newQuery
    const isOther = newStarts.at(-1) !== starts.at(-1) || !isHeld($('history'))
    starts = newStarts
    next = answer.next
    list.set(groupByDay(answer.calls))
    const isUnfiltered = Object.keys(query).length === 1
    setText($('no-history'), t(isUnfiltered ? 'history.none' : 'history.noneFound'))
    // The user asked for these rows.
    if (isOther) list.show()
    // Calls that ended since the request may be missing.
    for (const id of [...seenIds, ...answer.calls.map(call => call.callSerialNo)]) unseen.delete(id)
    paintNews()
    const [page, text] = [starts.length, query.search]
    setText(
      $('page'),
      text === undefined ? t('page', { page }) : t('pageFor', { page, text })
    )
    setEnabled($('newer'), starts.length > 1)
    setEnabled($('older'), next !== null)
    $('export').href = `${base}/api/calls.csv?${new URLSearchParams(query)}`
  } finally {
    if (request === latest) $('history').ariaBusy = 'false'
  }
}

/** Groups calls by the day they began. */
function groupByDay (calls) {
  let last = ''
  return calls.flatMap(call => {
    const day = formatDay(call.createdAt)
    const isNew = day !== last
    last = day
    return [...isNew ? [{ key: `day ${day}`, day }] : [], { key: call.callSerialNo, call }]
  })
}

/** Disabling a focused button loses the focus; it moves to the list instead. */
function setEnabled (element, isEnabled) {
  const hadFocus = element.matches(':focus')
  element.disabled = !isEnabled
  if (hadFocus && !isEnabled) $('history-title').focus()
}

function createRow () {
  const parts = {
    time: make('time'),
    name: makeName(),
    mark: make('span', 'mark'),
    facts: make('span', 'soft'),
    show: createButton('', '', () => actions.choose(element.call)),
    dial: createButton(t('dial'), '', guard(() => actions.dial(element.call.customerNumber)))
  }
  parts.show.className = 'link'
  parts.show.append(parts.name)
  parts.dial.dataset.needs = 'dial'
  const element = make(
    'li',
    'call',
    parts.time,
    make('span', 'whom', parts.show, parts.mark),
    make('span', 'actions', parts.dial),
    parts.facts
  )
  element.parts = parts
  return element
}

function paint (element, call) {
  const { time, name, mark, facts, show, dial } = element.parts
  element.call = call
  const text = displayName(call)
  setText(time, formatClock(call.createdAt))
  time.dateTime = new Date(call.createdAt).toISOString()
  setText(name, text)
  setMark(mark, describeOutcome(call) || describeState(call)[0], describeState(call)[1])
  setText(
    facts,
    joinFacts(
      t(call.direction),
      call.customer && call.customerNumberText,
      call.state === 'released' ? formatDuration(call) : '',
      nameOfAgent(call.agentId),
      call.wrapUp?.disposition
    )
  )
  show.ariaLabel = t('customerOf', { name: text })
  dial.ariaLabel = t('dialOf', { name: text })
  show.disabled = call.customerNumber === null
  dial.hidden = call.customerNumber === null
}
