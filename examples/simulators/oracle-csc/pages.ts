import type { ParameterNames } from 'fastify-contact-center/oracle-csc'
import { html } from 'ghtml'
import type { Call, Refusal } from './gate.ts'

/** How the agent signed in; null before a manual log-in. */
export type SignIn = 'by hash' | 'by password' | null

/** The agent's page after CSC accepts the URL. */
export function renderAgent ({ username, callerId, callId }: Call, signIn: SignIn): string {
  return html`<section class="card"><h2>Agent ${username}</h2>
!${
    signIn === null
      ? renderLoginForm({ username, callerId, ...callId !== undefined && { callId } })
      : html`<p class="verified" id="sign-in">signed in ${signIn}</p>`
  }</section>
<section class="card"><h2>Call</h2>
<table><tbody><tr><th scope="row">Caller</th><td id="caller">${callerId}</td></tr><tr><th scope="row">Call id</th><td id="call-id">${
    callId ?? 'none'
  }</td></tr></tbody></table></section>`
}

function renderLoginForm ({ username, callerId, callId = '' }: Call): string {
  return html`<form id="sign-in" action="/agent/login" method="post"><p class="warning">No hash is configured: log in by password.</p>
<input type="hidden" name="callerId" value="${callerId}"><input type="hidden" name="callId" value="${callId}">
<div class="row"><label>User name<input name="username" value="${username}" autocomplete="off" required></label>
<label>Password<input name="password" type="password" autocomplete="off" required></label><button>Log in</button></div><p class="quiet">The simulator accepts any password.</p></form>`
}

export function renderRefusal ({ code, reason, explanation }: Refusal): string {
  return html`<section class="card"><h2 class="refused">Refused</h2><p id="reason">${reason} (${code})</p><p>CSC did not sign the agent in.</p>
!${explanation === undefined ? '' : html`<p id="explanation">${explanation}</p>`}</section>`
}

export interface TryPage {
  /** The base of the agents' URL. */
  readonly base: string
  readonly hash: string
  readonly algorithm: string
  readonly checkCallId: string
  readonly names: ParameterNames
}

/** The accepted URLs, and a form to build one. */
export function renderTryPage (
  { base, hash, algorithm, checkCallId, names: { username, callerId, callId, hash: hashName } }:
    TryPage
): string {
  return html`<p>Agents open <code>${base}</code>. Hash: ${hash}!${
    hash === 'off' ? '' : html` (${algorithm})`
  }. FTCallID check: ${checkCallId}.</p>
<section class="card"><h2>Build a URL</h2>
<form action="${base}" class="row"><input type="hidden" name="clickToCallInit" value="true">
<label>User name<input name="${username}"></label><label>Number<input name="${callerId}"></label><label>Call id<input name="${callId}"></label><label>Hash<input name="${hashName}"></label>
<button>Open</button></form></section>`
}
