/* global document, window, fetch, FormData, URL, URLSearchParams, BroadcastChannel */
// The widget starts with the session in the page. When the account changes, here or in another tab,
// it gets a new one: the old one has outdated data.
const form = document.getElementById('profile')
const state = document.getElementById('state')

form.addEventListener('submit', async event => {
  event.preventDefault()
  await showResult(async () => {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(new FormData(form))
    })
    if (!answer.ok) throw new Error((await answer.json()).message)
    await renewSession()
    return 'Changed. Our agent sees the new name as unconfirmed.'
  })
})

new BroadcastChannel('account').addEventListener(
  'message',
  async () =>
    await showResult(async () => {
      const { verifiedData, unverifiedData } = await renewSession()
      const { name, email, phoneNumber } = { ...verifiedData, ...unverifiedData }
      Object.assign(form.elements.name, { value: name })
      Object.assign(form.elements.email, { value: email })
      Object.assign(form.elements.phone, { value: phoneNumber })
      return 'Your account has changed. Our agent sees the changes as unconfirmed.'
    })
)

async function renewSession () {
  const answer = await fetch(new URL('../chat/session', import.meta.url))
  const session = await answer.json()
  if (!answer.ok) throw new Error(session.message)
  if (!window.itxChatUtils) throw new Error('The chat is unavailable')
  await window.itxChatUtils.verifySession(session)
  return session
}

async function showResult (action) {
  try {
    state.textContent = await action()
  } catch (error) {
    state.textContent = `${error.message}. Our agent may see a warning.`
  }
}
