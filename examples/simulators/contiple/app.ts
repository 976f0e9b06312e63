import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { LookupQuery } from 'fastify-contact-center/contiple'
import { html } from 'ghtml'
import { EventLog } from '../shared/events.ts'
import { faultRoutes } from '../shared/fault-routes.ts'
import { ticking } from '../shared/faults.ts'
import { answerTo, page } from '../shared/page.ts'
import { settingsRoutes } from '../shared/settings-routes.ts'
import { contipleSuite } from './faults.ts'
import { type Forgery, forgeries, type Lookup, lookUp } from './lookup.ts'

export interface ContipleSimulatorOptions {
  /** The security key of Contiple's admin page. */
  key: string
  /** The customer information API to ask, as the administrator configured it. */
  lookupUrl: string
  /** The number of a customer whom the API knows, for the faults. */
  caller?: string
  /** The clock that requests are signed with, in epoch milliseconds. */
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

type LookupForm = LookupQuery & { forge?: Forgery | '' }

const vendor = 'NHN Contiple'

/**
 * Plays Contiple: an agent opens a ticket, and the customer information API is asked
 * who is calling. `POST /lab/lookup` opens one; with `forge` it sends a forged twin.
 */
export async function contipleSimulator (options: ContipleSimulatorOptions): Promise<FastifyInstance> {
  const { caller = '+821012345678', now = Date.now, logger = false } = options
  const values = { lookupUrl: options.lookupUrl, key: options.key, caller }
  const app = Fastify({ logger })
  const events = new EventLog(now)
  let last: Lookup | undefined
  await app.register(formbody)
  const clock = ticking(now)
  const settingsForm = settingsRoutes(app, {
    fields: { lookupUrl: { label: 'Customer information API' }, key: { label: 'Security key', secret: true }, caller: { label: 'Number of a known customer, for the faults' } },
    values
  })
  const faultTable = faultRoutes(app, { suite: contipleSuite, bench: () => ({ url: values.lookupUrl, key: values.key, caller: values.caller, now: clock }), events })

  for (const path of ['/', '/lab']) {
    app.get(path, async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(vendor, ticketPage(values.lookupUrl, last) + settingsForm() + faultTable(), events.since())))
  }
  app.get<{ Querystring: { since?: number } }>('/lab/events', {
    schema: { querystring: { type: 'object', properties: { since: { type: 'integer', minimum: 0 } } } }
  }, async request => events.since(request.query.since))

  app.post<{ Body: LookupForm }>('/lab/lookup', {
    schema: {
      body: {
        type: 'object',
        required: ['callNum'],
        properties: { callNum: { type: 'string' }, forge: { enum: ['', ...forgeries] } },
        additionalProperties: { type: 'string' }
      }
    }
  }, async (request, reply) => {
    const { forge, ...fields } = request.body
    // A form sends what was left blank, Contiple does not.
    const query = Object.fromEntries(Object.entries(fields).filter(([name, value]) => name === 'callNum' || value !== ''))
    last = await lookUp({ key: values.key, lookupUrl: values.lookupUrl, query, timestamp: now(), ...forge && { forge } })
    events.record('lookup', outcomeOf(last), `${forge ? `sent a forged twin (${forge})` : 'asked who is calling'}: ${last.agentSees}`, last)
    return answerTo(request, reply, last)
  })
  return app
}

function outcomeOf ({ status, data }: Lookup): 'accepted' | 'refused' | 'failed' {
  if (data !== undefined) return 'accepted'
  return status !== null && status >= 400 && status < 500 ? 'refused' : 'failed'
}

function ticketPage (lookupUrl: string, last: Lookup | undefined): string {
  return html`<p>Customers are looked up at <code>${lookupUrl}</code>.</p>
<h2>Open a ticket</h2>
<form action="/lab/lookup" method="post">
<label>Caller <input name="callNum" required></label> <label>Nation <input name="nation"></label>
<label>Send <select name="forge"><option value="">what Contiple sends</option>!${forgeries.map(forge => html`<option value="${forge}">a forged twin (${forge})</option>`).join('')}</select></label>
<button>Look up</button></form>
!${last === undefined ? '' : lookupPanel(last)}`
}

function lookupPanel (last: Lookup): string {
  return html`<h2>The ticket</h2>
<p id="agent-sees" class="${outcomeOf(last)}">${last.agentSees}</p>
!${last.data === undefined ? '' : html`<table>!${Object.entries(last.data).map(([name, value]) => html`<tr><th>${name}</th><td>${String(value)}</td></tr>`).join('')}</table>`}
<details><summary>${last.status ?? 'No'} answer after ${last.latencyMs} ms</summary><pre>${last.request.body}</pre><pre>${last.reply ?? last.error}</pre></details>`
}
