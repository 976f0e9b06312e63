import { html } from 'ghtml'
import type { Chat } from './chats.ts'
import type { Look } from './configurations.ts'

// Refreshes the chats unless the agent is writing.
const refreshScript = `
  const busy = () => [...document.querySelectorAll('input')].some(input => input === document.activeElement || input.value !== '')
  setInterval(async () => {
    if (busy()) return
    const shown = document.getElementById('chats')
    const now = new DOMParser().parseFromString(await (await fetch('/agent')).text(), 'text/html').getElementById('chats')
    if (now.innerHTML !== shown.innerHTML && !busy()) shown.replaceWith(now)
  }, 1500)`

/** Every chat, newest first, with "verified" or a warning, and a reply form. */
export function renderAgentView (chats: Chat[]): string {
  return html`<p>A warning means that the customer may be somebody else. <a href="/agent">Reload</a> · <a href="/lab">Lab</a></p>
<h2>Chats</h2>
<div id="chats">!${
    chats.length === 0
      ? '<p class="quiet">No chats yet.</p>'
      : chats.toReversed().map(renderChat).join('')
  }</div><script>!${refreshScript}</script>`
}

/** The configuration for a page. */
export interface Trial {
  readonly page: string
  /** Undefined if the page has no chat now. */
  readonly look: Look | undefined
}

/** The simulator's page. */
export function renderLabView (chats: Chat[], origin: string, trial: Trial | null): string {
  return html`<p>A page sets <code>window.itxChat</code>, then loads <code>${origin}/itx-plugin.js</code>.
<a href="/agent">The agent's view</a> · <a href="/lab/chats">chats as JSON</a> · <a href="/lab/events">events as JSON</a></p>
<section class="card"><h2>Chats</h2>!${
    chats.length === 0
      ? '<p class="quiet">No chats yet.</p>'
      : html`<ul>!${
        chats.toReversed().map(chat =>
          html`<li><a href="/agent#chat-${chat.id}">${chat.id.slice(0, 8)}</a> !${
            renderState(chat)
          }</li>`
        ).join('')
      }</ul>`
  }</section>
<section class="card"><h2>Chat configuration of a page</h2><form class="row"><label>URL of the page<input name="page" type="url" required value="${
    trial?.page ?? ''
  }"></label><button>Show</button></form>
!${
    trial === null
      ? ''
      : html`<p id="configuration">!${
        trial.look === undefined
          ? '<span class="warning">None: this page has no open chat.</span>'
          : html`<b>${trial.look.configuration}</b>, titled ${trial.look.title}, in ${trial.look.color}`
      }</p>`
  }</section>`
}

function renderChat (chat: Chat): string {
  const state = chat.verified ? 'verified' : chat.checked ? 'warning' : 'not checked'
  return html`<article id="chat-${chat.id}" class="card"><h3>!${renderState(chat)}</h3>
!${
    chat.configuration === null
      ? ''
      : html`<p class="quiet">Chat configuration: ${chat.configuration}</p>`
  }
<table><tbody>!${renderRows(chat.verifiedData, state)}!${renderRows(chat.root, state)}!${
    renderRows(chat.unverifiedData, 'not verified')
  }</tbody></table>
<ol class="messages">!${
    chat.messages.map(({ from, text }) => html`<li>${from}: ${text}</li>`).join('')
  }</ol>
<form method="post" action="/agent/chats/${chat.id}/messages" class="row"><label>Answer<input name="text" required maxlength="2000"></label><button>Send</button></form></article>`
}

function renderState ({ verified, checked }: Chat): string {
  if (!checked) return '<span>not checked: hash verification is off</span>'
  return verified
    ? '<span class="verified">verified</span>'
    : '<span class="warning">warning: the hash is wrong or missing</span>'
}

function renderRows (data: Record<string, unknown>, state: string): string {
  return Object.entries(data).map(([name, value]) =>
    html`<tr><th scope="row">${name}</th><td>${
      typeof value === 'string' ? value : JSON.stringify(value)
    }</td><td class="${state}">${state}</td></tr>`
  ).join('')
}
