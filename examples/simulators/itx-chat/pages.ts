import { html } from 'ghtml'
import type { Chat } from './chats.ts'

/** Every chat, newest first, with "verified" or a warning, and a form to answer. */
export function agentView (chats: Chat[]): string {
  return html`<h2>Chats</h2>
<p>Be cautious with a chat that shows a warning: whoever writes there is not known to be who the page says. <a href="/agent">Reload</a></p>
!${chats.length === 0 ? '<p>No chat yet.</p>' : chats.toReversed().map(chatView).join('')}`
}

/** What this stand-in offers, for people. */
export function labView (chats: Chat[]): string {
  return html`<p>A page loads <code>/itx-plugin.js</code> after it has set <code>window.itxChat</code>.
<a href="/agent">The agent's view</a>, <a href="/lab/chats">chats as JSON</a>, <a href="/lab/events">events as JSON</a>.</p>
<ul>!${chats.toReversed().map(chat => html`<li>${chat.id}: !${stateOf(chat)}</li>`).join('')}</ul>`
}

function chatView (chat: Chat): string {
  return html`<article id="chat-${chat.id}"><h3>!${stateOf(chat)}</h3>
<table><tbody>!${rows(chat.verifiedData, chat.verified ? 'verified' : 'warning')}!${rows(chat.root, chat.verified ? 'verified' : 'warning')}!${rows(chat.unverifiedData, 'not verified')}</tbody></table>
<ol>!${chat.messages.map(({ from, text }) => html`<li>${from}: ${text}</li>`).join('')}</ol>
<form method="post" action="/agent/chats/${chat.id}/messages"><input name="text" aria-label="Answer" required><button>Answer</button></form></article>`
}

function stateOf ({ verified }: Chat): string {
  return verified ? '<span class="verified">verified</span>' : '<span class="warning">warning: the hash does not match, or there is none</span>'
}

function rows (data: Record<string, unknown>, state: string): string {
  return Object.entries(data).map(([name, value]) => html`<tr><th>${name}</th><td>${typeof value === 'string' ? value : JSON.stringify(value)}</td><td class="${state}">${state}</td></tr>`).join('')
}
