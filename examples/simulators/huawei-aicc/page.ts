import { releaseReasons } from 'fastify-contact-center/huawei-aicc'
import { html } from 'ghtml'
import type { Call } from './calls.ts'

/** The calls, newest first, each with what can be done to it. */
export function callsView (calls: Call[]): string {
  if (calls.length === 0) return '<p>No calls yet.</p>'
  return html`<table><thead><tr><th>Call</th><th>From</th><th>To</th><th>State</th><th></th></tr></thead>
<tbody>!${calls.toReversed().map(callRow).join('')}</tbody></table>`
}

function callRow (call: Call): string {
  const { callSerialNo, caller, called, state, releaseReason } = call
  const how = releaseReason === null ? '' : releaseReasons[releaseReason] ?? `exception ${releaseReason}`
  return html`<tr><td>${callSerialNo}</td><td>${caller}</td><td>${called}</td><td>${state} ${how}</td><td>
!${state === 'calling' ? button(callSerialNo, 'connect', 'Connect') : ''}
!${state === 'released'
  ? ''
  : html`<form action="/lab/calls/${callSerialNo}/release" method="post"><select name="reason" aria-label="How the call ends">!${Object.entries(releaseReasons).map(([code, text]) => html`<option value="${code}">${text}</option>`).join('')}</select> <button>Release</button></form>`}
!${button(callSerialNo, 'forge', 'Send a forged release')}</td></tr>`
}

function button (callSerialNo: string, action: string, text: string): string {
  return html`<form action="/lab/calls/${callSerialNo}/${action}" method="post"><button>${text}</button></form>`
}
