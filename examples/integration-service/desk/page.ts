/** Signs in, dials, and lists calls as they change. Everything it shows goes through `textContent`. */
export const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Agent desktop</title><script src="/desk/desk.js" defer></script></head>
<body>
<h1>Agent desktop</h1>
<form id="sign-in" hidden><label>Login <input name="login" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label><button>Sign in</button></form>
<section id="desk" hidden>
<p><span id="agent"></span> <button id="sign-out">Sign out</button></p>
<form id="dial"><label>Number <input name="number" type="tel" required></label><button>Dial</button></form>
<table><thead><tr><th>Call</th><th>Number</th><th>Customer</th><th>State</th><th>Ended</th><th></th></tr></thead><tbody id="calls"></tbody></table>
</section>
<p id="message" role="status"></p>
</body>
</html>
`

export const script = `
const $ = id => document.getElementById(id)
const post = body => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const fields = form => Object.fromEntries(new FormData(form))

async function api (path, options) {
  const response = await fetch(path, options)
  const answer = response.status === 204 ? null : await response.json()
  $('message').textContent = response.ok ? '' : answer.message
  if (!response.ok) throw new Error(answer.message)
  return answer
}

async function list () {
  const { calls } = await api('/api/calls')
  $('calls').replaceChildren(...calls.map(row))
}

function row (call) {
  const line = document.createElement('tr')
  for (const text of [call.callSerialNo, call.customerNumber, call.customer && call.customer.name, call.state, call.releaseText]) {
    line.insertCell().textContent = text || ''
  }
  const open = document.createElement('button')
  open.textContent = 'Open in CSC'
  open.onclick = async () => {
    const { url } = await api('/api/calls/' + encodeURIComponent(call.callSerialNo) + '/screen-pop', post({}))
    window.open(url, '_blank', 'noopener,noreferrer')
  }
  line.insertCell().append(open)
  return line
}

let events
function show (agent) {
  $('sign-in').hidden = true
  $('desk').hidden = false
  $('agent').textContent = agent.name
  events = new EventSource('/api/events')
  for (const kind of ['call.dialling', 'call.connected', 'call.released']) events.addEventListener(kind, list)
  events.onopen = list
}

$('sign-in').onsubmit = async event => {
  event.preventDefault()
  show(await api('/api/agents/session', post(fields(event.target))))
}
$('dial').onsubmit = async event => {
  event.preventDefault()
  await api('/api/calls', post(fields(event.target)))
}
$('sign-out').onclick = async () => {
  await api('/api/agents/session', { method: 'DELETE' })
  location.reload()
}
fetch('/api/agents/session').then(async response => {
  if (response.ok) show(await response.json())
  else $('sign-in').hidden = false
})
`
