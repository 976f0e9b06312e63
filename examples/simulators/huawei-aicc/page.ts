import { releaseReasons, voiceNotificationReasons } from 'fastify-contact-center/huawei-aicc'
import { html } from 'ghtml'
import type { Call } from './calls.ts'
import type { Delivery } from './delivery.ts'
import { tokenPath } from './tokens.ts'

/** The calls and callbacks, newest first, with the actions for each call. */
export function renderCalls (
  calls: readonly Call[],
  deliveries: readonly Delivery[],
  tokens: ReadonlyArray<{ readonly until: number }>
): string {
  return html`<p>Your service calls <code>POST /apiaccess/CC-Management/v1/mobileAgent/createCall</code> here. You advance calls by the buttons, or the settings advance them automatically. <a href="/lab">Reload</a></p>
<section class="card"><h2>Incoming call</h2>
<p>A customer calls an agent's line. The callbacks are the same as for other calls, with the customer as the caller.</p>
<form action="/lab/incoming" method="post" class="row"><label>Customer<input name="caller" required value="+821012345678"></label>
<label>Agent's line<input name="called" required value="+82215881001"></label><button>Incoming call</button></form></section>
<section class="card"><h2>Calls</h2>
!${
    calls.length === 0
      ? '<p class="quiet">No calls yet.</p>'
      : html`<table id="calls"><thead><tr><th>Call</th><th>From</th><th>To</th><th>State</th><th>Actions</th></tr></thead>
<tbody>!${calls.toReversed().map(renderCall).join('')}</tbody></table>`
  }</section>
<section class="card"><h2>Callbacks</h2>
!${
    deliveries.length === 0
      ? '<p class="quiet">No callbacks yet.</p>'
      : html`<table id="deliveries"><thead><tr><th>Callback</th><th>Call</th><th>Attempts</th><th>State</th><th>Last answer</th></tr></thead>
<tbody>!${deliveries.toReversed().map(renderDelivery).join('')}</tbody></table>`
  }
!${notificationForm}</section>
<section class="card"><h2>Access tokens</h2>
<p>Your service may request tokens for createCall at <code>POST ${tokenPath}</code>, with the app key and its secret.</p>
!${tokens.length === 0 ? '<p class="quiet">No valid tokens.</p>' : renderTokens(tokens)}</section>`
}

function renderTokens (tokens: ReadonlyArray<{ readonly until: number }>): string {
  const expiryTimes = tokens.map(({ until }) => new Date(until).toISOString().slice(11, 19)).join(
    ', '
  )
  return html`<p id="tokens">Valid tokens: ${tokens.length}. Expiry: ${expiryTimes}.</p>
<form action="/lab/tokens/expire" method="post"><button>Expire now</button></form>`
}

const stateTexts: Record<Call['state'], string> = {
  calling: 'calling the agent',
  ringing: 'calling the customer',
  talking: 'talking',
  released: 'released'
}

function renderCall (call: Call): string {
  const { callSerialNo, caller, called, state, releaseReason } = call
  const reasonText = releaseReason === null
    ? ''
    : `: ${releaseReasons[releaseReason] ?? `exception ${releaseReason}`}`
  return html`<tr><td>${callSerialNo}</td><td>${caller}</td><td>${called}</td><td>${
    stateTexts[state]
  }${reasonText}</td><td><div class="row">
!${state === 'calling' ? renderButton(callSerialNo, 'ring', 'Agent answers') : ''}
!${state === 'ringing' ? renderButton(callSerialNo, 'connect', 'Customer answers') : ''}
!${
    state === 'released'
      ? ''
      : renderButton(callSerialNo, 'run', 'Run automatically') + renderReleaseForm(callSerialNo)
  }
!${renderButton(callSerialNo, 'forge', 'Send a forged release')}</div></td></tr>`
}

function renderReleaseForm (callSerialNo: string): string {
  return html`<form action="/lab/calls/${callSerialNo}/release" method="post"><select name="reason" aria-label="Release reason">!${
    renderOptions(releaseReasons)
  }</select> <button>Release</button></form>`
}

function renderButton (callSerialNo: string, action: string, text: string): string {
  return html`<form action="/lab/calls/${callSerialNo}/${action}" method="post"><button>${text}</button></form>`
}

function renderDelivery (
  { id, kind, callSerialNo, url, state, attempts, nextAt }: Delivery
): string {
  const outcome = state === 'taken' ? 'accepted' : 'failed'
  const next = nextAt === null
    ? ''
    : `, next attempt at ${new Date(nextAt).toISOString().slice(11, 23)}`
  const last = attempts.at(-1)
  return html`<tr id="delivery-${id}"><td>${kind}<br><small>${url}</small></td><td>${callSerialNo}</td><td>${attempts.length}</td><td class="${outcome}">${state}${next}</td><td>${
    last === undefined ? '' : `${last.status ?? 'none'}: ${last.text}`
  }</td></tr>`
}

const notificationForm = html`<h3>Send a voice-notification callback</h3>
<form action="/lab/voice-notification" method="post" class="row"><label>callData<input name="callData"></label>
<label>Reason<select name="reason">!${
  renderOptions(voiceNotificationReasons)
}</select></label><button>Send</button></form>`

function renderOptions (reasons: Readonly<Record<string, string>>): string {
  return Object.entries(reasons).map(([code, text]) =>
    html`<option value="${code}">${code}: ${text}</option>`
  ).join('')
}
