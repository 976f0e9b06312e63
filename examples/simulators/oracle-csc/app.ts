import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import oracleCsc, { defaultNames, maskClickToCallUrl, readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import { html } from 'ghtml'
import { EventLog } from '../shared/events.ts'
import { page } from '../shared/page.ts'

export interface OracleCscSimulatorOptions {
  /** The key that the CTI side signs with. */
  key: string
  /** The address under which the agent's browser reaches this app, for links of the lab page. Default: the host that was asked. */
  url?: string
  /** The FTCallID check is on. */
  checkCallId?: boolean
  /** `'required'` (default): a URL signs the agent in or is refused. `'off'`: no hash is configured, and the agent logs in by hand. */
  hash?: 'required' | 'off'
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

const vendor = 'Oracle Commerce Service Center'

/**
 * Plays CSC: `/agent/main` takes a click-to-call URL and shows the agent's page, or a
 * 403 page. It accepts what CSC would, so our rules for user names and numbers are off.
 */
export async function oracleCscSimulator (options: OracleCscSimulatorOptions): Promise<FastifyInstance> {
  const { key, url, checkCallId = false, hash = 'required', now = Date.now, logger = false } = options
  const app = Fastify({ logger: masked(logger) })
  // Fastify's own handler logs the URL whole.
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html; charset=utf-8').send(page(vendor, '<p>There is nothing here.</p>')))
  const events = new EventLog(now)
  await app.register(oracleCsc, {
    keys: key, checkCallId, now, strict: false, usernamePattern: false, callerIdPattern: false, callIdPattern: false, confusable: 'allow'
  })

  for (const path of ['/agent/main', '/agent/main.jsp']) {
    app.get(path, async (request, reply) => {
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
      const refusal = hash === 'required' ? await refusalOf(request) : null
      const call = fieldsOf(request)
      if (refusal !== null) {
        events.record('click-to-call', 'refused', `refused a click-to-call URL: ${refusal}`, { ...call, code: refusal })
        return reply.code(403).send(page(vendor, refusedPage(refusal)))
      }
      const signedIn = hash === 'required'
      events.record('click-to-call', 'accepted', signedIn ? `signed in ${call.username} for ${call.callerId}` : `asked ${call.username} to log in for ${call.callerId}`, { ...call, signedIn })
      return page(vendor, agentPage(call, signedIn))
    })
  }

  app.get('/lab', async (request, reply) => {
    const base = new URL('/agent/main', url ?? `http://${request.host}`).href
    return reply.type('text/html; charset=utf-8').send(page(vendor, labPage(base, hash, checkCallId), events.since()))
  })
  app.get<{ Querystring: { since?: number } }>('/lab/events', {
    schema: { querystring: { type: 'object', properties: { since: { type: 'integer', minimum: 0 } } } }
  }, async request => events.since(request.query.since))
  return app

  async function refusalOf (request: FastifyRequest): Promise<string | null> {
    try {
      await app.oracleCsc.verify(request)
      return null
    } catch (error) {
      return (error as { code: string }).code
    }
  }
}

interface Call { username: string, callerId: string, callId?: string }

/** What the page and the log may show: never the hash. */
function fieldsOf (request: FastifyRequest): Call {
  try {
    const { username = '', callerId = '', callId } = readClickToCallUrl(request.url)
    return { username, callerId, ...callId !== undefined && { callId } }
  } catch {
    // A query that two parsers could read differently says nothing reliable.
    return { username: '', callerId: '' }
  }
}

function agentPage ({ username, callerId, callId }: Call, signedIn: boolean): string {
  return html`<h2>Agent ${username}</h2>
!${signedIn
  ? html`<p class="verified" id="sign-in">signed in by hash</p>`
  : html`<form id="sign-in"><p class="warning">No hash is configured: log in by hand.</p>
<label>User name <input name="login" value="${username}" autocomplete="off"></label> <label>Password <input name="password" type="password" autocomplete="off"></label> <button type="button">Log in</button></form>`}
<h2>Call</h2>
<table><tr><th>Caller</th><td id="caller">${callerId}</td></tr><tr><th>Call id</th><td id="call-id">${callId ?? 'none'}</td></tr></table>`
}

function refusedPage (code: string): string {
  return html`<h2 class="refused">Refused</h2><p>This click-to-call URL was refused (${code}). No agent was signed in.</p>`
}

function labPage (base: string, hash: string, checkCallId: boolean): string {
  const { callerId, callId } = defaultNames
  return html`<p>Agents are sent to <code>${base}</code>. Hash: ${hash}. FTCallID check: ${checkCallId ? 'on' : 'off'}.</p>
<h2>Try a URL by hand</h2>
<form action="${base}"><input type="hidden" name="clickToCallInit" value="true">
<label>User name <input name="username"></label> <label>Hash <input name="hash"></label> <label>Number <input name="${callerId}"></label> <label>Call id <input name="${callId}"></label>
<button>Open</button></form>`
}

/** Requests are logged without what signs an agent in or names a person. */
function masked (logger: Exclude<FastifyServerOptions['logger'], undefined>) {
  if (logger === false) return false
  const own = logger === true ? {} : logger
  const req = ({ method, url }: { method: string, url: string }) => ({ method, url: maskClickToCallUrl(url) })
  return { ...own, serializers: { ...own.serializers, req } }
}
