/* global document, location, window, fetch */
// The widget of the simulated portal. It takes the portal's address from its own script URL, and
// sets styles through the DOM because a page's policy may forbid style attributes.
;(function () {
  // In a single-page app the script runs once, even if its tag is added again.
  if (window.itxChatUtils) return
  const portal = new URL('.', (document.currentScript || document.getElementById('itx-plugin')).src)
  // The page's address selects the chat configuration.
  const opening = send('session?url=' + encodeURIComponent(location.href), window.itxChat || {})
  let title = 'Chat'
  let newestShown = 0

  window.itxChatUtils = {
    verifySession: async function (session) {
      const { sessionId } = await opening
      const answer = await send('session/' + sessionId + '/verify', session)
      showState(answer.verified)
      return answer
    }
  }

  const panel = addElement(document.body, 'section', {
    position: 'fixed',
    right: '1rem',
    bottom: '1rem',
    width: '18rem',
    maxWidth: 'calc(100vw - 4rem)',
    font: '14px/1.4 system-ui, sans-serif',
    color: '#111',
    background: '#fff',
    border: '1px solid #888',
    borderRadius: '.5rem',
    overflow: 'hidden',
    zIndex: '1000'
  })
  panel.id = 'itx-chat'
  const state = addElement(panel, 'strong', {
    display: 'block',
    padding: '.5rem .7rem',
    color: '#fff',
    background: '#555'
  })
  state.textContent = title
  const list = addElement(panel, 'ol', {
    height: '10rem',
    overflowY: 'auto',
    listStyle: 'none',
    margin: '0',
    padding: '.5rem .7rem',
    overflowWrap: 'anywhere'
  })
  list.setAttribute('aria-label', 'Conversation')
  list.setAttribute('aria-live', 'polite')
  list.setAttribute('tabindex', '0')
  const form = addElement(panel, 'form', { display: 'flex', gap: '.3rem', padding: '.5rem .7rem' })
  const input = addElement(form, 'input', {
    flex: '1',
    minWidth: '0',
    font: 'inherit',
    color: '#111',
    background: '#fff',
    border: '1px solid #777',
    padding: '.3rem'
  })
  input.setAttribute('aria-label', 'Message')
  addElement(form, 'button', {
    font: 'inherit',
    color: '#111',
    background: '#eee',
    border: '1px solid #777'
  }).textContent = 'Send'
  form.addEventListener('submit', async function (event) {
    event.preventDefault()
    const text = input.value.trim()
    if (text === '') return
    input.value = ''
    try {
      const { sessionId } = await opening
      await send('session/' + sessionId + '/messages', { text })
      await refresh(sessionId)
    } catch {
      if (input.value === '') input.value = text
      state.textContent = title + ' (not sent)'
    }
  })

  opening.then(function ({ sessionId, verified, look }) {
    title = look.title
    state.style.background = look.color
    showState(verified)
    setInterval(function () {
      refresh(sessionId).catch(function () {/* the next one tries again */})
    }, 1500)
  }, function ({ status }) {
    // No open configuration matches this page, so the page has no chat.
    if (status === 404) panel.remove()
    else state.textContent = title + ' (no connection)'
  })

  function showState (verified) {
    state.textContent = verified ? title + ' (verified)' : title
  }

  async function refresh (sessionId) {
    const answer = await fetch(new URL('session/' + sessionId + '/messages', portal))
    if (!answer.ok) return
    const messages = await answer.json()
    const newest = messages.length === 0 ? 0 : messages[messages.length - 1].id
    // An old answer may come late.
    if (newest <= newestShown) return
    newestShown = newest
    list.replaceChildren()
    for (const message of messages) {
      addElement(list, 'li', {}).textContent = (message.from === 'agent' ? 'Agent: ' : 'You: ') +
        message.text
    }
    list.scrollTop = list.scrollHeight
  }

  async function send (path, body) {
    const answer = await fetch(new URL(path, portal), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
    if (!answer.ok) {
      throw Object.assign(new Error('the portal answered ' + answer.status), {
        status: answer.status
      })
    }
    return await answer.json()
  }

  function addElement (parent, name, style) {
    const element = document.createElement(name)
    Object.assign(element.style, style)
    parent.append(element)
    return element
  }
})()
