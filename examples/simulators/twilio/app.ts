import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { html } from 'ghtml'
import { scheme } from 'fastify-contact-center/twilio'
import { refusePostsOfOtherSites } from '../shared/lab-routes.ts'
import { EventLog } from '../shared/events.ts'
import { replyOrRedirect, renderPage } from '../shared/page.ts'
import { serverOptions } from '../shared/server-options.ts'
import {
  Calls,
  type FinalStatus,
  finalStatuses,
  type Fields,
  createFields,
  hasEnded,
  createSid,
  type SimulatedCall
} from './calls.ts'

export interface TwilioSimulatorOptions {
  /** Signs the requests. */
  readonly authToken: string
  /** The service's voice webhook URL. */
  readonly voiceUrl: string
  /** The service's status callback URL. */
  readonly statusUrl: string
  /** Milliseconds per second of `<Pause>`. Default 1000. */
  readonly secondMs?: number
  /**
   * Milliseconds until the agent answers, and until the agent then hangs up. Default: the page does
   * both.
   */
  readonly autoRun?: { readonly answer: number, readonly talk: number }
  readonly now?: () => number
}

/** Variants by a forger. */
const forgeries = ['', 'key', 'field'] as const
type Forgery = typeof forgeries[number]

const company = '+82215881000'
const timeoutMs = 5000

/**
 * Simulates Twilio Voice: people call the company's number, and Twilio asks the service for TwiML.
 * @see https://www.twilio.com/docs/voice/twiml
 */
export async function twilioSimulator (options: TwilioSimulatorOptions): Promise<FastifyInstance> {
  const { authToken, voiceUrl, statusUrl, secondMs = 1000, autoRun, now = Date.now } = options
  const app = Fastify(serverOptions)
  const events = new EventLog(now)
  const closing = new AbortController()
  const calls = new Calls({
    voiceUrl,
    statusUrl,
    secondMs,
    ...autoRun && { autoRun },
    postSigned: async (url, fields) => {
      const { status, text } = await postSigned(url, fields)
      return status === 200 || status === 204 ? text : null
    }
  })
  app.addHook('preClose', async () => {
    calls.close()
    closing.abort()
  })
  await app.register(formbody)
  app.addHook('onRequest', refusePostsOfOtherSites)

  for (const path of ['/', '/lab']) {
    app.get(
      path,
      async (_request, reply) =>
        reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
          .send(renderPage('Twilio', renderContent(calls.all(), voiceUrl), events.since()))
    )
  }
  app.get('/lab/events', async () => events.since())
  app.get('/lab/calls', async () => calls.all())

  app.post<{ Body: { from: string, forge: Forgery } }>('/lab/incoming', {
    schema: {
      body: {
        type: 'object',
        required: ['from'],
        properties: {
          from: { type: 'string', minLength: 1, maxLength: 100 },
          forge: { enum: forgeries, default: '' }
        }
      }
    }
  }, async (request, reply) => {
    const { from, forge } = request.body
    if (forge === '') return replyOrRedirect(request, reply, await calls.begin(from, company))
    const fields = createFields({ sid: createSid(), from, to: company, status: 'ringing' })
    return replyOrRedirect(request, reply, await postSigned(voiceUrl, fields, forge))
  })

  app.post<{ Params: { sid: string }, Body: { what: string, forge: Forgery } }>(
    '/lab/calls/:sid',
    {
      schema: {
        body: {
          type: 'object',
          required: ['what'],
          properties: {
            what: {
              enum: ['answer', 'no-answer', 'hang-up', ...finalStatuses.map(end => `end-${end}`)]
            },
            forge: { enum: forgeries, default: '' }
          }
        }
      }
    },
    async (request, reply) => {
      const { what: action, forge } = request.body
      const call = calls.get(request.params.sid)
      if (call === undefined) return reply.code(404).send({ message: 'unknown call' })
      const end = action.startsWith('end-') ? action.slice(4) as FinalStatus : undefined
      if (forge !== '') {
        const fields = { ...createFields(call), CallStatus: end ?? 'completed' }
        return replyOrRedirect(request, reply, await postSigned(statusUrl, fields, forge))
      }
      // Twilio may repeat the final status.
      if (end !== undefined && hasEnded(call)) await calls.sendStatus(call, end)
      else if (end !== undefined) await calls.end(call, end)
      else await calls.controlLine(call, action as 'answer' | 'no-answer' | 'hang-up')
      return replyOrRedirect(request, reply, call)
    }
  )
  return app

  /** Posts the signed fields. `key`: signed with another token; `field`: changed after signing. */
  async function postSigned (
    url: string,
    fields: Fields,
    forge: Forgery = ''
  ): Promise<{ status: number | null, text: string }> {
    const kind = url === statusUrl ? 'status' : 'voice'
    const sent = forge === 'field' ? { ...fields, From: `${fields['From'] ?? ''}0` } : fields
    const signature = scheme.sign(
      { url, params: fields },
      forge === 'key' ? `not-${authToken}` : authToken
    )
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
          'x-twilio-signature': signature
        },
        body: new URLSearchParams(sent),
        redirect: 'manual',
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])
      })
      const text = await answer.text()
      const { status } = answer
      events.record(
        kind,
        status < 300 ? 'accepted' : status < 500 ? 'refused' : 'failed',
        `the service answered ${status} to ${sent['CallStatus']} from ${sent['From']}${
          forge === '' ? '' : ' (forged)'
        }`,
        { fields: sent, answer: text }
      )
      return { status, text }
    } catch (error) {
      events.record(kind, 'failed', `the service did not answer: ${String(error)}`)
      return { status: null, text: '' }
    }
  }
}

function renderContent (calls: readonly SimulatedCall[], voiceUrl: string): string {
  return html`<p>Twilio requests TwiML from <code>${voiceUrl}</code>. <a href="/lab">Reload</a></p>
<section class="card"><h2>Call the company</h2><form action="/lab/incoming" method="post" class="row">
<label>From<input name="from" required maxlength="100" value="+821012345678"></label>
<label>Delivery<select name="forge"><option value="">signed</option><option value="key">forged: signed with another token</option><option value="field">forged: changed after signing</option></select></label>
<button>Incoming call</button></form></section>
!${calls.toReversed().map(renderCall).join('')}`
}

function renderCall (call: SimulatedCall): string {
  const { sid, from, status, heard, line } = call
  const buttons = hasEnded(call)
    ? [[`end-${status}`, 'Send the final status again']]
    : [
      ...line === null
        ? []
        : line.isAnswered
        ? [['hang-up', 'The agent hangs up']]
        : [['answer', 'The agent answers'], ['no-answer', 'The agent does not answer']],
      ['end-completed', 'The caller hangs up'],
      ['end-failed', 'The network fails']
    ]
  return html`<section class="card"><h2>${from}</h2><p class="quiet">${sid}</p>
<p>${status}${
    line === null ? '' : `; ${line.number} ${line.isAnswered ? 'is connected' : 'rings'}`
  }</p>
<ol class="messages">!${heard.map(text => html`<li>The caller hears: ${text}</li>`).join('')}</ol>
<div class="row">!${
    buttons.map(([action, label]) =>
      html`<form action="/lab/calls/${sid}" method="post"><button name="what" value="${action}">${label}</button></form>`
    ).join('')
  }</div></section>`
}
