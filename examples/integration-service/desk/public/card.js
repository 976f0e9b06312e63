// The customer of the selected call.
import { desk, nameOfAgent } from './desk-state.js'
import {
  formatDuration,
  describeOutcome,
  describeState,
  formatTime,
  keepTogether
} from './format.js'
import { $, guard, make, setText } from './page.js'
import { openScreenPop } from './screen-pop.js'
import { t } from './strings.js'

let call = null
let listener = () => {}

/** The call whose customer is shown, or null. */
export function chosenCall () {
  return call
}

/** Shows the customer of a call; `moveFocus` also moves the focus there. */
export function choose (next, moveFocus = false) {
  const isOther = next?.callSerialNo !== call?.callSerialNo
  call = next
  paint()
  listener(call, isOther)
  if (moveFocus) {
    $('card-title').focus({ preventScroll: true })
    $('card-panel').scrollIntoView({ block: 'nearest' })
  }
}

/** Updates the selected call. */
export function refreshCard (update) {
  if (call?.callSerialNo === update.callSerialNo) choose(update)
}

/** `dial` and `search` receive a number; `onChoose` a call, and whether it is another one. */
export function startCard ({ dial, search, onChoose }) {
  listener = onChoose
  $('card-pop').addEventListener('click', guard(() => openScreenPop(call.callSerialNo)))
  $('card-dial').addEventListener('click', guard(() => dial(call.customerNumber)))
  $('card-history').addEventListener('click', guard(() => search(call.customerNumberText)))
}

function paint () {
  $('no-card').hidden = call !== null
  $('card').hidden = call === null
  if (call === null) return
  const { customer, customerNumber, customerNumberText, agentId } = call
  setText($('card-name'), customer?.name ?? t('unknownCustomer'))
  $('card-name').dir = 'auto'
  const facts = {
    'fact.number': customerNumberText ?? t('unknownNumber'),
    'fact.email': customer?.email,
    'fact.id': customer?.id,
    'fact.call': [t(call.direction), describeState(call)[0], formatTime(call.createdAt)]
      .map(keepTogether).join(', '),
    'fact.ended': describeOutcome(call),
    'fact.talked': call.state === 'released' ? formatDuration(call) : '',
    'fact.agent': agentId === desk.agent?.id ? '' : nameOfAgent(agentId)
  }
  const rows = Object.entries(facts).filter(([, text]) => text)
  // Updated in place, so that a selected number can be copied.
  const oldTexts = [...$('card-facts').children].map(element => element.textContent)
  const newTexts = rows.flatMap(([name, text]) => [t(name), text])
  if (oldTexts.join('\n') !== newTexts.join('\n')) {
    $('card-facts').replaceChildren(
      ...rows.flatMap(([name, text]) => [make('dt', '', t(name)), make('dd', '', text)])
    )
  }
  setText($('card-note'), customer?.note ?? '')
  $('card-note').hidden = !customer?.note
  for (const id of ['card-pop', 'card-dial', 'card-history']) $(id).hidden = customerNumber === null
}
