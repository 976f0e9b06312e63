import { STATUS_CODES } from 'node:http'
import { html } from 'ghtml'
import { splitList } from '../shared/settings.ts'
import { forgeries, type Lookup } from './lookup.ts'

export interface Ticket {
  readonly lookupUrl: string
  readonly queryFields: string
  readonly resultFields: string
  /** The phone number of a known customer. */
  readonly caller: string
  /** Null before the first look-up. */
  readonly last: Lookup | null
}

const forgeryTitles: Record<typeof forgeries[number], string> = {
  key: 'signed with another key',
  body: 'the number changed after signing',
  time: 'an old signature with a fresh time'
}

/** The agent's ticket: the caller to look up, and the result. */
export function renderTicket (
  { lookupUrl, queryFields, resultFields, caller, last }: Ticket
): string {
  return html`<p>Contiple looks up customers at <code>${lookupUrl}</code>.</p>
<section class="card"><h2>Incoming call</h2>
<p>A customer calls, and Contiple looks up the caller at your service. The desks of the integration service ring.</p>
<form action="/lab/lookup" method="post"><input type="hidden" name="${
    splitList(queryFields)[0] ?? 'callNum'
  }" value="${caller}"><button>Incoming call from ${caller}</button></form></section>
<section class="card"><h2>Open a ticket</h2>
<form action="/lab/lookup" method="post" class="row">
!${
    splitList(queryFields).map((name, index) =>
      html`<label>${index === 0 ? `Caller (${name})` : name}<input name="${name}"!${
        index === 0 ? html` required placeholder="${caller}"` : ''
      }></label>`
    ).join('')
  }
<label>Send<select name="forge"><option value="">a genuine request</option>!${
    forgeries.map(forge =>
      html`<option value="${forge}">a forged twin: ${forgeryTitles[forge]}</option>`
    ).join('')
  }</select></label>
<button>Look up</button></form></section>
!${last === null ? '' : renderLookup(last, splitList(resultFields))}`
}

/** A look-up without a match is not a failure of the service. */
export function classifyLookup ({ status, data }: Lookup): 'accepted' | 'refused' | 'failed' {
  if (data !== undefined) return 'accepted'
  return status !== null && status >= 400 && status < 500 ? 'refused' : 'failed'
}

function renderLookup (last: Lookup, resultFields: string[]): string {
  const { data, status, latencyMs, request, reply, error } = last
  const answer = reply === undefined
    ? String(error)
    : `HTTP ${status} ${STATUS_CODES[status ?? 0] ?? ''}\n${
      formatHeaders(reply.headers)
    }\n\n${reply.body}`
  return html`<section class="card"><h2>Ticket</h2>
<p>The agent sees: <b id="agent-sees" class="${
    classifyLookup(last)
  }">${last.agentSees}</b> <span class="quiet">(<span id="latency">${latencyMs} ms</span>)</span></p>
!${data === undefined ? '' : renderResult(data, resultFields)}
<h3>Request</h3><pre id="request">${`POST ${request.url}\n${
    formatHeaders({ ...request.headers })
  }\n\n${request.body}`}</pre>
<h3>Answer</h3><pre id="answer">${answer}</pre></section>`
}

function renderResult (data: Record<string, unknown>, resultFields: string[]): string {
  const names = resultFields.length === 0 ? Object.keys(data) : resultFields
  const extraFields = Object.keys(data).filter(name => !names.includes(name))
  return html`<table id="result"><tbody>!${
    names.map(name =>
      html`<tr><th scope="row">${name}</th><td>${
        name in data ? String(data[name]) : 'missing'
      }</td></tr>`
    ).join('')
  }</tbody></table>
!${
    extraFields.length === 0
      ? ''
      : html`<p class="quiet">Fields of the answer that are not result fields: ${
        extraFields.join(', ')
      }.</p>`
  }`
}

function formatHeaders (headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n')
}
