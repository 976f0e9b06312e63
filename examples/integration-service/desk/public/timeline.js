// The timeline of the selected customer, newest first.
import { api } from './api.js'
import { nameOfAgent } from './desk-state.js'
import { formatDuration, describeOutcome, describeState, formatTime } from './format.js'
import { createKeyedList } from './keyed-list.js'
import { $, guard, make, setText } from './page.js'
import { createRefresh } from './refresh.js'
import { t } from './strings.js'

const limit = 8
let number = null
let next = null
/** New for each customer shown: an answer may come after another customer was chosen. */
let refresh = () => {}

const list = createKeyedList({
  list: $('timeline'),
  news: $('timeline-news'),
  keyOf,
  create: () => {
    const [title, facts, text] = [make('span', 'name'), make('span', 'soft'), make('p', 'quote')]
    text.dir = 'auto'
    const element = make('li', 'entry', title, facts, text)
    element.parts = { title, facts, text }
    return element
  },
  update: paint
})

export function startTimeline () {
  $('timeline-older').addEventListener(
    'click',
    guard(async () => {
      const shown = refresh
      const page = await api.timeline(number, { limit, before: next })
      if (shown !== refresh) return
      next = page.next
      list.set(mergeEntries(list.items, page.entries))
      list.show()
      $('timeline-older').hidden = next === null
    })
  )
}

/** Shows the customer's timeline; for the same customer, updates it. */
export async function showTimeline (customerNumber) {
  const isOther = customerNumber !== number
  number = customerNumber
  $('timeline-panel').hidden = number === null
  if (isOther) {
    refresh = createRefresh(loadTimeline)
    list.set([])
    list.show()
    $('no-timeline').hidden = true
    $('timeline-older').hidden = true
    if (number !== null) list.wait()
  }
  if (number === null) return
  await refresh()
  // The user asked for these rows.
  if (isOther && customerNumber === number) list.show()
}

async function loadTimeline () {
  if (number === null) return
  const shown = refresh
  const page = await api.timeline(number, { limit })
  if (shown !== refresh) return
  const ids = new Set(page.entries.map(keyOf))
  // Older entries that were loaded stay, if no gap lies before them.
  const isConnected = list.items.some(entry => ids.has(keyOf(entry)))
  const older = isConnected ? list.items.filter(entry => !ids.has(keyOf(entry))) : []
  if (older.length === 0) next = page.next
  list.set(mergeEntries(page.entries, older))
  $('no-timeline').hidden = list.items.length > 0
  $('timeline-older').hidden = next === null
}

/** Each entry once, newest first. */
function mergeEntries (newer, older) {
  const ids = new Set(newer.map(keyOf))
  return [...newer, ...older.filter(entry => !ids.has(keyOf(entry)))]
}

function keyOf ({ kind, id }) {
  return `${kind} ${id}`
}

/** Durations are not updated here, so only final ones are shown. */
function formatTalk (call) {
  return call.state === 'released' ? formatDuration(call) : ''
}

function paint ({ parts }, { kind, at, call, data }) {
  if (kind === 'call') {
    setText(parts.title, `${t(call.direction)}: ${describeOutcome(call) || describeState(call)[0]}`)
    setText(
      parts.facts,
      [formatTime(at), formatTalk(call), nameOfAgent(call.agentId), call.wrapUp?.disposition]
        .filter(Boolean).join(' · ')
    )
    setText(parts.text, '')
  } else {
    setText(
      parts.title,
      kind === 'note'
        ? t('timeline.note', { agent: nameOfAgent(data.agentId) })
        : t(`timeline.${kind}`, { channel: t(data.channel ?? '') })
    )
    setText(parts.facts, [formatTime(at), data.disposition].filter(Boolean).join(' · '))
    setText(parts.text, data.note ?? '')
  }
  parts.text.hidden = parts.text.textContent === ''
}
