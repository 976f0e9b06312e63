// All calls there were, by page, of everybody or of one number.
import { api } from './api.js'
import { durationOf, nameOf, outcomeOf, stateOf, timeText } from './format.js'
import { $, button, guarded, make, setMark } from './page.js'

const limit = 15
let number = ''
let actions
/** Where each page begins; the first begins at the newest call. */
let starts = ['']
let next = null
let latest = 0

/** `choose` is given a call, `dial` a number. */
export function startHistory (given) {
  actions = given
  $('search').addEventListener(
    'submit',
    guarded(() => search($('search').elements.number.value.trim()))
  )
  $('older').addEventListener('click', guarded(() => show([...starts, next])))
  $('newer').addEventListener('click', guarded(() => show(starts.slice(0, -1))))
}

/** Shows the calls with one customer; with none, everybody's. */
export async function search (text, go = false) {
  $('search').elements.number.value = text
  const before = number
  number = text
  try {
    await show([''])
  } catch (error) {
    number = before
    throw error
  }
  if (!go) return
  $('history-title').focus()
  $('history-panel').scrollIntoView({ block: 'nearest' })
}

/** The first page shows what is new; the others hold still while somebody reads. */
export async function refreshHistory () {
  if (starts.length === 1) await show(starts)
}

async function show (wanted) {
  const mine = ++latest
  const before = wanted.at(-1)
  const answer = await api.calls({
    limit,
    ...number !== '' && { number },
    ...before !== '' && { before }
  })
  if (mine !== latest) return
  starts = wanted
  next = answer.next
  $('history').replaceChildren(...answer.calls.map(row))
  $('no-history').hidden = answer.calls.length > 0
  $('page').textContent = `Page ${starts.length}${number === '' ? '' : ` for ${number}`}`
  setEnabled($('newer'), starts.length > 1)
  setEnabled($('older'), next !== null)
}

/**
 * A button that goes grey under the keyboard takes the focus with it; it moves to the table
 * instead.
 */
function setEnabled (element, isEnabled) {
  const hadFocus = element.matches(':focus')
  element.disabled = !isEnabled
  if (hadFocus && !isEnabled) $('history-title').focus()
}

function row (call) {
  const mark = make('span', 'mark')
  setMark(mark, outcomeOf(call) || stateOf(call)[0], stateOf(call)[1])
  const name = nameOf(call)
  const show = button('Customer', `Customer: ${name}`, () => actions.choose(call))
  const dial = button('Dial', `Dial ${name}`, guarded(() => actions.dial(call.customerNumber)))
  dial.hidden = call.customerNumber === null
  const cells = [
    timeText(call.createdAt),
    call.customer?.name ?? '–',
    call.customerNumber ?? '',
    mark,
    call.state === 'released' ? durationOf(call) : '',
    make('span', '', show, dial)
  ]
  return make('tr', '', ...cells.map(cell => make('td', '', cell)))
}
