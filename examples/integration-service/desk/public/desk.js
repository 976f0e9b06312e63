/* global document, location, FormData */
// The agent desktop: who is signed in, and what the parts do with each other.
import { api, sessionIsOver } from './api.js'
import { clearCalls, listCalls, paintChosen, put, refreshCall, tick } from './calls.js'
import { choose, startCard } from './card.js'
import { listChats } from './chats.js'
import { refreshHistory, search, startHistory } from './history.js'
import { listen, stopListening } from './live.js'
import { $, announce, guarded, showProblem } from './page.js'

let ticking

$('sign-in').addEventListener(
  'submit',
  guarded(async () => {
    const agent = await api.signIn(Object.fromEntries(new FormData($('sign-in'))))
    $('sign-in').reset()
    open(agent)
  })
)
$('sign-out').addEventListener(
  'click',
  guarded(async () => {
    await api.signOut()
    // Nothing of what was shown stays in the page.
    location.reload()
  })
)
$('dial').addEventListener(
  'submit',
  guarded(async () => {
    await dial($('dial').elements.number.value)
    $('dial').reset()
  })
)
document.addEventListener('signed-out', close)

startCard({ dial, search: number => search(number, true) })
startHistory({ dial, choose: show })
api.whoAmI().then(open, error => {
  close()
  if (error.status !== 401) showProblem(error.message)
})

function open (agent) {
  $('agent').textContent = agent.name
  showSignedIn(true)
  $('dial').elements.number.focus()
  ticking = setInterval(tick, 1000)
  listen({
    onStart: () =>
      Promise.all([listCalls(), listChats({ dial }), refreshHistory()]).catch(error =>
        showProblem(error.message)
      ),
    onEvent: (kind, { callSerialNo, chatId }) => {
      const looks = callSerialNo === undefined
        ? [listChats({ dial, news: chatId })]
        : [refreshCall(callSerialNo), refreshHistory()]
      Promise.all(looks).catch(error => showProblem(error.message))
    }
  })
}

/** The session is over. */
function close () {
  const wasOpen = !$('workspace').hidden
  stopListening()
  clearInterval(ticking)
  clearCalls()
  choose(null)
  showSignedIn(false)
  if (wasOpen) showProblem(sessionIsOver)
  $('sign-in').elements.login.focus()
}

function showSignedIn (isSignedIn) {
  for (const id of ['workspace', 'who', 'connection']) $(id).hidden = !isSignedIn
  $('sign-in-panel').hidden = isSignedIn
}

async function dial (number) {
  const call = await api.dial(number)
  put(call)
  show(call, false)
  announce(`Dialling ${call.customer?.name ?? call.customerNumber}`)
}

function show (call, go = true) {
  choose(call, go)
  paintChosen()
}
