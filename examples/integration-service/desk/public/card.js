// Who the chosen call is with.
import { durationOf, outcomeOf, stateOf, timeText } from './format.js'
import { $, guarded, make } from './page.js'
import { screenPop } from './screen-pop.js'

let call = null

/** The call whose customer is shown, or null. */
export function chosen () {
  return call
}

/** Shows the customer of a call; `go` takes the reader there, too. */
export function choose (next, go = false) {
  call = next
  paint()
  if (go) {
    $('card-title').focus()
    $('card-panel').scrollIntoView({ block: 'nearest' })
  }
}

/** Shows what is new about the chosen call. */
export function refreshCard (news) {
  if (call?.callSerialNo === news.callSerialNo) choose(news)
}

/** `dial` and `search` are given a number. */
export function startCard ({ dial, search }) {
  $('card-pop').addEventListener('click', guarded(() => screenPop(call.callSerialNo)))
  $('card-dial').addEventListener('click', guarded(() => dial(call.customerNumber)))
  $('card-history').addEventListener('click', guarded(() => search(call.customerNumber)))
}

function paint () {
  $('no-card').hidden = call !== null
  $('card').hidden = call === null
  if (call === null) return
  const { customer, customerNumber, agentId } = call
  $('card-name').textContent = customer?.name ?? 'Not a known customer'
  const facts = {
    Number: customerNumber,
    'E-mail': customer?.email,
    'Customer no.': customer?.id,
    Call: [stateOf(call)[0], timeText(call.createdAt)].join(', '),
    Ended: outcomeOf(call),
    Talked: call.state === 'released' ? durationOf(call) : '',
    Agent: agentId
  }
  $('card-facts').replaceChildren(
    ...Object.entries(facts).filter(([, text]) => text).flatMap((
      [name, text]
    ) => [make('dt', '', name), make('dd', '', text)])
  )
  $('card-note').textContent = customer?.note ?? ''
  $('card-note').hidden = !customer?.note
  for (const id of ['card-pop', 'card-dial', 'card-history']) $(id).hidden = customerNumber === null
}
