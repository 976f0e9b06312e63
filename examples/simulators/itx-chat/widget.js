/* global document, window, fetch */
// The widget that the simulated portal serves. It knows the portal by the address of its
// own script, and styles through the DOM because a page's policy may forbid style attributes.
(function () {
  // In a single-page app the script runs once, however often its tag is added.
  if (window.itxChatUtils) return
  const portal = new URL('.', (document.currentScript || document.getElementById('itx-plugin')).src)
  const opened = send('session', window.itxChat || {})

  window.itxChatUtils = {
    verifySession: async function (session) {
      const { sessionId } = await opened
      const answer = await send('session/' + sessionId + '/verify', session)
      showState(answer.verified)
      return answer
    }
  }

  const box = add(document.body, 'section', { position: 'fixed', right: '1rem', bottom: '1rem', width: '18rem', padding: '.6rem', font: '14px sans-serif', color: '#111', background: '#fff', border: '1px solid #888', borderRadius: '.5rem' })
  box.id = 'itx-chat'
  const state = add(box, 'strong', {})
  state.textContent = 'Chat'
  const list = add(box, 'ol', { height: '10rem', overflowY: 'auto', listStyle: 'none', padding: '0' })
  const form = add(box, 'form', { display: 'flex' })
  const input = add(form, 'input', { flex: '1' })
  input.setAttribute('aria-label', 'Message')
  add(form, 'button', {}).textContent = 'Send'
  form.addEventListener('submit', async function (event) {
    event.preventDefault()
    const text = input.value.trim()
    if (text === '') return
    input.value = ''
    const { sessionId } = await opened
    await send('session/' + sessionId + '/messages', { text })
    await refresh(sessionId)
  })

  opened.then(function ({ sessionId, verified }) {
    showState(verified)
    setInterval(refresh, 1500, sessionId)
  }, function () {
    state.textContent = 'Chat (no connection)'
  })

  function showState (verified) {
    state.textContent = verified ? 'Chat (verified)' : 'Chat'
  }

  async function refresh (sessionId) {
    const answer = await fetch(new URL('session/' + sessionId + '/messages', portal))
    if (!answer.ok) return
    const messages = await answer.json()
    list.replaceChildren()
    for (const message of messages) add(list, 'li', {}).textContent = (message.from === 'agent' ? 'Agent: ' : 'You: ') + message.text
  }

  async function send (path, body) {
    const answer = await fetch(new URL(path, portal), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error('the portal answered ' + answer.status)
    return await answer.json()
  }

  function add (parent, name, style) {
    const element = document.createElement(name)
    Object.assign(element.style, style)
    parent.append(element)
    return element
  }
})()
