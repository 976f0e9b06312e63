/* global document, window, location, fetch, FormData, URL, URLSearchParams, BroadcastChannel */
/* global localStorage, performance, setTimeout */
// The widget starts with the session in the page. When the account changes, here or in another tab,
// it gets a new one: the old one has outdated data.
const form = document.getElementById('profile')
const state = document.getElementById('state')
const widget = document.getElementById('itx-plugin')
const widgetMs = 15_000
const account = new BroadcastChannel('account')
let renewal = Promise.resolve()

form.addEventListener('submit', async event => {
  event.preventDefault()
  await showResult(async () => {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(new FormData(form))
    })
    if (!answer.ok) throw new Error((await answer.json()).message)
    Object.assign(form.elements.name, { defaultValue: form.elements.name.value })
    localStorage.setItem('account-changed', String(Date.now()))
    account.postMessage('changed')
    await renewSession()
    return 'Changed. Our agent sees the new name as unconfirmed.'
  })
})

account.addEventListener('message', showChange)
// The message of a change comes too early for a page that is still being loaded.
if (Number(localStorage.getItem('account-changed')) > performance.timeOrigin) showChange()

// A page from the browser's cache has missed messages, and the member may have signed out.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})

async function showChange () {
  await showResult(async () => {
    const { verifiedData, unverifiedData } = await renewSession()
    const { name, email, phoneNumber } = { ...verifiedData, ...unverifiedData }
    const { value, defaultValue } = form.elements.name
    // A name that is being typed stays.
    Object.assign(form.elements.name, {
      defaultValue: name,
      ...value === defaultValue && { value: name }
    })
    Object.assign(form.elements.email, { value: email })
    Object.assign(form.elements.phone, { value: phoneNumber })
    return 'Your account has changed. Our agent sees the changes as unconfirmed.'
  })
}

/** One after the other: an older session must not replace a newer one. */
function renewSession () {
  const attempt = renewal.then(async () => {
    const answer = await fetch(new URL('../chat/session', import.meta.url))
    const session = await answer.json()
    if (!answer.ok) throw new Error(session.message)
    await waitForWidget()
    await window.itxChatUtils.verifySession(session)
    return session
  })
  renewal = attempt.catch(() => {})
  return attempt
}

/** The widget's script is another company's, and may come late. */
async function waitForWidget () {
  if (!window.itxChatUtils) {
    await new Promise(resolve => {
      for (const end of ['load', 'error']) widget?.addEventListener(end, resolve)
      setTimeout(resolve, widgetMs)
    })
  }
  if (!window.itxChatUtils) throw new Error('The chat is unavailable')
}

async function showResult (action) {
  try {
    state.textContent = await action()
  } catch (error) {
    state.textContent = `${error.message}. Our agent may see a warning.`
  }
}
