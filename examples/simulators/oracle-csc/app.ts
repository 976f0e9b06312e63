import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import oracleCsc, { defaultNames, maskClickToCallUrl, type ParameterNames, readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import { html } from 'ghtml'
import { EventLog } from '../shared/events.ts'
import { faultRoutes } from '../shared/fault-routes.ts'
import { page } from '../shared/page.ts'
import { settingsRoutes } from '../shared/settings-routes.ts'
import { oracleCscSuite } from './faults.ts'

export interface OracleCscSimulatorOptions {
  /** The key that the CTI side signs with. */
  key: string
  /** The address under which the agent's browser reaches this app, for links of the lab page. Default: the host that was asked. */
  url?: string
  /** The FTCallID check is on. */
  checkCallId?: boolean
  /** `'required'` (default): a URL signs the agent in or is refused. `'off'`: no hash is configured, and the agent logs in by hand. */
  hash?: 'required' | 'off'
  /** Where a service gives click-to-call URLs, for the faults: `{username}`, `{callerId}` and `{callId}` in it are filled in. */
  targetUrl?: string
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

const vendor = 'Oracle Commerce Service Center'

/**
 * Plays CSC: `/agent/main` takes a click-to-call URL and shows the agent's page, or a
 * 403 page. It accepts what CSC would, so our rules for user names and numbers are off.
 */
export async function oracleCscSimulator (options: OracleCscSimulatorOptions): Promise<FastifyInstance> {
  const { url, now = Date.now, logger = false } = options
  const values = {
    key: options.key,
    hash: options.hash ?? 'required',
    checkCallId: options.checkCallId === true ? 'on' : 'off',
    targetUrl: options.targetUrl ?? '',
    usernameName: defaultNames.username,
    callerIdName: defaultNames.callerId,
    callIdName: defaultNames.callId,
    hashName: defaultNames.hash
  }
  const app = Fastify({ logger: masked(logger) })
  // Fastify's own handler logs the URL whole.
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html; charset=utf-8').send(page(vendor, '<p>There is nothing here.</p>')))
  const events = new EventLog(now)
  await app.register(formbody)
  let verifier = await createVerifier()
  const settingsForm = settingsRoutes(app, {
    fields: {
      key: { label: 'secretKeyForHashCompare', secret: true },
      hash: { label: 'Hash', choices: ['required', 'off'] },
      checkCallId: { label: 'checkFTCallID', choices: ['on', 'off'] },
      usernameName: { label: 'loginParamName' },
      callerIdName: { label: 'callerIDParamName' },
      callIdName: { label: 'FTCallIDParamName' },
      hashName: { label: 'hashParamName' },
      targetUrl: { label: 'Click-to-call URLs for the faults come from' }
    },
    values,
    async apply () {
      const next = await createVerifier()
      await verifier.close()
      verifier = next
    }
  })
  const faultTable = faultRoutes(app, {
    suite: oracleCscSuite,
    bench: () => ({ url: values.targetUrl || 'http://127.0.0.1:9/', method: 'GET' as const, key: values.key, checkCallId: values.checkCallId === 'on' }),
    events
  })
  app.addHook('onClose', async () => { await verifier.close() })

  for (const path of ['/agent/main', '/agent/main.jsp']) {
    app.get(path, async (request, reply) => {
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
      const refusal = values.hash === 'required' ? await refusalOf(request) : null
      const call = fieldsOf(request, names())
      if (refusal !== null) {
        events.record('click-to-call', 'refused', `refused a click-to-call URL: ${refusal}`, { ...call, code: refusal })
        return reply.code(403).send(page(vendor, refusedPage(refusal)))
      }
      const signedIn = values.hash === 'required'
      events.record('click-to-call', 'accepted', signedIn ? `signed in ${call.username} for ${call.callerId}` : `asked ${call.username} to log in for ${call.callerId}`, { ...call, signedIn })
      return page(vendor, agentPage(call, signedIn))
    })
  }

  app.get('/lab', async (request, reply) => {
    const base = new URL('/agent/main', url ?? `http://${request.host}`).href
    return reply.type('text/html; charset=utf-8').send(page(vendor, labPage(base, values.hash, values.checkCallId, names()) + settingsForm() + faultTable(), events.since()))
  })
  app.get<{ Querystring: { since?: number } }>('/lab/events', {
    schema: { querystring: { type: 'object', properties: { since: { type: 'integer', minimum: 0 } } } }
  }, async request => events.since(request.query.since))
  return app

  function names (): Partial<ParameterNames> {
    return { username: values.usernameName, callerId: values.callerIdName, callId: values.callIdName, hash: values.hashName }
  }

  /** What CSC is set to is fixed when the plugin is registered, so other settings are another app, which only verifies. */
  async function createVerifier (): Promise<FastifyInstance> {
    const gate = Fastify()
    await gate.register(oracleCsc, {
      keys: values.key, checkCallId: values.checkCallId === 'on', parameterNames: names(), now, strict: false, usernamePattern: false, callerIdPattern: false, callIdPattern: false, confusable: 'allow'
    })
    await gate.ready()
    return gate
  }

  async function refusalOf (request: FastifyRequest): Promise<string | null> {
    try {
      await verifier.oracleCsc.verify(request)
      return null
    } catch (error) {
      return (error as { code: string }).code
    }
  }
}

interface Call { username: string, callerId: string, callId?: string }

/** What the page and the log may show: never the hash. */
function fieldsOf (request: FastifyRequest, names: Partial<ParameterNames>): Call {
  try {
    const { username = '', callerId = '', callId } = readClickToCallUrl(request.url, { names })
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

function labPage (base: string, hash: string, checkCallId: string, names: Partial<ParameterNames>): string {
  const { username, callerId, callId, hash: hashName } = { ...defaultNames, ...names }
  return html`<p>Agents are sent to <code>${base}</code>. Hash: ${hash}. FTCallID check: ${checkCallId}.</p>
<h2>Try a URL by hand</h2>
<form action="${base}"><input type="hidden" name="clickToCallInit" value="true">
<label>User name <input name="${username}"></label> <label>Hash <input name="${hashName}"></label> <label>Number <input name="${callerId}"></label> <label>Call id <input name="${callId}"></label>
<button>Open</button></form>`
}

/** Requests are logged without what signs an agent in or names a person. */
function masked (logger: Exclude<FastifyServerOptions['logger'], undefined>) {
  if (logger === false) return false
  const own = logger === true ? {} : logger
  const req = ({ method, url }: { method: string, url: string }) => ({ method, url: maskClickToCallUrl(url) })
  return { ...own, serializers: { ...own.serializers, req } }
}
